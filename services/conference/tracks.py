"""The recorder's files as the conference needs them. See :class:`services.conference.application.ports.Tracks`."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

OPEN_SUFFIX = ".mjr.tmp"
MAGIC = b"MJR0000"
PREAMBLE = struct.Struct(">8sH")


class TrackFolder:
    """Looks at the folder that the SFU records into."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, room: str) -> str:
        """See the port."""
        return room

    def media_bytes(self, room: str) -> int:
        """See the port."""
        return sum(media_bytes(path) for path in self._files(room))

    def begun_at(self, room: str) -> datetime | None:
        """See the port."""
        moments = [moment for moment in map(first_packet_at, self._files(room)) if moment]
        return min(moments, default=None)

    def written_until(self, room: str) -> datetime | None:
        """See the port."""
        moments = [datetime.fromtimestamp(path.stat().st_mtime, UTC) for path in self._files(room)]
        return max(moments, default=None)

    def settled(self, room: str) -> bool:
        """See the port."""
        return not any(path.name.endswith(OPEN_SUFFIX) for path in self._files(room))

    def check(self) -> None:
        """Raises where the folder cannot be read (health)."""
        next(self._root.iterdir(), None)

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
