"""What a job says while it works, from its process to the service that started it: a file for each kind of notice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.logs import get_logger
from contracts.errors import Unavailable
from services.media.model.evidence import Report, report_from
from services.media.model.progress import Progress
from services.media.model.video import Stream

if TYPE_CHECKING:  # the job's process begins sooner without what the service stands on
    from services.media.application import Notices

logger = get_logger(__name__)
STREAM = "stream.json"
SEALED = "sealed.json"
EVIDENCE = "evidence.json"
PROGRESS = "progress.json"
PROGRESS_SECONDS = 3.0
"""Who catches up renders a cell a second, but nobody looks so often."""


class Silent:
    """Says nothing. See :class:`services.media.application.Notices`."""

    def playable(self, stream: Stream) -> None:
        """See the port."""

    def sealed(self, links: int, head: str) -> None:
        """See the port."""

    def noticed(self, report: Report) -> None:
        """See the port."""

    def progressed(self, progress: Progress) -> None:
        """See the port."""


class Written:
    """Writes to a folder. See :class:`services.media.application.Notices`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def playable(self, stream: Stream) -> None:
        """See the port."""
        write_whole(self._folder / STREAM, json.dumps(asdict(stream)))

    def sealed(self, links: int, head: str) -> None:
        """See the port."""
        write_whole(self._folder / SEALED, json.dumps({"links": links, "head": head}))

    def noticed(self, report: Report) -> None:
        """See the port."""
        write_whole(self._folder / EVIDENCE, json.dumps(asdict(report)))

    def progressed(self, progress: Progress) -> None:
        """See the port."""
        write_whole(self._folder / PROGRESS, json.dumps(asdict(progress)))


class Read:
    """Passes on what is written to a folder, each time that it is written anew."""

    def __init__(self, folder: Path, notices: Notices) -> None:
        self._files = (
            _File(folder / STREAM, lambda said: notices.playable(Stream(**said))),
            _File(folder / SEALED, lambda said: notices.sealed(**said)),
            _File(folder / EVIDENCE, lambda said: notices.noticed(report_from(said))),
            _File(folder / PROGRESS, lambda said: notices.progressed(Progress(**said)), PROGRESS_SECONDS),
        )

    def look(self) -> None:
        """Pass on what is new."""
        for one in self._files:
            one.look()


def forget(folder: Path) -> None:
    """Remove what an earlier job has said."""
    for name in (STREAM, SEALED, EVIDENCE, PROGRESS):
        (folder / name).unlink(missing_ok=True)


@dataclass(slots=True)
class _File:
    path: Path
    tell: Callable[[dict[str, Any]], None] = field(repr=False)
    every_seconds: float = 0.0
    version: tuple[int, int] | None = None
    told_at: float | None = None

    def look(self) -> None:
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return
        version = (status.st_ino, status.st_mtime_ns)
        if version == self.version or (self.told_at is not None and time.monotonic() - self.told_at < self.every_seconds):
            return
        try:
            self.tell(json.loads(self.path.read_text()))
            self.version, self.told_at = version, time.monotonic()
        except Unavailable as error:  # the store is away: it is told again
            logger.warning("not passed on yet", path=self.path.name, error=error.message)


def write_whole(path: Path, text: str) -> None:
    """At once: somebody may be looking for it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)
