"""The waiting room's decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import Conflict, Forbidden, IllegalStep, LinkUnusable, NotFound
from services.conference.model import admission
from services.conference.model import conference as model
from services.conference.model.conference import Conference, Decision
from services.conference.model.people import Participant

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
OPEN = Conference("c", "e", "office", "1º Ofício", NOW, NOW, "r")
STARTED = replace(OPEN, state="started", started_at=NOW)


def after(decision: Decision | None) -> Conference:
    assert decision is not None
    return decision.conference


def names(decision: Decision | None) -> list[str]:
    return [type(event).__name__ for event in decision.events] if decision else []


def waiting(conference: Conference = STARTED, *who: str) -> Conference:
    for one in who or ("maria",):
        conference = after(admission.request(conference, one, one.title(), NOW))
    return conference


def in_the_room(conference: Conference | None = None) -> Conference:
    admitted = after(admission.admit(conference or waiting(), "maria", NOW))
    joined = after(model.join(admitted, "holder", "holder-1", "Maria", "maria"))
    return after(model.note_presence(joined, {"holder-1"}, NOW))


def state_of(conference: Conference, admission_id: str = "maria") -> str | None:
    found = admission.find(conference, admission_id)
    return found.state if found else None


@pytest.mark.parametrize("conference", [OPEN, STARTED, replace(STARTED, recording="on")])
def test_whoever_has_the_link_may_ask_as_long_as_the_conference_lasts(conference: Conference) -> None:
    asked = admission.request(conference, "maria", "Maria", NOW)
    assert names(asked) == ["AdmissionRequested"]
    assert state_of(after(asked)) == "waiting"
    assert admission.request(after(asked), "maria", "Maria", LATER) is None
    with pytest.raises(LinkUnusable):
        admission.request(replace(conference, state="ended"), "maria", "Maria", NOW)


def test_who_waits_is_not_let_in() -> None:
    for shown in ("maria", None, ""):
        with pytest.raises(Forbidden) as refused:
            model.join(waiting(), "holder", "holder-1", "Maria", shown)
        assert refused.value.reason == "not_admitted"


def test_who_is_admitted_comes_in_under_the_name_that_the_clerk_saw_and_comes_back_without_asking() -> None:
    admitted = admission.admit(waiting(), "maria", LATER)
    assert names(admitted) == ["ParticipantAdmitted"]
    assert admission.admit(after(admitted), "maria", LATER) is None
    assert admission.request(after(admitted), "maria", "Maria", LATER) is None
    joined = after(model.join(after(admitted), "holder", "holder-1", "Another name", "maria"))
    assert joined.participants[-1].display_name == "Maria"
    again = after(model.join(joined, "holder", "holder-2", "Maria", "maria"))
    assert [one.admission_id for one in again.participants] == ["maria", "maria"]


def test_nobody_is_admitted_before_the_start_and_nobody_unknown() -> None:
    with pytest.raises(IllegalStep):
        admission.admit(waiting(OPEN), "maria", NOW)
    for decide in (admission.admit, admission.refuse, admission.eject):
        with pytest.raises(NotFound):
            decide(waiting(), "joana", NOW)


def test_who_is_refused_may_ask_again() -> None:
    refused = admission.refuse(waiting(), "maria", NOW)
    assert names(refused) == ["AdmissionRefused"]
    assert admission.refuse(after(refused), "maria", NOW) is None
    with pytest.raises(Conflict):
        admission.admit(after(refused), "maria", NOW)
    again = admission.request(after(refused), "maria", "Maria", LATER)
    assert names(again) == ["AdmissionRequested"]
    assert state_of(after(again)) == "waiting"


def test_who_is_sent_out_has_left_and_cannot_come_back_without_asking() -> None:
    ejected = admission.eject(in_the_room(), "maria", LATER)
    assert names(ejected) == ["ParticipantEjected", "ParticipantLeft"]
    gone = after(ejected)
    assert model.strangers(gone, {"holder-1"}) == ["holder-1"]
    with pytest.raises(Forbidden):
        model.join(gone, "holder", "holder-2", "Maria", "maria")
    assert admission.eject(gone, "maria", LATER) is None
    assert state_of(after(admission.request(gone, "maria", "Maria", LATER))) == "waiting"


def test_sending_the_holder_out_leaves_the_clerk_in_the_room() -> None:
    with_clerk = after(model.join(in_the_room(), "clerk", "clerk-1", "Ana"))
    both = after(model.note_presence(with_clerk, {"holder-1", "clerk-1"}, NOW))
    assert after(admission.eject(both, "maria", LATER)).is_present("clerk")


def test_a_shared_screen_goes_with_its_holder_and_needs_the_admission() -> None:
    conference = in_the_room()
    with pytest.raises(Forbidden):
        model.share_screen(conference, "holder", "holder-1", "joana")
    shared = after(model.share_screen(conference, "holder", "holder-1", "maria"))
    seen = after(model.note_presence(shared, {"holder-1", "holder-1-screen"}, NOW))
    assert set(model.strangers(after(admission.eject(seen, "maria", LATER)), {"holder-1", "holder-1-screen"})) == {
        "holder-1",
        "holder-1-screen",
    }


def test_one_holder_at_a_time() -> None:
    conference = waiting(in_the_room(), "joana")
    with pytest.raises(Conflict) as refused:
        admission.admit(conference, "joana", LATER)
    assert refused.value.reason == "holder_present"


def test_another_device_takes_the_place_of_one_that_is_gone() -> None:
    left = after(model.note_presence(in_the_room(), set(), NOW))
    admitted = admission.admit(waiting(left, "telefone"), "telefone", LATER)
    assert (state_of(after(admitted)), state_of(after(admitted), "telefone")) == ("replaced", "admitted")
    assert names(admitted) == ["ParticipantAdmitted"]
    assert model.strangers(after(admitted), {"holder-1"}) == ["holder-1"]


def test_a_holder_of_before_there_was_a_waiting_room_makes_way() -> None:
    old = Participant("holder-0", "holder", "Maria", present=True, joined_at=NOW)
    admitted = admission.admit(waiting(replace(STARTED, participants=(old,))), "maria", LATER)
    assert names(admitted) == ["ParticipantAdmitted", "ParticipantLeft"]


def test_the_waiting_room_is_bounded() -> None:
    full = waiting(STARTED, *(f"one{number}" for number in range(admission.MAX_WAITING)))
    with pytest.raises(Conflict) as crowded:
        admission.request(full, "maria", "Maria", NOW)
    assert crowded.value.reason == "too_many_waiting"
    refused = replace(full, admissions=tuple(replace(one, state="refused") for one in full.admissions) * 5)
    with pytest.raises(Conflict) as worn_out:
        admission.request(refused, "maria", "Maria", NOW)
    assert worn_out.value.reason == "too_many_stays"


def test_an_ended_conference_decides_about_nobody() -> None:
    for decide in (admission.admit, admission.refuse, admission.eject):
        with pytest.raises(IllegalStep):
            decide(replace(waiting(), state="ended"), "maria", NOW)
