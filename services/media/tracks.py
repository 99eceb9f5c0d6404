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
from typing import BinaryIO

from services.media.model.joining import Joining, Kind
from services.media.model.timeline import Track

MAGIC = b"MJR00002"
FRAME = struct.Struct(">4sIH")
FRAME_MAGIC = b"MEET"
CODECS = {"opus": 48_000, "vp8": 90_000}
NAME = re.compile(r"-user-(?P<participant>.+)-\d+-(?:audio|video)-\d+\.mjr(?:\.tmp)?$")
SCREEN_SUFFIX = "-screen"
TEMPORARY = ".tmp"
"""What the name of a track ends with while it is written."""
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


class GrowingTrack:
    """A track file that the recorder may still be writing; each packet is read once."""

    def __init__(self, path: Path) -> None:
        named = NAME.search(path.name)
        if named is None:
            raise UnreadableTrack(f"{path.name} is not named like a track")
        self.path = path
        self._participant = named["participant"]
        self._file = path.open("rb", buffering=BUFFER)
        self._header: Header | None = None
        self._joining: Joining | None = None
        self._position = 0
        self._timestamp: int | None = None

    def read(self) -> None:
        """Take in what was written since; a torn packet at the end is left for the next time."""
        if self._joining is None:
            self._file.seek(0)
            self._header = read_header(self._file, self.path.name)
            if self._header is None:
                return
            self._joining = Joining(self._header.kind, CODECS[self._header.codec])
            self._position = self._header.size
        for packet in read_packets(self._file, self._header, self._position, self._timestamp):  # type: ignore[arg-type]
            self._joining.add(packet)
            self._position, self._timestamp = packet.end, packet.timestamp

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def track(self) -> Track | None:
        """With its stretches so far; None where there is no media yet."""
        stretches = self._joining.stretches() if self._joining else ()
        if self._header is None or not stretches:
            return None
        screen = self._participant.endswith(SCREEN_SUFFIX)
        participant_id = self._participant.removesuffix(SCREEN_SUFFIX)
        return Track(str(self.path), self._header.kind, participant_id, screen, self._header.size, stretches)

    @property
    def finished(self) -> bool:
        """Whether the recorder has closed it."""
        return not self.path.name.endswith(TEMPORARY)

    @property
    def last_arrival(self) -> float:
        """Of the newest packet, in seconds since the epoch; minus infinity where there is none."""
        return self._joining.last_arrival if self._joining else float("-inf")

    @property
    def settled_until(self) -> float:
        """Up to here nothing of it will change (seconds since the epoch)."""
        return self._joining.settled_until if self._joining else float("-inf")


class GrowingFolder:
    """The tracks of a recording that may still go on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tracks: dict[str, GrowingTrack] = {}

    def read(self) -> None:
        """Take in what was written since. Raises :class:`UnreadableTrack`."""
        for path in sorted(self._folder.glob("*.mjr*")):
            name = path.name.removesuffix(TEMPORARY)
            if name not in self._tracks:
                self._tracks[name] = GrowingTrack(path)
            self._tracks[name].path = path
        for track in self._tracks.values():
            track.read()

    def close(self) -> None:
        """Let the files go."""
        for track in self._tracks.values():
            track.close()

    def tracks(self) -> list[Track]:
        """Those that hold media; empty ones (nobody sent anything) are left out."""
        return [track for growing in self._tracks.values() if (track := growing.track())]

    def newest(self) -> float:
        """When the newest packet arrived (seconds since the epoch)."""
        return max((track.last_arrival for track in self._tracks.values()), default=float("-inf"))

    def paths(self) -> list[Path]:
        """All track files."""
        return [track.path for track in self._tracks.values()]

    def growing(self) -> list[GrowingTrack]:
        """Those that the recorder has not closed."""
        return [track for track in self._tracks.values() if not track.finished]


def read_folder(folder: Path) -> list[Track]:
    """Every track of a finished recording. Raises :class:`UnreadableTrack`."""
    growing = GrowingFolder(folder)
    try:
        growing.read()
        return growing.tracks()
    finally:
        growing.close()


def read_track(path: Path) -> Track | None:
    """One finished track with its stretches; None where it holds no media; :class:`UnreadableTrack`."""
    growing = GrowingTrack(path)
    try:
        growing.read()
        return growing.track()
    finally:
        growing.close()


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


def read_packets(file: BinaryIO, header: Header, position: int | None = None, previous: int | None = None) -> Iterator[Packet]:
    """The packets in the order of arrival, up to the first that is torn; RTP times are unwrapped to run on.

    ``position`` and ``previous``: where to go on, and the last RTP time before (default: from the beginning).
    """
    position = header.size if position is None else position
    file.seek(position)
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
    with opened(Path(track.path)) as source, target.open("wb") as cut:
        cut.write(source.read(track.header_size))
        source.seek(start)
        remaining = end - start
        while remaining > 0:
            block = source.read(min(BUFFER, remaining))
            if not block:
                return
            cut.write(block)
            remaining -= len(block)


def opened(path: Path) -> BinaryIO:
    """A track file for reading. The recorder renames a track when it closes it, perhaps just now."""
    try:
        return path.open("rb")
    except FileNotFoundError:
        return path.with_name(path.name.removesuffix(TEMPORARY)).open("rb")


def packets_of(track: Track, start: int, end: int) -> Iterator[Packet]:
    """The packets of a track between two bytes; their RTP times run on from the first one's."""
    with opened(Path(track.path)) as file:
        header = read_header(file, Path(track.path).name)
        if header:
            for packet in read_packets(file, header, start):
                if packet.start >= end:
                    return
                yield packet
