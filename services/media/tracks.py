"""Reads the recorder's track files (Janus ``.mjr``): what they hold, when, and where it can be cut.

A file is ``MJR00002``, a 16-bit header length, a JSON header (``t`` a or v, ``c`` codec, ``u`` first packet in µs since the
epoch), then packets: ``MEET``, 32-bit milliseconds since ``u``, 16-bit length, an RTP packet (RFC 3550). Numbers are
big-endian. A killed recorder leaves ``.mjr.tmp`` files with a torn last packet.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from services.media.model.timeline import Stretch, Track, join_packets

Kind = Literal["audio", "video"]
MAGIC = b"MJR00002"
FRAME = struct.Struct(">4sIH")
FRAME_MAGIC = b"MEET"
CODECS = {"opus": 48_000, "vp8": 90_000}
NAME = re.compile(r"-user-(?P<participant>.+)-\d+-(?:audio|video)-\d+\.mjr(?:\.tmp)?$")
SCREEN_SUFFIX = "-screen"
BUFFER = 1 << 20


class UnreadableTrack(Exception):
    """A track file whose header cannot be understood; the text says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """A track file's own description. ``first_packet_at`` in seconds since the epoch; ``size`` in bytes of the header's place."""

    kind: Kind
    codec: str
    first_packet_at: float
    size: int


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: when it arrived (seconds since the epoch), its RTP time, where it lies, the picture's size if it begins one."""

    arrival: float
    timestamp: int
    start: int
    end: int
    picture: tuple[int, int] | None


def read_folder(folder: Path) -> list[Track]:
    """Every track in a folder that holds media; empty ones (nobody sent anything) are left out."""
    tracks = [read_track(path) for path in sorted(folder.glob("*.mjr*"))]
    return [track for track in tracks if track is not None]


def read_track(path: Path) -> Track | None:
    """One track with its stretches; None where it holds no media; :class:`UnreadableTrack`."""
    named = NAME.search(path.name)
    if named is None:
        raise UnreadableTrack(f"{path.name} is not named like a track")
    with path.open("rb", buffering=BUFFER) as file:
        header = read_header(file, path.name)
        if header is None:
            return None
        stretches: tuple[Stretch, ...] = join_packets(read_packets(file, header), header.kind, CODECS[header.codec])
    if not stretches:
        return None
    participant_id = named["participant"]
    screen = participant_id.endswith(SCREEN_SUFFIX)
    return Track(str(path), header.kind, participant_id.removesuffix(SCREEN_SUFFIX), screen, header.size, stretches)


def read_header(file: BinaryIO, name: str) -> Header | None:
    """The header at the file's beginning; None where the file ends before it does."""
    start = file.read(len(MAGIC) + 2)
    if len(start) < len(MAGIC) + 2:
        return None
    if not start.startswith(MAGIC):
        raise UnreadableTrack(f"{name} does not begin like a track")
    length = int.from_bytes(start[len(MAGIC) :], "big")
    raw = file.read(length)
    if len(raw) < length:
        return None
    described = json.loads(raw)
    codec = str(described.get("c"))
    if codec not in CODECS:
        raise UnreadableTrack(f"{name} has codec {codec}, known are {', '.join(CODECS)}")
    if "u" not in described:  # written with the first packet
        return None
    kind: Kind = "video" if described["t"] == "v" else "audio"
    return Header(kind, codec, described["u"] / 1e6, len(start) + length)


def read_packets(file: BinaryIO, header: Header) -> Iterator[Packet]:
    """The packets in the order of arrival, up to the first that is torn; RTP times are unwrapped to run on."""
    position = header.size
    previous: int | None = None
    while True:
        frame = file.read(FRAME.size)
        if len(frame) < FRAME.size:
            return
        magic, milliseconds, length = FRAME.unpack(frame)
        packet = file.read(length)
        if magic != FRAME_MAGIC or len(packet) < length:
            return
        start, position = position, position + FRAME.size + length
        if length < 12:
            continue
        (raw_time,) = struct.unpack_from(">I", packet, 4)
        previous = raw_time if previous is None else unwrap(previous, raw_time)
        picture = vp8_picture_size(rtp_payload(packet)) if header.codec == "vp8" else None
        yield Packet(header.first_packet_at + milliseconds / 1e3, previous, start, position, picture)


def unwrap(previous: int, raw: int) -> int:
    """A 32-bit RTP time as the nearest one to ``previous`` on the endless scale."""
    step = (raw - previous) & 0xFFFFFFFF
    return previous + (step if step < 0x80000000 else step - 0x100000000)


def rtp_payload(packet: bytes) -> bytes:
    """What an RTP packet carries, without header, extension and padding (RFC 3550, 5.1)."""
    offset = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10 and len(packet) >= offset + 4:
        offset += 4 + 4 * int.from_bytes(packet[offset + 2 : offset + 4], "big")
    payload = packet[offset:]
    return payload[: -payload[-1]] if packet[0] & 0x20 and payload else payload


def vp8_picture_size(payload: bytes) -> tuple[int, int] | None:
    """Width and height if this payload begins a key frame (RFC 7741, 4.2; RFC 6386, 9.1), else None."""
    offset = _vp8_descriptor_size(payload)
    first_partition = len(payload) > 0 and bool(payload[0] & 0x10) and not payload[0] & 0x07
    frame = payload[offset : offset + 10]
    if not first_partition or len(frame) < 10 or frame[0] & 0x01 or frame[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = struct.unpack_from("<HH", frame, 6)
    return width & 0x3FFF, height & 0x3FFF


def _vp8_descriptor_size(payload: bytes) -> int:
    if len(payload) < 2 or not payload[0] & 0x80:
        return 1
    extensions, size = payload[1], 2
    if extensions & 0x80:
        size += 2 if len(payload) > size and payload[size] & 0x80 else 1
    if extensions & 0x40:
        size += 1
    if extensions & 0x30:
        size += 1
    return size


def write_cut(track: Track, start: int, end: int, target: Path) -> None:
    """Write the bytes from ``start`` to ``end`` of a track as a track file of its own."""
    with Path(track.path).open("rb") as source, target.open("wb") as cut:
        cut.write(source.read(track.header_size))
        source.seek(start)
        remaining = end - start
        while remaining > 0:
            block = source.read(min(BUFFER, remaining))
            if not block:
                return
            cut.write(block)
            remaining -= len(block)
