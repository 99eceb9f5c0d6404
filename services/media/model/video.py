"""The state of one recording's video and its decisions: each returns the next state with its events, or None for no change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from contracts.errors import IllegalStep
from services.media.model.evidence import EvidenceWarning, Report
from services.media.model.progress import Progress

State = Literal["recording", "processing", "done", "failed"]
FOLLOW_AGAIN_AFTER = timedelta(seconds=5)
RETRY_AFTER = (timedelta(seconds=5), timedelta(seconds=30))
MAX_ATTEMPTS = len(RETRY_AFTER) + 1
MAX_INTERRUPTIONS = 20
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What rendering made. The objects are descriptions of stored bytes (bucket, key, size, sha256, content_type).

    ``seal`` holds the chain of hashes that grew while it was made, ``seal_head`` is its last value; ``gaps`` say what is missing
    (see :mod:`services.media.model.gaps`). Videos of the first version have neither.
    """

    duration_seconds: float
    width: int
    height: int
    playable: Mapping[str, Any]
    original: Mapping[str, Any]
    poster: Mapping[str, Any]
    seal: Mapping[str, Any] | None = None
    seal_head: str | None = None
    gaps: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """A video that can be watched before it is one object: its ``parts`` in a row are its bytes, ``size`` in all."""

    duration_seconds: float
    width: int
    height: int
    size: int
    parts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Video:
    """One recording on its way to a video: followed while it goes on, processed once it has stopped.

    ``tracks`` is the folder of the track files, on the volume of the SFU's ``instance`` ("": the only one); ``roles`` says by
    participant id who is clerk and who is holder. Whoever works on it holds a lease (``claimed_by``, ``claimed_until``), so that
    a killed worker's job is taken up: at once by a worker of the same name, which is its successor, and after the lease by any
    other. ``small``: whether its picture is kept small for the machine's sake (None: not decided yet); all cells must be alike.
    """

    recording_id: str
    conference_id: str
    emission_id: str
    office_id: str
    started_at: datetime
    stopped_at: datetime | None
    tracks: str
    roles: Mapping[str, str]
    due_at: datetime
    state: State = "processing"
    reason: str | None = None
    attempts: int = 0
    interruptions: int = 0
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    processed_at: datetime | None = None
    stream: Stream | None = None
    evidence: Report | None = None
    outcome: Outcome | None = None
    seal_head: str | None = None
    tracks_removed: bool = False
    instance: str = ""
    progress: Progress | None = None
    small: bool | None = None

    @property
    def awaited(self) -> bool:
        """Whether it cannot be watched yet, but will be."""
        return self.state in {"recording", "processing"} and self.stream is None

    def identity(self) -> tuple[str, str, str, str]:
        """What every event begins with."""
        return self.recording_id, self.conference_id, self.emission_id, self.office_id


@dataclass(frozen=True, slots=True)
class VideoEvent:
    """Every event says which recording of which conference, emission and office."""

    recording_id: str
    conference_id: str
    emission_id: str
    office_id: str


@dataclass(frozen=True, slots=True)
class VideoProcessingStarted(VideoEvent):
    """The recording will be processed."""


@dataclass(frozen=True, slots=True)
class RecordingSealed(VideoEvent):
    """What was recorded so far is sealed: ``head`` is the newest of ``links`` links."""

    links: int
    head: str


@dataclass(frozen=True, slots=True)
class VideoPlayable(VideoEvent):
    """The recording can be watched; original and hash follow."""

    duration_seconds: float
    size: int


@dataclass(frozen=True, slots=True)
class VideoProcessed(VideoEvent):
    """Original and playable video are stored."""

    duration_seconds: float
    playable_sha256: str
    playable_size: int
    original_sha256: str
    original_size: int
    seal_head: str | None
    gaps: tuple[Mapping[str, Any], ...]
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceWarned(VideoEvent):
    """What is wrong now with the sound or picture of a recording that goes on; empty: all is well again."""

    warnings: tuple[EvidenceWarning, ...]


@dataclass(frozen=True, slots=True)
class VideoFailed(VideoEvent):
    """No further attempt will be made unless somebody asks for one."""

    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The next state and the events that led there."""

    video: Video
    events: tuple[VideoEvent, ...] = ()


Decide = Callable[[Video], Decision | None]
"""From a video to what shall be stored (None: nothing)."""


def follow(video: Video) -> Decision:
    """A recording has begun: its cells can be rendered while it goes on."""
    return Decision(replace(video, state="recording"))


def begin(video: Video) -> Decision:
    """A recording was stopped that nobody has followed: it will be processed."""
    return Decision(video, (VideoProcessingStarted(*video.identity()),))


def stop(followed: Video, stopped: Video) -> Decision | None:
    """The followed recording was stopped: who follows it goes on to process it, which counts as the first attempt."""
    if followed.state != "recording":
        return None
    claimed = replace(stopped, claimed_by=followed.claimed_by, claimed_until=followed.claimed_until)
    rendered = replace(claimed, progress=followed.progress, small=followed.small)
    return begin(replace(rendered, attempts=1 if followed.claimed_by else 0))


def is_due(video: Video, worker: str, now: datetime) -> bool:
    """Whether a worker that does not work on it now may take it."""
    free = video.claimed_until is None or video.claimed_until <= now or video.claimed_by == worker
    return video.state in {"recording", "processing"} and video.due_at <= now and free


def claim(video: Video, worker: str, now: datetime, small: bool = False) -> Decision | None:
    """Take it for another attempt. One that ended without a word (a killed worker) counts apart.

    The first claim decides whether its picture is kept ``small``.
    """
    if not is_due(video, worker, now):
        return None
    video = replace(video, small=small if video.small is None else video.small)
    if video.state == "recording":
        return Decision(replace(video, claimed_by=worker, claimed_until=now + LEASE))
    interrupted = video.claimed_by is not None
    if interrupted and video.interruptions >= MAX_INTERRUPTIONS:
        return _failed(video, "interrupted: every attempt was cut short")
    attempts, interruptions = video.attempts + (not interrupted), video.interruptions + interrupted
    claimed = replace(video, claimed_by=worker, claimed_until=now + LEASE)
    return Decision(replace(claimed, attempts=attempts, interruptions=interruptions))


def renew(video: Video, worker: str, now: datetime) -> Decision | None:
    """The worker is alive."""
    return Decision(replace(video, claimed_until=now + LEASE)) if _holds(video, worker) else None


def note_sealed(video: Video, worker: str, links: int, head: str) -> Decision | None:
    """The chain has grown; its head goes out at once, so that it is known elsewhere before anybody could exchange anything."""
    if not _holds(video, worker) or video.seal_head == head:
        return None
    return Decision(replace(video, seal_head=head), (RecordingSealed(*video.identity(), links, head),))


def note_progress(video: Video, worker: str, progress: Progress) -> Decision | None:
    """Another cell is rendered; nobody but who waits for the video need know."""
    if not _holds(video, worker) or video.stream:
        return None
    return Decision(replace(video, progress=progress.after(video.progress)))


def note_playable(video: Video, worker: str, stream: Stream) -> Decision | None:
    """It can be watched from now on."""
    if not _holds(video, worker) or video.state != "processing" or video.stream:
        return None
    playable = VideoPlayable(*video.identity(), stream.duration_seconds, stream.size)
    return Decision(replace(video, stream=stream), (playable,))


def note_evidence(video: Video, worker: str, report: Report) -> Decision | None:
    """While the recording goes on what is warned of matters, afterwards the verdict."""
    if not _holds(video, worker) or report == video.evidence:
        return None
    if video.state == "processing":
        return Decision(replace(video, evidence=report)) if report.verdict else None
    warned = video.evidence.warnings if video.evidence else ()
    if report.warnings == warned:
        return None
    return Decision(replace(video, evidence=report), (EvidenceWarned(*video.identity(), report.warnings),))


def finish(video: Video, worker: str, outcome: Outcome, now: datetime) -> Decision | None:
    """Everything is stored. A worker that has lost its lease has no say."""
    if not _holds(video, worker) or video.state != "processing":
        return None
    done = _released(replace(video, state="done", reason=None, processed_at=now, stream=None, progress=None, outcome=outcome))
    processed = VideoProcessed(
        *video.identity(),
        outcome.duration_seconds,
        outcome.playable["sha256"],
        outcome.playable["size"],
        outcome.original["sha256"],
        outcome.original["size"],
        outcome.seal_head,
        outcome.gaps,
        video.evidence.verdict if video.evidence else None,
    )
    return Decision(done, (processed,))


def fail(video: Video, worker: str, reason: str, lasting: bool, now: datetime) -> Decision | None:
    """An attempt failed: try again after a while, or give up where the cause lasts or the attempts are used up."""
    if not _holds(video, worker):
        return None
    if video.state == "recording":
        return _followed_later(video, now)
    if lasting or video.attempts >= MAX_ATTEMPTS:
        return _failed(video, reason)
    return Decision(_released(replace(video, reason=reason, due_at=now + RETRY_AFTER[video.attempts - 1])))


def interrupt(video: Video, worker: str, reason: str, now: datetime) -> Decision | None:
    """The attempt was cut short (killed, out of memory): it counts as an interruption, not as an attempt."""
    if not _holds(video, worker):
        return None
    if video.state == "recording":
        return _followed_later(video, now)
    if video.interruptions >= MAX_INTERRUPTIONS:
        return _failed(video, reason)
    cut_short = replace(video, attempts=video.attempts - 1, interruptions=video.interruptions + 1)
    return Decision(_released(replace(cut_short, reason=reason, due_at=now + RETRY_AFTER[0])))


def postpone(video: Video, worker: str, reason: str, now: datetime) -> Decision | None:
    """The disk is full or away, which is not the recording's fault: nothing is counted, and it is tried again until it works."""
    if not _holds(video, worker):
        return None
    if video.state == "recording":
        return _followed_later(video, now)
    uncounted = replace(video, attempts=max(0, video.attempts - 1), reason=reason, due_at=now + RETRY_AFTER[0])
    return Decision(_released(uncounted))


def retry(video: Video, now: datetime) -> Decision:
    """Somebody asks for another round of attempts."""
    if video.state != "failed":
        raise IllegalStep("only a failed video can be tried again", state=video.state, allowed=[])
    again = replace(video, state="processing", reason=None, attempts=0, interruptions=0, due_at=now)
    return Decision(again, (VideoProcessingStarted(*video.identity()),))


def note_tracks_removed(video: Video) -> Decision | None:
    """The raw tracks are gone: original and video hold what they held."""
    return Decision(replace(video, tracks_removed=True)) if video.state == "done" and not video.tracks_removed else None


def _followed_later(video: Video, now: datetime) -> Decision:
    """Following only saves time: what goes wrong with it is nobody's fault, and the end will tell."""
    return Decision(_released(replace(video, due_at=now + FOLLOW_AGAIN_AFTER)))


def _failed(video: Video, reason: str) -> Decision:
    failed = _released(replace(video, state="failed", reason=reason))
    return Decision(failed, (VideoFailed(*video.identity(), reason, video.attempts),))


def _holds(video: Video, worker: str) -> bool:
    return video.state in {"recording", "processing"} and video.claimed_by == worker


def _released(video: Video) -> Video:
    return replace(video, claimed_by=None, claimed_until=None)
