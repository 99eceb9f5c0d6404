"""Questions are checked, roles are checked, errors travel as data."""

from __future__ import annotations

import time
from typing import Any

from chassis import deadline
from chassis.rpc import Call, answer, question
from contracts.actor import Actor
from contracts.errors import NotFound
from contracts.registry import FIND_PERSON, REGISTER_PERSON

CLERK = Actor("ana", "clerk", office_id="123456")


def found(call: Call, data: dict[str, Any]) -> dict[str, Any]:
    return {"cpf": data["cpf"], "person_id": None, "block": None, "registrations": []}


def test_a_question_is_answered() -> None:
    reply = answer(FIND_PERSON, found, question(FIND_PERSON, {"cpf": "52998224725"}, CLERK))
    assert reply["value"]["cpf"] == "52998224725"


def test_another_role_is_refused() -> None:
    operator = Actor("otavio", "operator")
    reply = answer(FIND_PERSON, found, question(FIND_PERSON, {"cpf": "52998224725"}, operator))
    assert reply["error"]["code"] == "forbidden"


def test_every_faulty_field_is_listed_by_its_path() -> None:
    message = {**question(FIND_PERSON, {}, CLERK), "data": {"data": {"name": "x", "home_address": {"state": "XX"}}, "extra": 1}}
    reply = answer(REGISTER_PERSON, found, message)
    fields = {problem["field"]: problem["reason"] for problem in reply["error"]["details"]["problems"]}
    assert fields == {"cpf": "missing", "data.name": "invalid", "data.home_address.state": "invalid", "extra": "invalid"}


def test_a_refusal_travels_as_data() -> None:
    def refuse(call: Call, data: dict[str, Any]) -> dict[str, Any]:
        raise NotFound("none", cpf_masked="***")

    reply = answer(FIND_PERSON, refuse, question(FIND_PERSON, {"cpf": "1"}, CLERK))
    assert reply["error"]["code"] == "not_found"


def test_a_fault_says_nothing_of_its_cause_but_the_trace() -> None:
    def fail(call: Call, data: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("Maria's secret")

    reply = answer(FIND_PERSON, fail, question(FIND_PERSON, {"cpf": "1"}, CLERK))
    assert reply["error"]["code"] == "internal_fault"
    assert "Maria" not in str(reply)
    assert len(reply["error"]["details"]["trace_id"]) == 32


def test_work_is_bounded_by_what_its_asker_has_left() -> None:
    seen: list[float | None] = []

    def look(call: Call, data: dict[str, Any]) -> dict[str, Any]:
        seen.append(deadline.remaining())
        return found(call, data)

    asked = question(FIND_PERSON, {"cpf": "1"}, CLERK)
    answer(FIND_PERSON, look, {**asked, "expires_in_ms": 2000})
    answer(FIND_PERSON, look, asked)
    answer(FIND_PERSON, look, {**asked, "expires_in_ms": 10**9})
    short, unsaid, absurd = seen
    assert short is not None
    assert 1.5 < short < 2.0
    assert unsaid is not None
    assert absurd is not None
    assert unsaid <= 30.0
    assert absurd <= 30.0
    assert deadline.remaining() is None


def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    done: list[Call] = []
    asked = {**question(FIND_PERSON, {"cpf": "1"}, CLERK), "expires_in_ms": 500, "received_at": time.monotonic() - 1}
    reply = answer(FIND_PERSON, lambda call, _: done.append(call), asked)
    assert (reply["error"]["code"], reply["error"]["reason"]) == ("unavailable", "too_late")
    assert done == []
