"""Cells as fragments of one MP4 (ISO/IEC 14496-12, 8.8 and 8.16.3): what is joined is known without touching the media again."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence

from services.media.model.timeline import FRAME_RATE
from services.media.sound import FRAME_SAMPLES, SAMPLE_RATE

PICTURE_SCALE = 12_288
"""Ticks per second of the picture track."""
SCALES = (PICTURE_SCALE, SAMPLE_RATE)
"""Of the tracks in order; their numbers are 1 and 2."""
BEGINS_WITH_ACCESS_POINT = 0x9000_0000


def split(content: bytes) -> tuple[bytes, bytes]:
    """A one-fragment MP4 as the initialisation (``ftyp``, ``moov``) and the fragment (``moof``, ``mdat``)."""
    begins = next(start for kind, start, _ in _boxes(content, 0, len(content)) if kind == b"moof")
    return content[:begins], content[begins:]


def placed(fragment: bytes, frames_before: int) -> bytes:
    """The fragment with its place in the whole: after so many pictures. A cell's sound lasts as long as its pictures."""
    moved = bytearray(fragment)
    times = list(_decode_times(fragment))
    for start, scale in zip(times, SCALES, strict=True):
        struct.pack_into(">Q", moved, start, frames_before * scale // FRAME_RATE)
    return bytes(moved)


def index(sizes: Sequence[int], frames: Sequence[int]) -> bytes:
    """Where each fragment lies and how long it lasts: one ``sidx`` for the picture, one for the sound.

    ``sizes`` in bytes, ``frames`` in pictures, both by fragment. It stands between initialisation and first fragment.
    """
    pictures = [count * PICTURE_SCALE // FRAME_RATE for count in frames]
    sounds = [math.ceil(count * SAMPLE_RATE / FRAME_RATE / FRAME_SAMPLES) * FRAME_SAMPLES for count in frames]
    second = _segment_index(2, SAMPLE_RATE, sizes, sounds, 0)
    return _segment_index(1, PICTURE_SCALE, sizes, pictures, len(second)) + second


def _segment_index(track: int, scale: int, sizes: Sequence[int], lasting: Sequence[int], first: int) -> bytes:
    version_1 = 1 << 24
    body = struct.pack(">IIIQQHH", version_1, track, scale, 0, first, 0, len(sizes))
    for size, ticks in zip(sizes, lasting, strict=True):
        body += struct.pack(">III", size, ticks, BEGINS_WITH_ACCESS_POINT)
    return struct.pack(">I4s", 8 + len(body), b"sidx") + body


def parameters(initialisation: bytes) -> bytes:
    """What a decoder of the pictures must know (``avcC``): fragments join only where it is the same."""
    begins = initialisation.index(b"avcC") - 4
    return initialisation[begins : begins + int.from_bytes(initialisation[begins : begins + 4], "big")]


def _decode_times(fragment: bytes) -> Iterator[int]:
    """Where the 64-bit decode time of each track lies."""
    for kind, start, end in _boxes(fragment, 0, len(fragment)):
        if kind == b"moof":
            for inner, begins, ends in _boxes(fragment, start + 8, end):
                if inner == b"traf":
                    yield from (begins + 12 for kind, begins, _ in _boxes(fragment, begins + 8, ends) if kind == b"tfdt")


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, begin, end) of each box between two places."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", content, start)
        yield kind, start, start + size
        start += size
