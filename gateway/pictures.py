"""Whether uploaded bytes are a whole JPEG or PNG picture, and of how many pixels: by their structure, not by their name.

Sources: ITU-T T.81 (JPEG), annex B; PNG specification, third edition, sections 5 and 11.2.1.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from contracts.errors import InvalidInput

PNG = b"\x89PNG\r\n\x1a\n"
JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
SCAN, END = 0xDA, 0xD9
SHORTEST_SIDE = 480
"""Pixels: below that no document can be read."""
LONGEST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's media type, width and height in pixels."""

    content_type: str
    width: int
    height: int


def checked_picture(content: bytes, limit: int) -> Picture:
    """The picture, of at most ``limit`` bytes; :class:`InvalidInput` says what is wrong with it."""
    if not content:
        raise _wrong("empty")
    if len(content) > limit:
        raise _wrong("too_large")
    try:
        if content.startswith(PNG):
            picture = Picture("image/png", *_png_size(content))
        elif content.startswith(b"\xff\xd8\xff"):
            picture = Picture("image/jpeg", *_jpeg_size(content))
        else:
            raise _wrong("no_picture")
    except (IndexError, ValueError) as error:
        raise _wrong("malformed") from error
    if min(picture.width, picture.height) < SHORTEST_SIDE:
        raise _wrong("too_small")
    if max(picture.width, picture.height) > LONGEST_SIDE:
        raise _wrong("malformed")
    return picture


def _wrong(reason: str) -> InvalidInput:
    return InvalidInput("the picture cannot be used", field="picture", reason=reason)


def _png_size(content: bytes) -> tuple[int, int]:
    """Walk all chunks, with their checksums, from IHDR to IEND; :class:`ValueError` where they are amiss."""
    place, size, seen = len(PNG), (0, 0), list[bytes]()
    while not seen or seen[-1] != b"IEND":
        length = _number(content, place, 4)
        kind, body = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        if len(body) < length or zlib.crc32(kind + body) != _number(content, place + 8 + length, 4):
            raise ValueError("a damaged chunk")
        if not seen:
            size = _number(body, 0, 4), _number(body, 4, 4)
        seen.append(kind)
        place += 12 + length
    if seen[0] != b"IHDR" or b"IDAT" not in seen or place != len(content):
        raise ValueError("chunks are missing, or something follows the picture")
    return size


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walk the segments to the first scan, and ask for the end; :class:`ValueError` where they are amiss."""
    place, size = 2, (0, 0)
    while (marker := _marker(content, place)) != SCAN:
        length = _number(content, place + 2, 2)
        if marker in JPEG_FRAMES:
            size = _number(content, place + 7, 2), _number(content, place + 5, 2)
        if length < 2:
            raise ValueError("a segment without a length")
        place += 2 + length
    # Cameras may pad behind the end of the picture, with zeros.
    if 0 in size or not content.rstrip(b"\x00").endswith(bytes((0xFF, END))):
        raise ValueError("no frame before the scan, or no end behind it")
    return size


def _marker(content: bytes, place: int) -> int:
    if content[place] != 0xFF:
        raise ValueError("no marker where one belongs")
    return content[place + 1]


def _number(content: bytes, place: int, length: int) -> int:
    piece = content[place : place + length]
    if len(piece) < length:
        raise ValueError("cut off")
    return int.from_bytes(piece, "big")
