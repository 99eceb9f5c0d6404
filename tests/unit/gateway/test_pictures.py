"""What is a whole picture, and what only looks like one."""

from __future__ import annotations

import struct
import zlib

import pytest

from contracts.errors import InvalidInput
from gateway.pictures import PNG, Picture, checked_picture

LIMIT = 100_000


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 1280, height: int = 720) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND")


def jpeg(width: int = 4032, height: int = 3024, padding: bytes = b"") -> bytes:
    frame = struct.pack(">HHBHHB", 0xFFC0, 11, 8, height, width, 1) + bytes((1, 0x11, 0))
    scan = struct.pack(">HH", 0xFFDA, 8) + bytes((1, 1, 0, 0, 63, 0)) + b"\x12\x34"
    return b"\xff\xd8" + struct.pack(">HH", 0xFFE0, 16) + b"JFIF\0" + bytes(9) + frame + scan + b"\xff\xd9" + padding


@pytest.mark.parametrize(
    ("content", "picture"),
    [
        (png(), Picture("image/png", 1280, 720)),
        (jpeg(), Picture("image/jpeg", 4032, 3024)),
        (jpeg(padding=bytes(100)), Picture("image/jpeg", 4032, 3024)),
        (png(480, 640), Picture("image/png", 480, 640)),
    ],
)
def test_a_whole_picture_is_of_so_many_pixels(content: bytes, picture: Picture) -> None:
    assert checked_picture(content, LIMIT) == picture


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (png() + bytes(LIMIT), "too_large"),
        (b"%PDF-1.7", "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_picture"),
        (png()[:-4], "malformed"),
        (png()[:40], "malformed"),
        (png().replace(b"IDAT", b"IDAX"), "malformed"),
        (png() + b"<script>", "malformed"),
        (PNG + chunk(b"IEND"), "malformed"),
        (jpeg()[:-2], "malformed"),
        (jpeg() + b"<script>", "malformed"),
        (jpeg().replace(b"\xff\xc0", b"\xff\xc4"), "malformed"),
        (b"\xff\xd8\xff", "malformed"),
        (b"\xff\xd8\xff\xe0\x00\x00\xff\xd9", "malformed"),
        (jpeg(479, 2000), "too_small"),
        (png(20_000, 20_000), "malformed"),
    ],
)
def test_anything_else_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_picture(content, LIMIT)
    assert refused.value.problems[0] == {"field": "picture", "reason": reason}
