"""The question after stuck emissions: limits, offices, and what the read model keeps for it."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.clock import new_id
from contracts.actor import Actor
from contracts.certification import LIST_STUCK
from contracts.envelope import Envelope
from contracts.errors import Forbidden
from services.certification.application import clerk, facts
from services.certification.application.stuck import list_stuck
from tests.support.certification import START, STRANGER, InProcess

OPERATOR = Actor("otavio", "operator")


def stuck(inside: InProcess, actor: Actor = OPERATOR, **data: Any) -> list[dict[str, Any]]:
    """The reply as it travels and arrives."""
    question = LIST_STUCK.request().load(data)
    reply = LIST_STUCK.reply()
    loaded: dict[str, Any] = reply.load(reply.dump(list_stuck(inside.ports, inside.call(actor), question)))
    return list(loaded["emissions"])


def started(inside: InProcess) -> str:
    reply = clerk.start_emission(inside.ports, inside.call(), {"registration_id": "r-1", "mode": "remote"})
    return str(reply["emission_id"])


def opened(inside: InProcess, emission_id: str) -> None:
    data = {"conference_id": "c-1", "emission_id": emission_id, "office_id": "123456"}
    told = Envelope(new_id(), "conference", "ConferenceOpened", "c-1", inside.clock(), data, emission_id=emission_id)
    facts.note_conference(inside.ports, told)


def test_a_room_that_does_not_come_is_named_with_event_service_and_time(inside: InProcess) -> None:
    emission_id = started(inside)
    inside.clock.forward(seconds=59)
    assert stuck(inside) == []
    inside.clock.forward(seconds=1)
    (found,) = stuck(inside)
    (wait,) = found["waits"]
    assert (found["emission_id"], found["state"]) == (emission_id, "started")
    assert (wait["what"], wait["event"], wait["source"]) == ("room", "ConferenceOpened", "conference")
    assert (wait["since"], wait["limit_at"]) == (START, inside.clock())
    opened(inside, emission_id)
    assert stuck(inside) == []


def test_a_deadline_that_nobody_looks_at_is_found(inside: InProcess) -> None:
    opened(inside, started(inside))
    inside.clock.forward(days=7, minutes=4)
    assert stuck(inside) == []
    inside.clock.forward(minutes=1)
    assert [wait["what"] for found in stuck(inside) for wait in found["waits"]] == ["expiry"]


def test_a_clerk_sees_the_own_office_and_operators_may_choose_one(inside: InProcess) -> None:
    emission_id = started(inside)
    inside.clock.forward(minutes=2)
    assert [found["emission_id"] for found in stuck(inside, inside.call().actor)] == [emission_id]
    assert stuck(inside, STRANGER) == []
    assert len(stuck(inside, office_id="123456")) == 1
    assert stuck(inside, office_id="654321") == []
    with pytest.raises(Forbidden):
        stuck(inside, Actor("clerk-9", "clerk"))
