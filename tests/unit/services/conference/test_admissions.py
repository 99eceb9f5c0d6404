"""The waiting room's use cases on ports in memory."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import Forbidden, InvalidInput, LinkUnusable
from services.conference.application import admissions, commands
from services.conference.model.token import make_admission, read_admission
from tests.support.memory_rooms import SECRET, House
from tests.unit.services.conference.test_application import HOLDER, STRANGER, call, join, latest, look, opened


def started() -> House:
    house = House()
    commands.start_conference(house.rooms, call(), opened(house).conference_id)
    return house


def ask(house: House, command_id: str | None = None, **data: Any) -> dict[str, Any]:
    token = commands.get_conference(house.rooms, call(), "e")["join_token"]
    asked = {"token": token, "display_name": "Maria", "admission": None, **data}
    return admissions.request_admission(house.rooms, call(HOLDER, command_id), asked)


def about(house: House, position: int = -1) -> dict[str, str]:
    conference = latest(house)
    return {"conference_id": conference.conference_id, "admission_id": conference.admissions[position].admission_id}


def shown(house: House, admission: str) -> str | None:
    token = commands.get_conference(house.rooms, call(), "e")["join_token"]
    state: str | None = commands.get_join_link(house.rooms, {"token": token, "admission": admission})["admission_state"]
    return state


def test_a_holder_waits_is_admitted_and_comes_in_as_often_as_it_likes() -> None:
    house = started()
    asked = ask(house)
    assert asked["admission_state"] == "waiting"
    with pytest.raises(Forbidden):
        join(house, HOLDER, admission=asked["admission"])
    admissions.admit_participant(house.rooms, call(), about(house))
    assert shown(house, asked["admission"]) == "admitted"
    first = join(house, HOLDER, admission=asked["admission"])
    second = join(house, HOLDER, admission=asked["admission"])
    assert first["participant_id"] != second["participant_id"]
    assert house.happened() == ["ConferenceOpened", "ConferenceStarted", "AdmissionRequested", "ParticipantAdmitted"]


def test_only_the_browser_that_asked_is_admitted() -> None:
    house = started()
    ask(house)
    admissions.admit_participant(house.rooms, call(), about(house))
    admission_id = about(house)["admission_id"]
    elsewhere = make_admission(SECRET, "another conference", admission_id)
    for forged in (None, "", admission_id, f"{admission_id}.", f"{admission_id}.seal", elsewhere):
        with pytest.raises(Forbidden):
            join(house, HOLDER, admission=forged)
    assert read_admission(SECRET, latest(house).conference_id, None) is None


def test_the_secret_is_stored_nowhere() -> None:
    house = started()
    secret = ask(house, "a command")["admission"].partition(".")[2]
    assert len(secret) == 43
    assert secret not in repr((house.conferences.kept, house.conferences.replies, house.conferences.events))
    assert secret not in repr(commands.get_conference(house.rooms, call(), "e"))


def test_a_repeated_question_asks_once_and_a_reloaded_page_keeps_its_place() -> None:
    house = started()
    first = ask(house, "a command")
    assert ask(house, "a command")["admission"] == first["admission"]
    assert ask(house, admission=first["admission"])["admission"] == first["admission"]
    assert len(latest(house).admissions) == 1
    ask(house)
    assert len(latest(house).admissions) == 2


def test_who_is_sent_out_leaves_the_sfu_at_once() -> None:
    house = started()
    asked = ask(house)
    admissions.admit_participant(house.rooms, call(), about(house))
    participant_id = join(house, HOLDER, admission=asked["admission"])["participant_id"]
    present = house.sfu.rooms[latest(house).conference_id].present
    present.add(participant_id)
    look(house)
    admissions.eject_participant(house.rooms, call(), about(house))
    assert not present
    assert shown(house, asked["admission"]) == "ejected"
    with pytest.raises(Forbidden):
        join(house, HOLDER, admission=asked["admission"])
    assert ask(house, admission=asked["admission"])["admission_state"] == "waiting"


def test_an_sfu_that_is_away_sends_out_at_the_next_look() -> None:
    house = started()
    asked = ask(house)
    admissions.admit_participant(house.rooms, call(), about(house))
    participant_id = join(house, HOLDER, admission=asked["admission"])["participant_id"]
    present = house.sfu.rooms[latest(house).conference_id].present
    present.add(participant_id)
    house.sfu.answering = False
    admissions.eject_participant(house.rooms, call(), about(house))
    house.sfu.answering = True
    look(house)
    assert not present


def test_the_clerk_sees_who_waits_by_the_name_that_was_typed() -> None:
    house = started()
    ask(house, display_name=" <b>Maria</b> ")
    (one,) = commands.get_conference(house.rooms, call(), "e")["admissions"]
    assert (one["display_name"], one["state"], one["asked_at"]) == ("<b>Maria</b>", "waiting", house.rooms.now())
    refused = admissions.refuse_admission(house.rooms, call(), about(house))
    assert [one["state"] for one in refused["admissions"]] == ["refused"]


def test_what_is_missing_forged_or_of_another_office_is_refused() -> None:
    house = started()
    with pytest.raises(InvalidInput):
        ask(house, display_name="  ")
    with pytest.raises(LinkUnusable):
        ask(house, token="forged")
    ask(house)
    for decide in (admissions.admit_participant, admissions.refuse_admission, admissions.eject_participant):
        with pytest.raises(Forbidden):
            decide(house.rooms, call(STRANGER), about(house))
