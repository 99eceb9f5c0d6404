"""Who is heard and seen when: stretches of media without a gap, and the plan of the side-by-side picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Slot = Literal["clerk", "holder", "screen"]
FRAME_RATE = 24
SIZED_BY_SECONDS = 16.0
"""The cameras of the beginning decide the picture's size: what comes later must fit what was rendered then."""
SMALLEST_TILE = (640, 480)
LARGEST_TILE = (960, 720)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place to cut a track: at this byte, at this time since the epoch. ``opens``: media can be decoded from here on."""

    start: int
    at: float
    opens: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Media in one go, of one picture size (0, 0 for sound): bytes ``start`` to ``end`` of the track, times since the epoch."""

    start: int
    end: int
    begins_at: float
    ends_at: float
    width: int = 0
    height: int = 0
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Media without a gap. Pictures change their size within it at the borders of its pieces."""

    pieces: tuple[Piece, ...]

    @property
    def whole(self) -> Piece:
        """The stretch as one piece, with the largest picture size."""
        first, last = self.pieces[0], self.pieces[-1]
        width, height = max((piece.width, piece.height) for piece in self.pieces)
        marks = tuple(mark for piece in self.pieces for mark in piece.marks)
        return Piece(first.start, last.end, first.begins_at, last.ends_at, width, height, marks)


@dataclass(frozen=True, slots=True)
class Track:
    """One track file: whose it is, camera or screen, and its stretches."""

    path: str
    kind: Literal["audio", "video"]
    participant_id: str
    screen: bool
    header_size: int
    stretches: tuple[Stretch, ...]


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


def make_plan(tracks: Iterable[Track], roles: Mapping[str, str], stopped_at: float, small: bool = False) -> Plan:
    """Place every piece; the video lasts from the first media to ``stopped_at`` (seconds since the epoch).

    ``small``: no tile is larger than the smallest one, whatever the cameras send.
    """
    tracks = list(tracks)
    roles = _all_roles(tracks, roles)
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
    tile_width, tile_height = _tile_size(pictures, SMALLEST_TILE if small else LARGEST_TILE)
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


def _all_roles(tracks: Iterable[Track], known: Mapping[str, str]) -> dict[str, str]:
    """Everybody's role: as told, or as the id says, or else the first to be recorded is the clerk, and the next the holder."""
    roles = dict(known)
    ordered = sorted(tracks, key=lambda track: track.stretches[0].whole.begins_at)
    for track in ordered:
        begins_with = track.participant_id.split("-", 1)[0]
        if begins_with in {"clerk", "holder"}:
            roles.setdefault(track.participant_id, begins_with)
    for track in ordered:
        roles.setdefault(track.participant_id, "holder" if "clerk" in roles.values() else "clerk")
    return roles


def slot_of(track: Track, roles: Mapping[str, str]) -> Slot:
    """Where a track is shown: by the participant's role."""
    if track.screen:
        return "screen"
    return "holder" if roles.get(track.participant_id) == "holder" else "clerk"


def _tile_size(pictures: Iterable[Appearance], largest: tuple[int, int]) -> tuple[int, int]:
    """The cameras' largest picture, within limits; a tall picture (a phone held upright) is fitted into a wide tile."""
    cameras = [(one.piece.width, one.piece.height) for one in pictures if one.slot != "screen" and one.at < SIZED_BY_SECONDS]
    wide = [size for size in cameras if size[0] >= size[1]]
    width, height = max(wide, default=SMALLEST_TILE)
    width, height = max((width, height), SMALLEST_TILE)
    scale = min(1.0, largest[0] / width, largest[1] / height)
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
