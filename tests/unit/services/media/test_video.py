"""The decisions about a recording's video."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.errors import IllegalStep
from services.media.model import video as model
from services.media.model.evidence import EvidenceWarning, Report
from services.media.model.progress import Progress
from services.media.model.video import Decision, Outcome, Stream, Video

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
VIDEO = Video("r", "c", "e", "office", NOW, NOW, "c", {}, due_at=NOW)
STORED = {"bucket": "videos", "key": "k", "size": 3, "sha256": "aa", "content_type": "video/mp4"}
PROGRESS = Progress(NOW.timestamp(), 1.5, 2, NOW.timestamp())
OUTCOME = Outcome(10.0, 1280, 480, STORED, STORED, STORED)


def after(decision: Decision | None) -> Video:
    assert decision is not None
    return decision.video


def names(decision: Decision | None) -> list[str]:
    return [type(event).__name__ for event in decision.events] if decision else []


def test_the_way_of_a_video() -> None:
    assert names(model.begin(VIDEO)) == ["VideoProcessingStarted"]
    claimed = after(model.claim(VIDEO, "w", NOW))
    assert (claimed.attempts, claimed.claimed_by) == (1, "w")
    done = model.finish(claimed, "w", OUTCOME, NOW)
    assert (after(done).state, after(done).claimed_by, names(done)) == ("done", None, ["VideoProcessed"])
    assert after(model.note_tracks_removed(after(done))).tracks_removed
    assert model.note_tracks_removed(claimed) is None


def test_a_claimed_video_is_nobody_elses_until_the_lease_runs_out() -> None:
    claimed = after(model.claim(VIDEO, "w", NOW))
    assert model.claim(claimed, "other", NOW + model.LEASE / 2) is None
    renewed = after(model.renew(claimed, "w", NOW + model.LEASE / 2))
    assert model.claim(renewed, "other", NOW + model.LEASE) is None
    taken = after(model.claim(renewed, "other", NOW + 2 * model.LEASE))
    assert (taken.claimed_by, taken.attempts, taken.interruptions) == ("other", 1, 1)
    assert model.renew(taken, "w", NOW) is None
    assert model.finish(taken, "w", OUTCOME, NOW) is None
    assert model.fail(taken, "w", "x", lasting=True, now=NOW) is None


def test_failed_attempts_are_repeated_later_and_then_given_up() -> None:
    video, now = VIDEO, NOW
    for wait in (*model.RETRY_AFTER, None):
        video = after(model.claim(video, "w", now))
        decision = model.fail(video, "w", "rendering_failed: x", lasting=False, now=now)
        video = after(decision)
        if wait:
            assert (video.state, video.due_at, names(decision)) == ("processing", now + wait, [])
            assert model.claim(video, "w", now) is None
            now += wait
    assert (video.state, video.reason, names(decision)) == ("failed", "rendering_failed: x", ["VideoFailed"])
    assert video.attempts == model.MAX_ATTEMPTS


def test_a_lasting_cause_is_given_up_at_once() -> None:
    decision = model.fail(after(model.claim(VIDEO, "w", NOW)), "w", "no_media: x", lasting=True, now=NOW)
    assert (after(decision).state, names(decision)) == ("failed", ["VideoFailed"])


def test_a_successor_takes_up_at_once_what_its_dead_namesake_left() -> None:
    claimed = after(model.claim(VIDEO, "host:/work:0", NOW))
    taken = after(model.claim(claimed, "host:/work:0", NOW))
    assert (taken.attempts, taken.interruptions) == (1, 1)
    assert after(model.finish(taken, "host:/work:0", OUTCOME, NOW)).state == "done"


def test_attempts_that_end_without_a_word_count_apart_and_not_for_ever() -> None:
    video = after(model.claim(VIDEO, "w", NOW))
    for _ in range(model.MAX_INTERRUPTIONS):
        video = after(model.claim(video, "w", NOW))
    assert video.attempts == 1
    decision = model.claim(video, "w", NOW)
    assert (after(decision).state, names(decision)) == ("failed", ["VideoFailed"])


def test_an_attempt_that_was_cut_short_is_repeated_soon_and_does_not_count() -> None:
    video, now = VIDEO, NOW
    for _ in range(model.MAX_INTERRUPTIONS):
        video = after(model.interrupt(after(model.claim(video, "w", now)), "w", "interrupted: status -9", now))
        assert (video.state, video.attempts, video.claimed_by) == ("processing", 0, None)
        now = video.due_at
    decision = model.interrupt(after(model.claim(video, "w", now)), "w", "interrupted: status -9", now)
    assert (after(decision).state, names(decision)) == ("failed", ["VideoFailed"])


def test_a_full_disk_is_waited_for_however_long_and_counts_as_nothing() -> None:
    video, now = VIDEO, NOW
    for _ in range(3 * model.MAX_INTERRUPTIONS):
        video = after(model.postpone(after(model.claim(video, "w", now)), "w", "storage: No space left on device", now))
        assert (video.state, video.attempts, video.interruptions, video.claimed_by) == ("processing", 0, 0, None)
        assert video.reason == "storage: No space left on device"
        assert not model.is_due(video, "w", now)
        now = video.due_at
    assert model.postpone(video, "w", "late", now) is None


def test_a_full_disk_while_following_is_looked_at_later() -> None:
    postponed = after(model.postpone(followed(), "w", "storage", NOW))
    assert (postponed.state, postponed.claimed_by) == ("recording", None)
    assert not model.is_due(postponed, "w", NOW)


def test_only_a_failed_video_can_be_tried_again() -> None:
    failed = replace(VIDEO, state="failed", attempts=3, reason="x")
    again = model.retry(failed, NOW)
    assert (after(again).state, after(again).attempts, names(again)) == ("processing", 0, ["VideoProcessingStarted"])
    for state in ("processing", "done"):
        with pytest.raises(IllegalStep):
            model.retry(replace(VIDEO, state=state), NOW)  # type: ignore[arg-type]


STREAM = Stream(10.0, 1280, 480, 3, (STORED,))


def test_a_followed_recording_goes_on_to_be_processed_by_who_follows_it() -> None:
    followed = after(model.claim(after(model.follow(replace(VIDEO, stopped_at=None))), "w", NOW))
    assert (followed.state, followed.attempts) == ("recording", 0)
    decision = model.stop(followed, VIDEO)
    stopped = after(decision)
    assert (stopped.state, stopped.attempts, stopped.claimed_by, stopped.stopped_at) == ("processing", 1, "w", NOW)
    assert names(decision) == ["VideoProcessingStarted"]
    assert model.stop(stopped, VIDEO) is None


def test_a_recording_that_nobody_follows_is_an_ordinary_job_once_it_has_stopped() -> None:
    waiting = after(model.stop(after(model.follow(VIDEO)), VIDEO))
    assert (waiting.attempts, waiting.claimed_by) == (0, None)
    assert after(model.claim(waiting, "w", NOW)).attempts == 1


def test_what_goes_wrong_while_following_is_never_a_failure() -> None:
    video, now = after(model.follow(VIDEO)), NOW
    for number in range(2 * model.MAX_INTERRUPTIONS):
        video = after(model.claim(video, f"w{number}", now))
        decision = model.fail(video, f"w{number}", "x", lasting=True, now=now) if number % 2 else None
        decision = decision or model.interrupt(video, f"w{number}", "x", now)
        video, now = after(decision), now + model.FOLLOW_AGAIN_AFTER
        assert (video.state, video.attempts, video.interruptions, names(decision)) == ("recording", 0, 0, [])


def test_a_video_can_be_watched_before_it_is_done_and_is_then_one_object() -> None:
    followed = after(model.claim(after(model.follow(VIDEO)), "w", NOW))
    assert model.note_playable(followed, "w", STREAM) is None
    assert model.finish(followed, "w", OUTCOME, NOW) is None
    stopped = after(model.stop(followed, VIDEO))
    playable = model.note_playable(stopped, "w", STREAM)
    assert names(playable) == ["VideoPlayable"]
    assert model.note_playable(after(playable), "w", STREAM) is None
    assert after(model.finish(after(playable), "w", OUTCOME, NOW)).stream is None


SILENT = Report(warnings=(EvidenceWarning("holder", "silence"),))


def followed() -> Video:
    return after(model.claim(after(model.follow(replace(VIDEO, stopped_at=None))), "w", NOW))


def test_a_change_of_what_is_warned_of_is_told_once() -> None:
    warned = model.note_evidence(followed(), "w", SILENT)
    assert names(warned) == ["EvidenceWarned"]
    assert model.note_evidence(after(warned), "w", replace(SILENT, measured_seconds=16.0)) is None
    well = model.note_evidence(after(warned), "w", Report())
    assert (names(well), after(well).evidence) == (["EvidenceWarned"], Report())


def test_nothing_to_warn_of_is_not_told() -> None:
    assert model.note_evidence(followed(), "w", Report(measured_seconds=8.0)) is None
    assert model.note_evidence(followed(), "other", SILENT) is None


def test_the_verdict_comes_with_the_processed_video() -> None:
    warned = after(model.note_evidence(followed(), "w", SILENT))
    stopped = after(model.stop(warned, VIDEO))
    assert stopped.evidence is None
    assert model.note_evidence(stopped, "w", SILENT) is None
    judged = model.note_evidence(stopped, "w", Report(verdict="doubtful"))
    assert names(judged) == []
    done = model.finish(after(judged), "w", OUTCOME, NOW)
    assert done is not None
    assert (done.events[0].evidence, done.video.evidence) == ("doubtful", Report(verdict="doubtful"))  # type: ignore[attr-defined]


def test_a_video_that_nobody_judged_is_processed_all_the_same() -> None:
    done = model.finish(after(model.claim(VIDEO, "w", NOW)), "w", OUTCOME, NOW)
    assert done is not None
    assert done.events[0].evidence is None  # type: ignore[attr-defined]


def test_progress_is_noted_without_an_event_and_survives_the_end_of_the_recording() -> None:
    followed = after(model.claim(replace(model.follow(VIDEO).video, stopped_at=None), "w", NOW, small=True))
    noted = model.note_progress(followed, "w", PROGRESS)
    assert (after(noted).progress, names(noted)) == (PROGRESS, [])
    assert model.note_progress(followed, "other", PROGRESS) is None
    stopped = after(model.stop(after(noted), VIDEO))
    assert (stopped.progress, stopped.small) == (PROGRESS, True)
    watched = replace(stopped, stream=Stream(10.0, 1280, 480, 1, ()))
    assert model.note_progress(watched, "w", PROGRESS) is None
    assert after(model.finish(watched, "w", OUTCOME, NOW)).progress is None


def test_the_first_claim_decides_for_good_whether_the_picture_is_small() -> None:
    for first in (True, False):
        claimed = after(model.claim(VIDEO, "w", NOW, small=first))
        again = after(model.claim(claimed, "w", NOW, small=not first))
        assert (claimed.small, again.small) == (first, first)
