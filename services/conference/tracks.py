"""The recorder's files as the conference needs them. See :class:`services.conference.application.ports.Tracks`."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

from contracts.errors import Unavailable
from services.conference.application.ports import TrackFacts

OPEN_SUFFIX = ".mjr.tmp"
DRAINING = ".draining"
MAGIC = b"MJR0000"
PREAMBLE = struct.Struct(">8sH")


class TrackFolder:
    """Looks at the folder that the SFU records into."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def look(self, room: str) -> TrackFacts:
        """See the port."""
        files = self._files(room)
        begun = [moment for moment in map(first_packet_at, files) if moment]
        return TrackFacts(
            media_bytes=sum(map(media_bytes, files)),
            begun_at=min(begun, default=None),
            written_until=max(filter(None, map(written_at, files)), default=None),
            settled=not any(path.name.endswith(OPEN_SUFFIX) for path in files),
        )

    def draining(self) -> bool:
        """See the port: whoever is about to stop the instance leaves a mark (see :mod:`services.conference.draining`)."""
        return (self._root / DRAINING).exists()

    def any_open(self) -> bool:
        """Whether the recorder writes any file now."""
        return next(self._root.glob(f"*/*{OPEN_SUFFIX}"), None) is not None

    def check(self) -> None:
        """See the port."""
        try:
            next(self._root.iterdir(), None)
        except OSError as error:
            raise Unavailable("the recordings cannot be read", reason="tracks", error=str(error.strerror)) from error

    def _files(self, room: str) -> list[Path]:
        return [path for path in (self._root / room).glob("*.mjr*") if path.is_file()]


def media_bytes(path: Path) -> int:
    """Bytes after the header of one track file (``MJR0000x``, header length, JSON, packets); 0 while there is no header."""
    try:
        size = path.stat().st_size
        length, _ = _header(path)
    except FileNotFoundError:  # renamed between the listing and now
        return 0
    return max(0, size - PREAMBLE.size - length) if length else 0


def written_at(path: Path) -> datetime | None:
    """When a track file was last written; None where it was renamed between the listing and now."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def first_packet_at(path: Path) -> datetime | None:
    """When the first packet of a track file was received; None where there is none, or the header is not whole."""
    try:
        _, header = _header(path)
        return datetime.fromtimestamp(json.loads(header)["u"] / 1e6, UTC)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _header(path: Path) -> tuple[int, bytes]:
    with path.open("rb") as file:
        preamble = file.read(PREAMBLE.size)
        if len(preamble) < PREAMBLE.size:
            return 0, b""
        magic, length = PREAMBLE.unpack(preamble)
        return (int(length), file.read(length)) if magic.startswith(MAGIC) else (0, b"")
