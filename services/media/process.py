"""``python -m services.media.process FOLDER OUTPUT``: the pipeline over track files made elsewhere, finished or still growing.

Prints a line for each cell and, last, one JSON object. The files end up in ``OUTPUT``: ``video.mp4``, ``original.mkv``,
``poster.jpg``, ``seal.json``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chassis.folder_objects import FolderObjectStore
from services.media.following import Stop
from services.media.model.evidence import Report
from services.media.model.video import Stream
from services.media.notices import Silent
from services.media.render import CannotRender, Job, Rendering
from services.media.tracks import TEMPORARY, UnreadableTrack

FILES = {"playable": "video.mp4", "original": "original.mkv", "poster": "poster.jpg", "seal": "seal.json"}


class Growth:
    """Whether a folder's tracks still grow."""

    def __init__(self, folder: Path, quiet_seconds: float) -> None:
        self._folder = folder
        self._quiet_seconds = quiet_seconds
        self._size = -1
        self._changed_at = time.monotonic()

    def over(self) -> bool:
        """All tracks are closed; or one that is not (its recorder was killed) has not grown for a while."""
        tracks = list(self._folder.glob("*.mjr*"))
        size = sum(path.stat().st_size for path in tracks if path.exists())
        if size != self._size:
            self._size, self._changed_at = size, time.monotonic()
        if tracks and not any(path.name.endswith(TEMPORARY) for path in tracks):
            return True
        return bool(tracks) and time.monotonic() - self._changed_at > self._quiet_seconds


class _Saying(Silent):
    """Prints what the job says, and keeps what is asked for at the end."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self.ended = 0.0
        self.ready = 0.0
        self.verdict: str | None = None

    def playable(self, stream: Stream) -> None:
        self.ready = time.monotonic() - self.ended
        self._say(f"{len(stream.parts) - 1} cells, {stream.duration_seconds:.1f} s, playable {self.ready:.1f} s after the end")

    def sealed(self, links: int, head: str) -> None:
        self._say(f"link {links}: {head}")

    def noticed(self, report: Report) -> None:
        self.verdict = report.verdict
        for warning in report.warnings:
            self._say(f"warning: {warning.slot} {warning.fault}")


def process(folder: Path, output: Path, threads: int, quiet_seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Follow a folder to its end and make its video; returns figures. Raises :class:`CannotRender`."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".titular-media-", dir=output) as scratch:
        objects = FolderObjectStore(Path(scratch) / "objects")
        job = Job(str(folder), str(Path(scratch) / "work"), "recording", threads, scratch, 1, live=False)
        notices = _Saying(say)
        rendering = Rendering(job, objects, notices)
        rendering.follow(Growth(folder, quiet_seconds).over)
        notices.ended = time.monotonic()
        outcome = rendering.finish(Stop(0.0, {}))
        figures: dict[str, Any] = {
            "duration_seconds": outcome.duration_seconds,
            "width": outcome.width,
            "height": outcome.height,
            "gaps": outcome.gaps,
            "seal_head": outcome.seal_head,
            "evidence": notices.verdict,
            "ready_s": round(notices.ready, 2),
            "done_s": round(time.monotonic() - notices.ended, 2),
        }
        for form, name in FILES.items():
            stored = getattr(outcome, form)
            shutil.move(objects.path(stored["bucket"], stored["key"]), output / name)
            figures[form] = {"file": str(output / name), "size": stored["size"], "sha256": stored["sha256"]}
    return figures


def main() -> None:
    """Run from the command line; ends with status 1 where the tracks cannot become a video."""
    parser = argparse.ArgumentParser(prog="titular media process")
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quiet-seconds", type=float, default=30.0)
    asked = parser.parse_args()
    if not asked.folder.is_dir():
        parser.error(f"{asked.folder} is not a folder")
    try:
        figures = process(asked.folder, asked.output, asked.threads, asked.quiet_seconds, lambda text: print(text, flush=True))
    except CannotRender as error:
        sys.exit(error.reason)
    except UnreadableTrack as error:
        sys.exit(f"unreadable_track: {error}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
