"""The conference's decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import IllegalStep, LinkUnusable, NotFound
from services.conference.model import conference as model
from services.conference.model.conference import Conference, Decision

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
PATIENCE = timedelta(minutes=30)
OPEN = Conference("c", "e", "office", "1º Ofício", NOW, NOW, "r")
STARTED = replace(OPEN, state="started", started_at=NOW)


def after(decision: Decision | None) -> Conference:
    assert decision is not None
    return decision.conference


def names(decision: Decision | None) -> list[str]:
    return [type(event).__name__ for event in decision.events] if decision else []


def with_clerk(conference: Conference = STARTED) -> Conference:
    joined = after(model.join(conference, "clerk", "clerk-1", "Ana"))
    return after(model.note_presence(joined, {"clerk-1"}, NOW))


def test_the_way_of_a_conference() -> None:
    assert names(model.open_conference(OPEN)) == ["ConferenceOpened"]
    assert names(model.start(OPEN, NOW)) == ["ConferenceStarted"]
    requested = model.request_recording(STARTED)
    assert (after(requested).recording, names(requested)) == ("requested", ["RecordingRequested"])
    on = model.note_media(after(requested), "c", NOW)
    assert (after(on).recording, names(on)) == ("on", ["RecordingStarted"])
    ended = model.end(after(on), LATER)
    assert (after(ended).state, after(ended).closing, names(ended)) == ("ended", True, [])
    closed = model.close(after(ended), media_since=NOW, tracks="c", now=LATER)
    assert names(closed) == ["RecordingStopped", "ConferenceEnded"]
    assert after(closed).recording == "stopped"
    assert after(closed).recording_stopped_at == LATER
    assert model.close(after(closed), media_since=NOW, tracks="c", now=LATER) is None


@pytest.mark.parametrize(
    ("conference", "step", "allowed"),
    [
        (STARTED, lambda now: model.start(now, NOW), ["join_conference", "start_recording", "end_conference"]),
        (OPEN, model.request_recording, ["join_conference", "start_conference", "end_conference"]),
        (replace(STARTED, recording="on"), model.request_recording, ["join_conference", "tick_checklist", "end_conference"]),
        (replace(STARTED, state="ended"), lambda now: model.end(now, NOW), []),
        (replace(STARTED, state="abandoned"), lambda now: model.join(now, "clerk", "clerk-1", "Ana"), []),
    ],
)
def test_an_illegal_step_names_the_state_and_what_is_allowed(conference: Conference, step: object, allowed: list[str]) -> None:
    with pytest.raises(IllegalStep) as refused:
        step(conference)  # type: ignore[operator]
    assert refused.value.details["state"] == conference.state
    assert refused.value.details["allowed"] == allowed


def test_a_holder_waits_until_the_start_and_finds_an_ended_conference_closed() -> None:
    with pytest.raises(IllegalStep) as waiting:
        model.join(OPEN, "holder", "holder-1", "Maria")
    assert waiting.value.reason == "not_started"
    with pytest.raises(LinkUnusable) as ended:
        model.join(replace(STARTED, state="ended"), "holder", "holder-1", "Maria")
    assert ended.value.reason == "ended"


def test_presence_follows_what_the_room_shows() -> None:
    joined = after(model.join(STARTED, "clerk", "clerk-1", "Ana"))
    came = model.note_presence(joined, {"clerk-1"}, NOW)
    assert names(came) == ["ParticipantJoined"]
    assert model.note_presence(after(came), {"clerk-1"}, LATER) is None
    went = model.note_presence(after(came), set(), LATER)
    assert names(went) == ["ParticipantLeft"]
    assert after(went).people[0].left_at == LATER
    assert after(went).empty_since == LATER
    back = model.note_presence(after(went), {"clerk-1"}, LATER)
    assert names(back) == ["ParticipantJoined"]
    assert after(back).people[0].joined_at == NOW
    assert after(back).empty_since is None


def test_who_left_does_not_come_back_under_the_same_id() -> None:
    left = model.leave(with_clerk(), "clerk", "clerk-1", LATER)
    assert names(left) == ["ParticipantLeft"]
    assert model.strangers(after(left), {"clerk-1"}) == ["clerk-1"]
    assert model.note_presence(after(left), {"clerk-1"}, LATER) is None
    assert model.leave(after(left), "clerk", "clerk-1", LATER) is None


def test_a_holder_cannot_make_the_clerk_leave() -> None:
    with pytest.raises(NotFound):
        model.leave(with_clerk(), "holder", "clerk-1", LATER)


def test_only_given_ids_are_welcome() -> None:
    assert model.strangers(with_clerk(), {"clerk-1", "clerk-2"}) == ["clerk-2"]


def test_a_screen_belongs_to_a_participant_and_is_not_a_person() -> None:
    shared = after(model.share_screen(with_clerk(), "clerk", "clerk-1"))
    seen = model.note_presence(shared, {"clerk-1", "clerk-1-screen"}, LATER)
    assert names(seen) == []
    assert [one.participant_id for one in after(seen).people] == ["clerk-1"]
    assert model.share_screen(shared, "clerk", "clerk-1") is None
    with pytest.raises(NotFound):
        model.share_screen(shared, "holder", "clerk-1")


def test_only_a_started_room_that_is_empty_for_long_is_abandoned() -> None:
    assert model.abandon(OPEN, PATIENCE, NOW + timedelta(days=2)) is None
    empty = after(model.start(OPEN, NOW))
    assert empty.closes_at(PATIENCE) == NOW + PATIENCE
    assert model.abandon(empty, PATIENCE, NOW + PATIENCE - timedelta(seconds=1)) is None
    abandoned = after(model.abandon(empty, PATIENCE, NOW + PATIENCE))
    assert (abandoned.state, abandoned.end_reason) == ("abandoned", "abandoned")
    assert model.abandon(with_clerk(empty), PATIENCE, NOW + PATIENCE) is None


def test_the_recording_of_an_abandoned_room_ends_when_the_last_one_left() -> None:
    recording = replace(with_clerk(), recording="on", recording_started_at=NOW)
    empty = after(model.note_presence(recording, set(), LATER))
    abandoned = after(model.abandon(empty, PATIENCE, LATER + PATIENCE))
    closed = model.close(abandoned, media_since=NOW, tracks="c", now=LATER + PATIENCE)
    assert after(closed).recording_stopped_at == LATER
    assert names(closed) == ["RecordingStopped", "ConferenceEnded"]


def test_a_recording_without_media_is_no_recording() -> None:
    ended = after(model.end(replace(STARTED, recording="requested"), LATER))
    closed = model.close(ended, media_since=None, tracks="c", now=LATER)
    assert after(closed).recording == "off"
    assert names(closed) == ["ConferenceEnded"]
    assert closed is not None
    assert closed.events[0].recorded is False  # type: ignore[attr-defined]


def test_media_that_came_only_at_the_end_counts() -> None:
    ended = after(model.end(replace(STARTED, recording="requested"), LATER))
    closed = model.close(ended, media_since=NOW, tracks="c", now=LATER)
    assert names(closed) == ["RecordingStarted", "RecordingStopped", "ConferenceEnded"]


def test_the_light_goes_off_with_a_lost_room_and_on_again_without_a_second_start() -> None:
    lost = after(model.note_room_lost(replace(STARTED, recording="on", recording_started_at=NOW)))
    assert lost.recording == "requested"
    again = model.note_media(lost, "c", LATER)
    assert (after(again).recording, names(again)) == ("on", [])
    assert after(again).recording_started_at == NOW


def test_events_carry_no_names() -> None:
    ended = after(model.end(replace(with_clerk(), recording="on", recording_started_at=NOW), LATER))
    closed = model.close(ended, media_since=NOW, tracks="c", now=LATER)
    assert closed is not None
    assert "Ana" not in str(closed.events)
    assert names(closed) == ["ParticipantLeft", "RecordingStopped", "ConferenceEnded"]
