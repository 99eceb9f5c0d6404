"""A meeting of any length made of recorded tracks, written as the recorder would, at whatever pace."""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.media.tracks import CODECS, FRAME, FRAME_MAGIC, MAGIC, Header, read_header
from tests.support.tracks import EPOCH, FIXTURES

SOURCE = FIXTURES / "two-people"
PERIOD_SECONDS = 10.0
"""The recorded tracks begin again after so long."""


@dataclass
class _Feeding:
    path: Path
    file: BinaryIO
    packets: Iterator[tuple[float, bytes]]
    waiting: tuple[float, bytes]


class Meeting:
    """Two people (or fewer) who talk for ever; their tracks grow with each :meth:`advance`."""

    def __init__(self, folder: Path, begins_at: float = EPOCH, people: Sequence[str] = ("clerk", "holder")) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.begins_at = begins_at
        self._tracks = [self._open(folder, source) for one in people for source in sorted(SOURCE.glob(f"*-user-{one}-*.mjr"))]

    def advance(self, seconds: float) -> None:
        """Write all that arrives until so many seconds after the beginning."""
        for track in self._tracks:
            while track.waiting[0] <= seconds:
                track.file.write(track.waiting[1])
                track.waiting = next(track.packets)

    def close(self) -> None:
        """The recorder closes its files."""
        for track in self._tracks:
            track.file.close()
            track.path.rename(track.path.with_suffix(""))

    def _open(self, folder: Path, source: Path) -> _Feeding:
        with source.open("rb") as file:
            header = read_header(file, source.name)
            assert header
            content = file.read()
        microseconds = int(self.begins_at * 1e6)
        described = json.dumps({"t": header.kind[0], "c": header.codec, "s": microseconds, "u": microseconds}).encode()
        role = "clerk" if "-user-clerk-" in source.name else "holder"
        path = folder / f"videoroom-{folder.name}-user-{role}-1-{microseconds}-{header.kind}-0.mjr.tmp"
        out = path.open("wb", buffering=0)
        out.write(MAGIC + struct.pack(">H", len(described)) + described)
        packets = _endless(content, header)
        return _Feeding(path, out, packets, next(packets))


def _endless(content: bytes, header: Header) -> Iterator[tuple[float, bytes]]:
    """(seconds after the beginning, frame) of one track over and over; RTP times and numbers run on."""
    whole = list(_packets(content))
    first_time = _time(whole[0][1])
    step = round(PERIOD_SECONDS * CODECS[header.codec])
    recorded = [one for one in whole if _time(one[1]) - first_time < step]
    number = 0
    for turn in itertools.count():
        for milliseconds, packet in recorded:
            at = milliseconds + round(turn * PERIOD_SECONDS * 1000)
            time = (_time(packet) - first_time + turn * step) & 0xFFFFFFFF
            fresh = packet[:2] + struct.pack(">HI", number & 0xFFFF, time) + packet[8:]
            number += 1
            yield at / 1000, FRAME.pack(FRAME_MAGIC, at, len(fresh)) + fresh


def _time(packet: bytes) -> int:
    """RTP time (RFC 3550, 5.1)."""
    return int(struct.unpack_from(">I", packet, 4)[0])


def _packets(content: bytes) -> Iterator[tuple[int, bytes]]:
    position, first = 0, None
    while position + FRAME.size <= len(content):
        _, milliseconds, length = FRAME.unpack_from(content, position)
        first = milliseconds if first is None else first
        if milliseconds - first >= PERIOD_SECONDS * 1000:
            return
        yield milliseconds - first, content[position + FRAME.size : position + FRAME.size + length]
        position += FRAME.size + length
