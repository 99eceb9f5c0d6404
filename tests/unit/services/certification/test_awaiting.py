"""What an emission waits for by itself, and from when on it counts as stuck."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.certification import AWAITED
from services.certification.model.awaiting import Awaited, awaited, limits_of, overdue
from services.certification.model.clerk import decide_inconclusive, decide_retry
from services.certification.model.policy import Patience
from tests.unit.services.certification.aggregate import START, Aggregate

LATER = START + timedelta(minutes=7)


def waits(emission: Aggregate) -> list[str]:
    """Without the deadline, which every open emission has."""
    return [wait.what for wait in awaited(emission.present) if wait.what != "expiry"]


def since(emission: Aggregate, what: str) -> object:
    """From when on."""
    return next(wait.since for wait in awaited(emission.present) if wait.what == what)


def test_every_awaited_thing_has_a_limit_and_an_event() -> None:
    assert set(limits_of(Patience())) == set(AWAITED)


def test_a_started_emission_waits_for_its_room() -> None:
    emission = Aggregate().up_to("started")
    assert (waits(emission), since(emission, "room")) == (["room"], START)
    emission.fact("ConferenceOpeningNoted")
    assert waits(emission) == []


def test_at_the_counter_nothing_is_awaited() -> None:
    emission = Aggregate()
    emission.start("in_person")
    assert waits(emission) == []


def test_a_repeated_identification_waits_for_a_new_room_from_then_on() -> None:
    emission = Aggregate().up_to("ended")
    emission.video()
    emission.now = LATER
    emission.apply(decide_inconclusive(emission.state, reason="no sound"))
    emission.now = LATER + timedelta(minutes=1)
    emission.apply(decide_retry(emission.state))
    assert (waits(emission), since(emission, "room")) == (["room"], emission.now)


def test_an_ended_conference_without_its_recording_is_awaited() -> None:
    emission = Aggregate().up_to("started")
    emission.fact("ConferenceStartNoted")
    emission.now = LATER
    emission.fact("ConferenceEndNoted")
    assert (waits(emission), since(emission, "recording")) == (["recording"], LATER)
    emission.fact("RecordingStartNoted", recording="g-1")
    assert waits(emission) == ["recording_end"]
    emission.fact("RecordingStopNoted", recording="g-1")
    assert waits(emission) == ["video"]


def test_a_stopped_recording_waits_for_the_conferences_end_and_for_its_video() -> None:
    emission = Aggregate().up_to("started")
    emission.fact("ConferenceStartNoted")
    emission.fact("RecordingStartNoted", recording="g-1")
    assert waits(emission) == []
    emission.now = LATER
    emission.fact("RecordingStopNoted", recording="g-1")
    assert waits(emission) == ["conference_end", "video"]
    assert since(emission, "conference_end") == since(emission, "video") == LATER


def test_a_video_is_awaited_after_the_end_too_and_a_failed_one_until_it_is_tried_again() -> None:
    emission = Aggregate().up_to("completed")
    assert waits(emission) == ["video"]
    emission.video()
    assert waits(emission) == []
    failed = Aggregate().up_to("identified")
    failed.video(reason="no_media")
    assert waits(failed) == ["video_retry"]


def test_a_message_is_awaited_until_it_is_delivered_or_has_failed_or_was_plainly_read() -> None:
    for end in (Aggregate.delivery, lambda one: one.delivery(False), Aggregate.answer):
        emission = Aggregate().up_to("dispatched")
        emission.video()
        assert (waits(emission), since(emission, "delivery")) == (["delivery"], START)
        end(emission)
        assert waits(emission) == []


def test_a_certificate_on_its_way_is_awaited_step_by_step() -> None:
    emission = Aggregate().up_to("prepared")
    emission.video()
    assert waits(emission) == ["issue"]
    emission.issue()
    assert waits(emission) == ["term", "signature"]
    assert emission.present.certificate is not None
    assert since(emission, "signature") == emission.present.certificate.sign_by
    emission.prepare_term()
    assert waits(emission) == ["signature"]
    emission.sign()
    assert waits(emission) == []


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("room", timedelta(seconds=60)),
        ("video", timedelta(minutes=10)),
        ("delivery", timedelta(minutes=5)),
        ("signature", timedelta(hours=-2)),
        ("video_retry", timedelta(0)),
    ],
)
def test_it_is_stuck_from_its_limit_on(what: str, limit: timedelta) -> None:
    wait = [Awaited(what, START)]
    assert overdue(wait, START + limit - timedelta(milliseconds=1), Patience()) == ()
    (stuck,) = overdue(wait, START + limit, Patience())
    assert (stuck.what, stuck.since, stuck.limit_at) == (what, START, START + limit)


def test_the_longest_wait_comes_first_and_what_a_newer_version_awaits_is_left_out() -> None:
    listed = [Awaited("video", START), Awaited("room", START), Awaited("from_the_future", START)]
    assert [each.what for each in overdue(listed, START + timedelta(days=1), Patience())] == ["room", "video"]
