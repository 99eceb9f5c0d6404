"""Media's work on ports in memory."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.rpc import Call
from contracts.actor import system
from services.media import application
from services.media.application import Media, Notices, Trigger
from services.media.model import video as model
from services.media.model.video import Decision, Outcome, Video
from tests.unit.services.media.test_video import NOW, OUTCOME, PROGRESS, VIDEO

CALL = Call(system("test"), "c", "")


@dataclass
class OneVideo:
    """See :class:`services.media.application.Videos`, of one recording."""

    video: Video

    def get(self, recording_id: str) -> Video | None:
        return self.video

    def of_emission(self, emission_id: str) -> Sequence[Video]:
        return [self.video]

    def unfinished(self, instance: str) -> Sequence[Video]:
        return [self.video] if self.video.state in {"recording", "processing"} and self.video.instance == instance else []

    def with_tracks_left(self, instance: str) -> Sequence[Video]:
        return []

    def change(self, recording_id: str, decide: Callable[[Video | None], Decision | None], trigger: Trigger) -> Video | None:
        decision = decide(self.video)
        if decision:
            self.video = decision.video
        return decision.video if decision else None


@dataclass
class FullDisk:
    """A renderer whose disk is full until somebody makes room."""

    full: bool = True
    stops: list[str] = field(default_factory=list)

    def render(self, video: Video, keep: Callable[[], Video | None], notices: Notices) -> Outcome:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return OUTCOME

    def note_stop(self, video: Video) -> None:
        if video.stopped_at:
            self.stops.append(video.recording_id)

    def remove_tracks(self, video: Video) -> None: ...


@pytest.mark.parametrize("video", [VIDEO, replace(model.follow(VIDEO).video, stopped_at=None)], ids=["stopped", "going on"])
def test_a_full_disk_is_not_tried_again_at_once_and_never_uses_a_recording_up(video: Video) -> None:
    now = NOW
    videos, renderer = OneVideo(video), FullDisk()
    media = Media(videos, renderer, lambda: now, "w", followers=2)
    for _ in range(2 * model.MAX_INTERRUPTIONS):
        claimed = application.claim_next(media)
        assert claimed
        application.see_through(media, claimed)
        assert application.claim_next(media) is None
        now = videos.video.due_at
    renderer.full = False
    claimed = application.claim_next(media)
    assert claimed
    assert (claimed.state, claimed.interruptions) == (video.state, 0)
    application.see_through(media, claimed)
    assert videos.video.state == ("done" if video.state == "processing" else "recording")


def test_a_recording_of_another_instance_is_left_to_the_workers_beside_it() -> None:
    videos = OneVideo(replace(VIDEO, instance="sfu-1"))
    for instance, takes in (("", False), ("sfu-0", False), ("sfu-1", True)):
        media = Media(videos, FullDisk(), lambda: NOW, "w", followers=2, instance=instance)
        assert (application.claim_next(media) is not None) is takes


def test_a_followed_recording_whose_stop_another_process_has_heard_is_told_so() -> None:
    # given a worker that follows a recording
    videos, renderer = OneVideo(replace(model.follow(VIDEO).video, stopped_at=None)), FullDisk()
    media = Media(videos, renderer, lambda: NOW, "w", followers=2)
    assert application.claim_next(media)
    assert application.claim_next(media) is None
    assert renderer.stops == []
    # when its end is in the store
    stopped = model.stop(videos.video, VIDEO)
    assert stopped
    videos.video = stopped.video
    # then the next look tells the follower
    assert application.claim_next(media) is None
    assert renderer.stops == [VIDEO.recording_id]


@dataclass
class Noted(FullDisk):
    """A renderer that has rendered a cell and is asked before it is done."""

    asked: Callable[[], None] = lambda: None

    def render(self, video: Video, keep: Callable[[], Video | None], notices: Notices) -> Outcome:
        notices.progressed(PROGRESS)
        self.asked()
        return OUTCOME


def test_who_asks_while_it_is_rendered_is_told_when_it_will_be_ready() -> None:
    # given a worker that has rendered a part of a recording
    videos = OneVideo(replace(VIDEO, stopped_at=NOW + timedelta(seconds=20)))
    told: list[dict[str, Any] | None] = []
    media = Media(videos, Noted(asked=lambda: told.append(_asked())), lambda: NOW + timedelta(seconds=20), "w", followers=2)

    def _asked() -> dict[str, Any] | None:
        progress: dict[str, Any] | None = application.get_videos(media, CALL, VIDEO.emission_id)["videos"][0]["progress"]
        return progress

    assert application.get_videos(media, CALL, VIDEO.emission_id)["videos"][0]["progress"]["ready_seconds"] is None
    # when its clerk asks in between and at the end
    claimed = application.claim_next(media)
    assert claimed
    application.see_through(media, claimed)
    told.append(_asked())
    # then there is an estimate as long as it is waited for
    between, done = told
    assert between is not None
    assert (between["behind_seconds"], between["cells_waiting"]) == (20.0, 2)
    assert between["ready_seconds"] > 2 * (PROGRESS.seconds_per_cell or 0)
    assert done is None


@pytest.mark.parametrize("waiting", [10, 10_000], ids=["little", "much"])
def test_what_begins_on_a_machine_that_is_far_behind_gets_a_small_picture(waiting: int) -> None:
    late = replace(VIDEO, recording_id="late", stopped_at=NOW + timedelta(seconds=waiting), due_at=NOW + timedelta(days=1))
    videos = OneVideo(VIDEO)
    videos.unfinished = lambda instance: [videos.video, late]  # type: ignore[method-assign]
    claimed = application.claim_next(Media(videos, FullDisk(), lambda: NOW, "w", followers=2))
    assert claimed
    assert claimed.small is (waiting > 10)
