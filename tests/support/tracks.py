"""Recorded tracks, and track files made to measure."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures" / "tracks"
EPOCH = 1_795_000_000.0
"""When made tracks begin, in seconds since the epoch."""


def rtp(timestamp: int, payload: bytes, sequence: int = 1) -> bytes:
    """An RTP packet without extensions (RFC 3550, 5.1)."""
    return struct.pack(">BBHII", 0x80, 96, sequence, timestamp & 0xFFFFFFFF, 1) + payload


def vp8(width: int = 0, height: int = 0) -> bytes:
    """A VP8 payload that begins a key frame of that size, or an inter frame (RFC 7741, RFC 6386)."""
    key = b"\x10" + b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return key if width else b"\x10\x01\x00\x00"


def write_track(
    folder: Path,
    participant: str,
    kind: str,
    packets: Iterable[tuple[float, float, bytes]],
    begins_at: float = EPOCH,
    torn: bytes = b"",
) -> Path:
    """Write a track file of packets (arrival and RTP time in seconds after ``begins_at``, payload), ``torn`` bytes at its end."""
    codec, clock = ("vp8", 90_000) if kind == "video" else ("opus", 48_000)
    header = json.dumps({"t": kind[0], "c": codec, "s": int(begins_at * 1e6), "u": int(begins_at * 1e6)}).encode()
    content = b"MJR00002" + struct.pack(">H", len(header)) + header
    for sequence, (arrival, time, payload) in enumerate(packets, start=1):
        packet = rtp(round(time * clock), payload, sequence)
        content += b"MEET" + struct.pack(">IH", round(arrival * 1000), len(packet)) + packet
    path = folder / f"videoroom-room-user-{participant}-{int(begins_at * 1e6)}-{kind}-0.mjr{'.tmp' if torn else ''}"
    path.write_bytes(content + torn)
    return path


def encoded_picture(color: str, size: tuple[int, int], seconds: float, rate: int = 10) -> Iterator[tuple[float, bytes]]:
    """A picture of one colour as VP8: (seconds from the begin, RTP payload), the first a key frame."""
    yield from encoded_pictures(f"color=c={color}:s={size[0]}x{size[1]}:r={rate}", seconds, rate)


def encoded_pictures(
    source: str, seconds: float, rate: int, bitrate: str = "300k", key_every: int = 150
) -> Iterator[tuple[float, bytes]]:
    """What one of ffmpeg's sources shows, as VP8 (RFC 7741): (seconds from the begin, RTP payload)."""
    argv = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-t", str(seconds), "-r", str(rate), "-c:v", "libvpx")
    # A negative speed is a fixed one: the encoder would else adapt to how busy the machine is, and be another each time.
    coding = ("-deadline", "realtime", "-cpu-used", "-8", "-b:v", bitrate, "-g", str(key_every), "-f", "ivf", "-")
    content = subprocess.run((*argv, *coding), capture_output=True, check=True).stdout
    position = int.from_bytes(content[6:8], "little")  # the length of IVF's header
    number = 0
    while position < len(content):
        length = int.from_bytes(content[position : position + 4], "little")
        frame = content[position + 12 : position + 12 + length]
        for begin in range(0, length, 1100):
            yield number / rate, (b"\x10" if begin == 0 else b"\x00") + frame[begin : begin + 1100]
        position += 12 + length
        number += 1


def encoded_sound(source: str, seconds: float) -> Iterator[tuple[float, bytes]]:
    """What one of ffmpeg's sources sounds like, as Opus of 20 ms (RFC 7587): (seconds from the begin, RTP payload)."""
    argv = ("ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-t", str(seconds), "-c:a", "libopus", "-f", "ogg", "-")
    content = subprocess.run(argv, capture_output=True, check=True).stdout
    for number, packet in enumerate(list(_ogg_packets(content))[2:]):  # after the two of the header
        yield number * 0.02, packet


def _ogg_packets(content: bytes) -> Iterator[bytes]:
    """The packets of an Ogg stream (RFC 3533, 6)."""
    position, packet = 0, b""
    while position < len(content):
        sizes = content[position + 27 : position + 27 + content[position + 26]]
        position += 27 + len(sizes)
        for size in sizes:
            packet += content[position : position + size]
            position += size
            if size < 255:
                yield packet
                packet = b""
