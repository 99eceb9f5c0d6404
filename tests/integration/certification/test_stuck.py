"""A stuck emission on the running service: found, traced to a dead letter, set going again."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.dead_letters import BrokerDeadLetters
from contracts import certification
from contracts.actor import Actor
from contracts.topology import SUBSCRIPTIONS
from tests.integration.certification.conftest import World
from tests.support.waiting import until

pytestmark = pytest.mark.integration
OPENED = next(each for each in SUBSCRIPTIONS if each.method == "on_conference_opened")


def stuck(world: World, emission_id: str) -> dict[str, Any] | None:
    found = world.ask(certification.LIST_STUCK, {}, actor=Actor("otavio", "operator"))["emissions"]
    return next((one for one in found if one["emission_id"] == emission_id), None)


def test_a_room_that_was_not_told_of_is_found_with_the_letter_that_keeps_it(world: World) -> None:
    emission_id = world.start()["emission_id"]
    found = until(lambda: stuck(world, emission_id))
    assert [(wait["what"], wait["event"], wait["source"]) for wait in found["waits"]] == [
        ("room", "ConferenceOpened", "conference")
    ]
    world.publish("conference", "ConferenceOpened", emission_id)  # without the conference's id
    letters = BrokerDeadLetters(world.broker.url, [OPENED])
    (letter,) = until(lambda: [one for one in letters.letters() if one.emission_id == emission_id])
    assert letter.error == "invalid_input: invalid: data.conference_id"
    letters.discard(OPENED.queue, letter.id, lambda _: None)
    world.publish("conference", "ConferenceOpened", emission_id, conference_id="c-1")
    until(lambda: stuck(world, emission_id) is None)
