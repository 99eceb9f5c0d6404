"""Who is heard and seen when: stretches of media without a gap, and the plan of the side-by-side picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Slot = Literal["clerk", "holder", "screen"]
GAP_SECONDS = 2.0
"""A silence of the network that is shown as an absence; shorter ones are bridged."""
FRAME_RATE = 24
LAST_PICTURE_SECONDS = 0.1
LAST_SOUND_SECONDS = 0.02
SMALLEST_TILE = (640, 480)
LARGEST_TILE = (960, 720)


class ArrivedPacket(Protocol):
    """What planning needs to know of a packet. See :class:`services.media.tracks.Packet`."""

    @property
    def arrival(self) -> float:
        """Seconds since the epoch."""

    @property
    def timestamp(self) -> int:
        """RTP time, unwrapped."""

    @property
    def start(self) -> int:
        """Where it lies in the file."""

    @property
    def end(self) -> int:
        """Where the next one lies."""

    @property
    def picture(self) -> tuple[int, int] | None:
        """Width and height, if it begins a key frame."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Media in one go, of one picture size (0, 0 for sound): bytes ``start`` to ``end`` of the track, times since the epoch."""

    start: int
    end: int
    begins_at: float
    ends_at: float
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Media without a gap. Pictures change their size within it at the borders of its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def whole(self) -> Piece:
        """The stretch as one piece, with the largest picture size."""
        first, last = self.pieces[0], self.pieces[-1]
        width, height = max((piece.width, piece.height) for piece in self.pieces)
        return Piece(first.start, last.end, first.begins_at, last.ends_at, width, height)


@dataclass(frozen=True, slots=True)
class Track:
    """One track file: whose it is, camera or screen, and its stretches."""

    path: str
    kind: Literal["audio", "video"]
    participant_id: str
    screen: bool
    header_size: int
    stretches: tuple[Stretch, ...]


@dataclass(slots=True)
class _OpenPiece:
    """Collects packets until something makes a new piece begin."""

    start: int
    timestamp: int
    picture: tuple[int, int]
    end: int = 0
    last_timestamp: int = 0


@dataclass(slots=True)
class _OpenStretch:
    """Collects pieces until a gap. ``lead`` is the smallest arrival minus RTP time: the packet that was delayed least."""

    clock: int
    lead: float = float("inf")
    pieces: list[_OpenPiece] = field(default_factory=list)

    def closed(self, tail: float) -> Stretch:
        """With times since the epoch."""
        return Stretch(
            tuple(
                Piece(
                    piece.start,
                    piece.end,
                    self.lead + piece.timestamp / self.clock,
                    self.lead + piece.last_timestamp / self.clock + tail,
                    *piece.picture,
                )
                for piece in self.pieces
            )
        )


def join_packets(packets: Iterable[ArrivedPacket], kind: str, clock: int) -> tuple[Stretch, ...]:
    """Stretches of a track; a picture before the first key frame of a stretch cannot be decoded and is left out.

    ``clock`` is the RTP clock rate in Hz.
    """
    stretches: list[_OpenStretch] = []
    last_arrival = float("-inf")
    for packet in packets:
        if packet.arrival - last_arrival > GAP_SECONDS:
            stretches.append(_OpenStretch(clock))
        last_arrival = packet.arrival
        _append(stretches[-1], packet, kind)
    tail = LAST_PICTURE_SECONDS if kind == "video" else LAST_SOUND_SECONDS
    return tuple(stretch.closed(tail) for stretch in stretches if stretch.pieces)


def _append(stretch: _OpenStretch, packet: ArrivedPacket, kind: str) -> None:
    pieces = stretch.pieces
    if kind == "audio":
        if not pieces:
            pieces.append(_OpenPiece(packet.start, packet.timestamp, (0, 0), last_timestamp=packet.timestamp))
    elif packet.picture and (not pieces or pieces[-1].picture != packet.picture):
        pieces.append(_OpenPiece(packet.start, packet.timestamp, packet.picture, last_timestamp=packet.timestamp))
    if pieces:
        pieces[-1].end = packet.end
        pieces[-1].last_timestamp = max(pieces[-1].last_timestamp, packet.timestamp)
        stretch.lead = min(stretch.lead, packet.arrival - packet.timestamp / stretch.clock)


@dataclass(frozen=True, slots=True)
class Appearance:
    """A piece of a track at its place in the video: seconds from the video's beginning."""

    track: Track
    piece: Piece
    at: float
    until: float
    slot: Slot


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole video. Sizes in pixels."""

    begins_at: float
    duration: float
    tile_width: int
    tile_height: int
    pictures: tuple[Appearance, ...]
    sounds: tuple[Appearance, ...]
    originals: tuple[Appearance, ...]
    poster_at: float

    @property
    def width(self) -> int:
        """Of the whole picture."""
        return 2 * self.tile_width

    @property
    def height(self) -> int:
        """Of the whole picture."""
        return self.tile_height

    @property
    def frames(self) -> int:
        """How many pictures it has."""
        return max(1, round(self.duration * FRAME_RATE))


class NothingRecorded(Exception):
    """No track holds any picture or sound."""


def make_plan(tracks: Iterable[Track], roles: Mapping[str, str], stopped_at: float) -> Plan:
    """Place every piece; the video lasts from the first media to ``stopped_at`` (seconds since the epoch)."""
    tracks = list(tracks)
    wholes = [stretch.whole for track in tracks for stretch in track.stretches]
    if not wholes:
        raise NothingRecorded
    begins_at = min(piece.begins_at for piece in wholes)
    ends_at = max(stopped_at, *(piece.ends_at for piece in wholes))
    placed = [
        Appearance(track, piece, piece.begins_at - begins_at, piece.ends_at - begins_at, slot_of(track, roles))
        for track in tracks
        for stretch in track.stretches
        for piece in (stretch.pieces if track.kind == "video" else (stretch.whole,))
    ]
    pictures = tuple(sorted((one for one in placed if one.track.kind == "video"), key=lambda one: one.at))
    tile_width, tile_height = _tile_size(pictures)
    return Plan(
        begins_at=begins_at,
        duration=ends_at - begins_at,
        tile_width=tile_width,
        tile_height=tile_height,
        pictures=pictures,
        sounds=tuple(sorted((one for one in placed if one.track.kind == "audio"), key=lambda one: one.at)),
        originals=tuple(_originals(tracks, roles, begins_at)),
        poster_at=_poster_at(pictures, ends_at - begins_at),
    )


def _originals(tracks: Iterable[Track], roles: Mapping[str, str], begins_at: float) -> Iterable[Appearance]:
    for track in tracks:
        for stretch in track.stretches:
            whole = stretch.whole
            yield Appearance(track, whole, whole.begins_at - begins_at, whole.ends_at - begins_at, slot_of(track, roles))


def slot_of(track: Track, roles: Mapping[str, str]) -> Slot:
    """Where a track is shown: by the participant's role, or by what its id begins with."""
    if track.screen:
        return "screen"
    role = roles.get(track.participant_id) or track.participant_id.split("-", 1)[0]
    return "holder" if role == "holder" else "clerk"


def _tile_size(pictures: Iterable[Appearance]) -> tuple[int, int]:
    """The cameras' largest picture, within limits; a tall picture (a phone held upright) is fitted into a wide tile."""
    cameras = [(one.piece.width, one.piece.height) for one in pictures if one.slot != "screen"]
    wide = [size for size in cameras if size[0] >= size[1]]
    width, height = max(wide, default=SMALLEST_TILE)
    width, height = max((width, height), SMALLEST_TILE)
    scale = min(1.0, LARGEST_TILE[0] / width, LARGEST_TILE[1] / height)
    return _even(width * scale), _even(height * scale)


def _even(number: float) -> int:
    return 2 * round(number / 2)


def _poster_at(pictures: Iterable[Appearance], duration: float) -> float:
    """A moment at which both are visible, if there is one, soon after both came."""
    first: dict[str, float] = {}
    for one in pictures:
        first.setdefault(one.slot, one.at)
    both = max((at for slot, at in first.items() if slot != "screen"), default=0.0)
    return max(0.0, min(both + 1.0, duration - 0.5))
