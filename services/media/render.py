"""``python -m services.media.render <job.json>``: one recording from tracks to stored video, in a process of its own.

Writes ``result.json`` beside the job: ``{"outcome": …}`` or ``{"reason": …, "lasting": …}``. The object store's settings come
from the environment.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chassis.objects import ObjectStore, S3ObjectStore, sha256_of_file
from chassis.settings import ObjectSettings, load
from contracts.errors import TitularError, Unavailable
from services.media import rendering, tracks
from services.media.model.timeline import NothingRecorded, make_plan
from services.media.model.video import Outcome

BUCKET = "videos"
ALLOWED_DRIFT_SECONDS = 1.0
LONGEST_FACTOR = 10
SHORTEST_TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Job:
    """What to render. ``tracks`` and ``work`` are folders; ``stopped_at`` in seconds since the epoch; ``prefix`` of the keys."""

    tracks: str
    work: str
    prefix: str
    roles: Mapping[str, str]
    stopped_at: float
    threads: int


class CannotRender(Exception):
    """The tracks cannot become a video; another attempt would end the same way where ``lasting``."""

    def __init__(self, reason: str, lasting: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


def render(job: Job, objects: ObjectStore) -> Outcome:
    """Make original, playable video and poster, store them, and check what was stored. Raises :class:`CannotRender`."""
    folder = Path(job.tracks)
    if not folder.is_dir():
        raise CannotRender("tracks_missing: the folder of the track files is not there", lasting=True)
    try:
        plan = make_plan(tracks.read_folder(folder), job.roles, job.stopped_at)
    except NothingRecorded as error:
        raise CannotRender("no_media: no track holds picture or sound", lasting=True) from error
    except tracks.UnreadableTrack as error:
        raise CannotRender(f"unreadable_track: {error}", lasting=True) from error
    work = Path(job.work)
    shop = rendering.Workshop(work, job.threads, max(SHORTEST_TIMEOUT_SECONDS, LONGEST_FACTOR * plan.duration))
    original, playable, poster = work / "original.mkv", work / "video.mp4", work / "poster.jpg"
    try:
        rendering.render_original(plan, shop, original)
        rendering.render_playable(plan, shop, playable)
        rendering.render_poster(plan, shop, playable, poster)
        measured = rendering.measure(shop, playable)
    except rendering.ToolFailed as error:
        raise CannotRender(f"rendering_failed: {error}", lasting=False) from error
    if abs(measured.duration_seconds - plan.duration) > ALLOWED_DRIFT_SECONDS:
        text = f"{measured.duration_seconds:.1f} s instead of {plan.duration:.1f} s"
        raise CannotRender(f"wrong_duration: the video lasts {text}", lasting=False)
    stored = {
        "playable": _store(objects, job.prefix, playable, "video/mp4"),
        "original": _store(objects, job.prefix, original, "video/x-matroska"),
        "poster": _store(objects, job.prefix, poster, "image/jpeg"),
    }
    return Outcome(round(measured.duration_seconds, 3), measured.width, measured.height, **stored)


def _store(objects: ObjectStore, prefix: str, path: Path, content_type: str) -> dict[str, Any]:
    """Store a file under a key that names its content, then read it back: the tracks will be removed relying on it."""
    digest = sha256_of_file(path)
    key = f"{prefix}/{path.stem}-{digest[:16]}{path.suffix}"
    stored = objects.put_file(BUCKET, key, path, content_type)
    read_back = hashlib.sha256()
    for block in objects.stream(BUCKET, key):
        read_back.update(block)
    if read_back.hexdigest() != digest:
        raise Unavailable("the object store holds other bytes than it was given", object=key)
    return stored


def main(job_file: Path) -> None:
    """Run one job; the result file says how it ended."""
    job = Job(**json.loads(job_file.read_text()))
    shutil.rmtree(job.work, ignore_errors=True)
    Path(job.work).mkdir(parents=True)
    result: dict[str, Any]
    try:
        result = {"outcome": asdict(render(job, S3ObjectStore(load(ObjectSettings.read))))}
    except CannotRender as error:
        result = {"reason": error.reason, "lasting": error.lasting}
    except TitularError as error:
        result = {"reason": f"{error.code}: {error.message}", "lasting": False}
    except OSError as error:
        result = {"reason": f"storage: {error.strerror or error}", "lasting": False}
    finally:
        shutil.rmtree(job.work, ignore_errors=True)
    job_file.with_name("result.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
