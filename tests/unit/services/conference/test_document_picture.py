"""Pictures of the identity document: asked for, taken once, accepted or not, each at a moment of the recording."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import Conflict, Forbidden, IllegalStep, NotFound
from services.conference.model import document_picture as model
from services.conference.model import events
from services.conference.model.conference import Conference, Decision, RecordingState
from services.conference.model.people import Admission, Participant, PictureFacts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
MARIA = Admission("maria", "Maria", NOW, "admitted", NOW)
STAY = Participant("holder-1", "holder", "Maria", present=True, joined_at=NOW, admission_id="maria")
RECORDING = Conference(
    *("c", "e", "office", "1º Ofício", NOW, NOW, "r"), state="started", recording="on", admissions=(MARIA,), participants=(STAY,)
)
FACTS = PictureFacts("incoming", "k", "image/jpeg", 1000, "ab" * 32, 4032, 3024)
OTHER = replace(FACTS, key="k2", sha256="cd" * 32)


def done(decision: Decision | None) -> Conference:
    assert decision is not None
    return decision.conference


def wanted() -> Conference:
    return done(model.request(RECORDING, "p", NOW))


def taken() -> Conference:
    return done(model.take(wanted(), "p", "maria", FACTS, LATER))


def test_a_picture_is_asked_for_once_of_the_holder_in_the_room() -> None:
    asked = model.request(RECORDING, "p", NOW)
    assert asked is not None
    assert asked.events == (events.DocumentPictureRequested("c", "e", "office", "p", "r"),)
    assert model.wanted_of(asked.conference, "maria") == "p"
    assert model.wanted_of(asked.conference, "somebody") is None
    assert model.wanted_of(asked.conference, None) is None
    assert model.request(asked.conference, "p2", LATER) is None


def test_what_was_taken_says_who_when_and_what_it_is() -> None:
    decision = model.take(wanted(), "p", "maria", FACTS, LATER)
    assert decision is not None
    said = ("c", "e", "office", "p", "r", "holder-1", LATER, "image/jpeg", 1000, "ab" * 32, 4032, 3024)
    assert decision.events == (events.DocumentPictureTaken(*said),)
    assert model.wanted_of(decision.conference, "maria") is None


def test_one_picture_is_taken_for_each_request() -> None:
    assert model.take(taken(), "p", "maria", replace(FACTS, key="again"), LATER) is None  # the same, sent once more
    with pytest.raises(Conflict) as refused:
        model.take(taken(), "p", "maria", OTHER, LATER)
    assert refused.value.reason == "picture_not_wanted"


@pytest.mark.parametrize("admission_id", [None, "somebody"])
def test_nobody_but_the_admitted_browser_sends_one(admission_id: str | None) -> None:
    with pytest.raises(Forbidden):
        model.take(wanted(), "p", admission_id, FACTS, LATER)


def test_who_was_admitted_in_the_place_of_another_is_asked_anew() -> None:
    rosa = Admission("rosa", "Rosa", NOW, "admitted", NOW)
    stay = replace(STAY, participant_id="holder-2", admission_id="rosa")
    changed = replace(wanted(), admissions=(replace(MARIA, state="replaced"), rosa), participants=(stay,))
    with pytest.raises(Conflict):
        model.take(changed, "p", "rosa", FACTS, LATER)
    anew = model.request(changed, "p2", LATER)
    assert anew is not None
    assert [type(one).__name__ for one in anew.events] == ["DocumentPictureWithdrawn", "DocumentPictureRequested"]
    assert model.wanted_of(anew.conference, "rosa") == "p2"


@pytest.mark.parametrize("recording", ["off", "requested", "stopped"])
def test_without_a_recording_none_is_asked_for_or_taken(recording: RecordingState) -> None:
    with pytest.raises(IllegalStep) as refused:
        model.request(replace(RECORDING, recording=recording), "p", NOW)
    assert refused.value.reason == "not_recorded"
    with pytest.raises(IllegalStep):
        model.take(replace(wanted(), recording=recording), "p", "maria", FACTS, LATER)


def test_without_a_holder_in_the_room_none_is_asked_for_or_taken() -> None:
    gone = (replace(STAY, present=False, left_at=NOW),)
    with pytest.raises(Conflict):
        model.request(replace(RECORDING, participants=gone), "p", NOW)
    with pytest.raises(Conflict):
        model.take(replace(wanted(), participants=gone), "p", "maria", FACTS, LATER)


def test_after_the_end_none_is_wanted() -> None:
    ended = replace(wanted(), state="ended")
    assert model.wanted_of(ended, "maria") is None
    with pytest.raises(Conflict):
        model.take(ended, "p", "maria", FACTS, LATER)


def test_the_accepted_one_is_named_with_its_attachment_once() -> None:
    accepted = model.accept(taken(), "p", "a", "ab" * 32, LATER)
    assert accepted is not None
    (said,) = accepted.events
    assert isinstance(said, events.DocumentPictureAccepted)
    assert (said.attachment_id, said.sha256, said.taken_at, said.participant_id) == ("a", "ab" * 32, LATER, "holder-1")
    assert model.accept(accepted.conference, "p", "a", "ab" * 32, LATER) is None


def test_what_was_not_taken_or_is_another_is_not_accepted() -> None:
    for conference, sha256, reason in ((wanted(), "ab" * 32, "picture_not_taken"), (taken(), "cd" * 32, "picture_differs")):
        with pytest.raises(Conflict) as refused:
            model.accept(conference, "p", "a", sha256, LATER)
        assert refused.value.reason == reason
    with pytest.raises(NotFound):
        model.accept(RECORDING, "p", "a", "ab" * 32, LATER)


def test_asked_for_another_the_first_is_declined() -> None:
    anew = done(model.request(taken(), "p2", LATER))
    assert [one.state for one in anew.pictures] == ["declined", "wanted"]
    with pytest.raises(Conflict):
        model.accept(anew, "p", "a", "ab" * 32, LATER)


def test_the_clerk_does_without_it() -> None:
    withdrawn = done(model.withdraw(wanted(), "p", LATER))
    assert model.wanted_of(withdrawn, "maria") is None
    assert model.withdraw(withdrawn, "p", LATER) is None


def test_they_are_not_asked_for_without_end() -> None:
    conference = RECORDING
    for number in range(model.MAX_PICTURES):
        conference = done(model.withdraw(done(model.request(conference, f"p{number}", NOW)), f"p{number}", NOW))
    with pytest.raises(Conflict) as refused:
        model.request(conference, "one more", NOW)
    assert refused.value.reason == "too_many_pictures"
