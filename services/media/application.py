"""What is asked of media, what it hears, and its work; with the ports that these need."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chassis.clock import Clock
from chassis.logs import get_logger
from chassis.rpc import Call
from contracts.envelope import Envelope
from contracts.errors import Forbidden, InvalidInput, NotFound
from services.media.model import video as model
from services.media.model.evidence import Report
from services.media.model.outlook import Outlook, is_behind, outlook
from services.media.model.progress import Progress
from services.media.model.video import Decision, Outcome, Stream, Video
from services.media.views import view

logger = get_logger(__name__)
OFFICE_BOUND = ("clerk", "administrator")


@dataclass(frozen=True, slots=True)
class Trigger:
    """What led to a change: the actor and command id of a call, or the event that was handled."""

    actor: dict[str, Any] | None = None
    command_id: str | None = None
    cause: str | None = None


BY_ITSELF = Trigger(actor={"user_id": "service:media", "role": "system", "office_id": None})


class Videos(Protocol):
    """Stored videos; a change and its events are stored in one write."""

    def get(self, recording_id: str) -> Video | None:
        """By id."""

    def of_emission(self, emission_id: str) -> Sequence[Video]:
        """All of an emission, newest first."""

    def unfinished(self, instance: str) -> Sequence[Video]:
        """All of an SFU instance that are to be processed, oldest first; then all that are being recorded."""

    def with_tracks_left(self, instance: str) -> Sequence[Video]:
        """Those done of an SFU instance whose raw tracks are not removed yet."""

    def change(self, recording_id: str, decide: Callable[[Video | None], Decision | None], trigger: Trigger) -> Video | None:
        """Store what ``decide`` wants and return it; None if nothing was to be done or the command id was seen before."""


class RenderFailed(Exception):
    """An attempt did not succeed; ``lasting``: nor would another; ``interrupted``: it was cut short, which proves nothing."""

    def __init__(self, reason: str, lasting: bool = False, interrupted: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting
        self.interrupted = interrupted


class Notices(Protocol):
    """What a renderer has to say while it works."""

    def playable(self, stream: Stream) -> None:
        """It can be watched."""

    def sealed(self, links: int, head: str) -> None:
        """The chain of hashes has grown."""

    def noticed(self, report: Report) -> None:
        """How it serves as evidence, after each cell and at its end."""

    def progressed(self, progress: Progress) -> None:
        """Another cell is rendered."""


class Renderer(Protocol):
    """Makes a recording's tracks into stored files."""

    def render(self, video: Video, keep: Callable[[], Video | None], notices: Notices) -> Outcome:
        """Follows a recording that goes on to its end; blocks until all is stored.

        ``keep`` is called every few seconds and returns the recording as it stands, or None where the work is no longer
        wanted. Raises :class:`RenderFailed`.
        """

    def note_stop(self, video: Video) -> None:
        """The recording has stopped: who follows it on this machine need not wait until he asks."""

    def remove_tracks(self, video: Video) -> None:
        """Delete the raw tracks and all that was made on the way; may be repeated."""


@dataclass(frozen=True, slots=True)
class Media:
    """Everything the use cases work with.

    ``worker`` names this process among the living ones; ``at_work`` holds the recordings that it works on now, of which it
    follows ``followers`` at most: recordings that have stopped must find a place. Only recordings of the SFU's ``instance`` lie
    on this machine's volume.
    """

    videos: Videos
    renderer: Renderer
    now: Clock
    worker: str
    followers: int
    instance: str = ""
    at_work: set[str] = field(default_factory=set)


def follow_recording(media: Media, envelope: Envelope) -> None:
    """A recording has begun: follow it. One whose end was heard of first is left alone."""
    if not envelope.data["tracks"]:
        return
    video = _recording(envelope, media.now())
    media.videos.change(video.recording_id, lambda present: None if present else model.follow(video), _heard(envelope))


def take_recording(media: Media, envelope: Envelope) -> None:
    """A recording was stopped: process it. The same recording is taken once."""
    video = _recording(envelope, media.now())

    def stop(present: Video | None) -> Decision | None:
        return model.stop(present, video) if present else model.begin(video)

    stopped = media.videos.change(video.recording_id, stop, _heard(envelope))
    if stopped:
        media.renderer.note_stop(stopped)


def _recording(envelope: Envelope, now: datetime) -> Video:
    data = envelope.data
    return Video(
        recording_id=data["recording_id"],
        conference_id=data["conference_id"],
        emission_id=data["emission_id"],
        office_id=data["office_id"],
        started_at=_moment(data["started_at"], "started_at"),
        stopped_at=_moment(data["stopped_at"], "stopped_at") if "stopped_at" in data else None,
        tracks=data["tracks"],
        roles={one["participant_id"]: one["role"] for one in data.get("participants", ())},
        due_at=now,
        instance=data.get("instance", ""),
    )


def _heard(envelope: Envelope) -> Trigger:
    return Trigger(actor=envelope.actor, cause=envelope.id)


def _moment(value: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput("not a moment", field=field, reason="invalid") from error


def get_videos(media: Media, call: Call, emission_id: str) -> dict[str, Any]:
    """All recordings of an emission, newest first."""
    found = media.videos.of_emission(emission_id)
    for video in found:
        _check_office(call, video)
    return {"videos": [view(video, _outlook(media, video)) for video in found]}


def _outlook(media: Media, video: Video) -> Outlook | None:
    return outlook(video, media.videos.unfinished(video.instance), media.now()) if video.awaited else None


def retry_video(media: Media, call: Call, recording_id: str) -> dict[str, Any]:
    """Another round of attempts at a failed video."""
    video = media.videos.get(recording_id)
    if video is None:
        raise NotFound("no such recording", field="recording_id")
    _check_office(call, video)
    actor = {"user_id": call.actor.user_id, "role": call.actor.role, "office_id": call.actor.office_id}
    now = media.now()

    def again(present: Video | None) -> Decision | None:
        return model.retry(present, now) if present else None

    media.videos.change(recording_id, again, Trigger(actor, call.command_id, call.command_id))
    return view(media.videos.get(recording_id) or video)


def _check_office(call: Call, video: Video) -> None:
    if call.actor.role in OFFICE_BOUND and call.actor.office_id != video.office_id:
        raise Forbidden("the recording belongs to another office", reason="office")


def claim_next(media: Media) -> Video | None:
    """Take the job of this instance that should be done next, if any is due; whoever gets it must :func:`see_through`."""
    now = media.now()
    unfinished = media.videos.unfinished(media.instance)
    for waiting in unfinished:
        if waiting.recording_id in media.at_work:
            _note_stop(media, waiting)
            continue
        if not model.is_due(waiting, media.worker, now):
            continue
        if waiting.state == "recording" and len(media.at_work) >= media.followers:
            continue
        small = is_behind([other for other in unfinished if other is not waiting], now)
        claimed = _change(media, waiting, functools.partial(model.claim, worker=media.worker, now=now, small=small))
        if claimed and claimed.claimed_by == media.worker:
            media.at_work.add(claimed.recording_id)
            return claimed
    return None


def _note_stop(media: Media, video: Video) -> None:
    """The event may have been heard by a process of another machine, which cannot tell the follower here."""
    try:
        media.renderer.note_stop(video)
    except OSError as error:  # the follower asks by itself, only later
        logger.warning("the stop cannot be noted", recording_id=video.recording_id, error=str(error.strerror))


def see_through(media: Media, video: Video) -> None:
    """Follow or process a claimed recording to its end, whatever that is."""
    try:
        _process(media, video)
    finally:
        media.at_work.discard(video.recording_id)


def _process(media: Media, video: Video) -> None:
    logger.info("video begun", recording_id=video.recording_id, state=video.state, attempt=video.attempts)
    try:
        outcome = media.renderer.render(video, lambda: _renew(media, video), _Noting(media, video))
    except RenderFailed as error:
        logger.warning("video attempt failed", recording_id=video.recording_id, reason=error.reason, attempt=video.attempts)
        _change(media, video, functools.partial(_after_failure, media, error))
        return
    except OSError as error:
        reason = f"storage: {error.strerror or type(error).__name__}"
        logger.warning("video postponed", recording_id=video.recording_id, reason=reason)
        _change(media, video, lambda present: model.postpone(present, media.worker, reason, media.now()))
        return
    done = _change(media, video, lambda present: model.finish(present, media.worker, outcome, media.now()))
    if done:
        logger.info("video done", recording_id=video.recording_id, seconds=outcome.duration_seconds)
        remove_tracks(media, done)


def _after_failure(media: Media, error: RenderFailed, video: Video) -> Decision | None:
    if error.interrupted:
        return model.interrupt(video, media.worker, error.reason, media.now())
    return model.fail(video, media.worker, error.reason, error.lasting, media.now())


def _renew(media: Media, video: Video) -> Video | None:
    try:
        return _change(media, video, lambda present: model.renew(present, media.worker, media.now()))
    except Exception as error:  # the store does not answer now: the lease has still some time to run
        logger.warning("lease not renewed", recording_id=video.recording_id, error=type(error).__name__)
        return video


@dataclass(frozen=True, slots=True)
class _Noting:
    """Notes what the renderer says; see :class:`Notices`."""

    media: Media
    video: Video

    def playable(self, stream: Stream) -> None:
        logger.info("video can be watched", recording_id=self.video.recording_id)
        _change(self.media, self.video, lambda present: model.note_playable(present, self.media.worker, stream))

    def sealed(self, links: int, head: str) -> None:
        _change(self.media, self.video, lambda present: model.note_sealed(present, self.media.worker, links, head))

    def noticed(self, report: Report) -> None:
        noted = _change(self.media, self.video, lambda present: model.note_evidence(present, self.media.worker, report))
        if noted:
            said = [f"{warning.slot} {warning.fault}" for warning in report.warnings]
            logger.info("evidence noted", recording_id=self.video.recording_id, verdict=report.verdict, warnings=said)

    def progressed(self, progress: Progress) -> None:
        _change(self.media, self.video, lambda present: model.note_progress(present, self.media.worker, progress))


def remove_tracks(media: Media, video: Video) -> None:
    """The raw tracks go only after everything is stored, and that they went is noted after it happened."""
    try:
        media.renderer.remove_tracks(video)
    except OSError as error:
        logger.warning("tracks cannot be removed yet", recording_id=video.recording_id, error=str(error.strerror))
        return
    _change(media, video, model.note_tracks_removed)


def tidy(media: Media) -> None:
    """Remove tracks that an interrupted process of this instance has left behind."""
    for video in media.videos.with_tracks_left(media.instance):
        remove_tracks(media, video)


def _change(media: Media, video: Video, decide: model.Decide) -> Video | None:
    return media.videos.change(video.recording_id, lambda present: decide(present) if present else None, BY_ITSELF)
