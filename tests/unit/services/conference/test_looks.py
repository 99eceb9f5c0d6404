"""One instance that is away holds up nobody but its own rooms."""

from __future__ import annotations

from dataclasses import replace

import eventlet
from eventlet.event import Event

from services.conference.looks import Looks, by_instance
from tests.unit.services.conference.test_placement import WAITING


def test_a_look_that_goes_on_is_not_begun_again_and_holds_up_no_other() -> None:
    looks, answer, seen = Looks(), Event(), []

    def dead() -> None:
        seen.append("dead")
        answer.wait()

    for _ in range(2):
        looks.begin("dead", dead)
        looks.begin("alive", lambda: seen.append("alive"))
        eventlet.sleep()
    assert seen == ["dead", "alive", "alive"]
    answer.send()
    eventlet.sleep()
    looks.begin("dead", dead)
    eventlet.sleep()
    assert seen[-1] == "dead"


def test_what_fails_is_looked_at_again() -> None:
    looks, seen = Looks(), []

    def fail() -> None:
        seen.append("tried")
        raise OSError("away")

    for _ in range(2):
        looks.begin("one", fail)
        eventlet.sleep()
    assert seen == ["tried", "tried"]


def test_conferences_by_instance() -> None:
    other, nowhere = replace(WAITING, instance="sfu-1"), replace(WAITING, instance=None)
    assert by_instance([WAITING, other, nowhere]) == {"sfu-0": [WAITING], "sfu-1": [other], None: [nowhere]}
