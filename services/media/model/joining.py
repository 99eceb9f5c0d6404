"""Joins a track's packets, as they are read, to stretches without a gap, placed in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from services.media.model.timeline import Mark, Piece, Stretch

GAP_SECONDS = 2.0
"""A silence of the network that is shown as an absence; shorter ones are bridged."""
LAST_PICTURE_SECONDS = 0.1
LAST_SOUND_SECONDS = 0.02
MARK_SECONDS = 0.5
FIRST_LEAD_SECONDS = 2.0
"""After so long a stretch's place in time is settled."""
LEAD_WINDOW_SECONDS = 30.0
LEAD_STEP_SECONDS = 0.015
"""A sender's clock that drifts, or a network path that changes, is followed in steps of no less than this."""

Kind = Literal["audio", "video"]


class ArrivedPacket(Protocol):
    """What joining needs to know of a packet. See :class:`services.media.tracks.Packet`."""

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
class _OpenMark:
    start: int
    timestamp: int
    lead: int
    opens: bool


@dataclass(slots=True)
class _OpenPiece:
    """Collects packets until something makes a new piece begin."""

    start: int
    timestamp: int
    picture: tuple[int, int]
    end: int = 0
    last_timestamp: int = 0
    marks: list[_OpenMark] = field(default_factory=list)


@dataclass(slots=True)
class _Leads:
    """What a sender's RTP time is behind the arrival clock: that of the packet that was delayed least.

    The first holds from the stretch's beginning, though it is settled a little later. Each window's least may replace it
    from then on, so that a meeting of an hour does not drift apart.
    """

    clock: int
    begun_at: float = float("inf")
    found: list[float] = field(default_factory=lambda: [float("inf")])
    window_begun_at: float = 0.0
    window_least: float = float("inf")
    settled: bool = False

    def note(self, packet: ArrivedPacket) -> None:
        lead = packet.arrival - packet.timestamp / self.clock
        self.begun_at = min(self.begun_at, packet.arrival)
        if not self.settled:
            if packet.arrival - self.begun_at <= FIRST_LEAD_SECONDS:
                self.found[0] = min(self.found[0], lead)
                return
            self.settled, self.window_begun_at = True, packet.arrival
        self.window_least = min(self.window_least, lead)
        if packet.arrival - self.window_begun_at >= LEAD_WINDOW_SECONDS:
            if abs(self.window_least - self.found[-1]) > LEAD_STEP_SECONDS:
                self.found.append(self.window_least)
            self.window_begun_at, self.window_least = packet.arrival, float("inf")

    def at(self, timestamp: int, lead: int = -1) -> float:
        """Seconds since the epoch."""
        return self.found[lead] + timestamp / self.clock


@dataclass(slots=True)
class _OpenStretch:
    """Collects pieces until a gap."""

    leads: _Leads
    pieces: list[_OpenPiece] = field(default_factory=list)
    frame: tuple[int, int] = (-1, 0)
    """RTP time of the present frame, and where its first packet lies: a key frame's first packet may arrive second."""

    def add(self, packet: ArrivedPacket, kind: Kind) -> None:
        if packet.timestamp != self.frame[0]:
            self.frame = (packet.timestamp, packet.start)
        self._begin_piece(packet, kind)
        if not self.pieces:
            return
        self.leads.note(packet)
        piece = self.pieces[-1]
        piece.end = packet.end
        piece.last_timestamp = max(piece.last_timestamp, packet.timestamp)
        opens = kind == "audio" or packet.picture is not None
        since = packet.timestamp - piece.marks[-1].timestamp if piece.marks else None
        if since is None or since >= MARK_SECONDS * self.leads.clock or (opens and kind == "video" and since > 0):
            piece.marks.append(_OpenMark(self.frame[1], packet.timestamp, len(self.leads.found) - 1, opens))

    def _begin_piece(self, packet: ArrivedPacket, kind: Kind) -> None:
        if kind == "audio":
            if not self.pieces:
                self.pieces.append(_OpenPiece(packet.start, packet.timestamp, (0, 0), last_timestamp=packet.timestamp))
        elif packet.picture and (not self.pieces or self.pieces[-1].picture != packet.picture):
            self.pieces.append(_OpenPiece(self.frame[1], packet.timestamp, packet.picture, last_timestamp=packet.timestamp))

    def closed(self, tail: float) -> Stretch:
        """With times since the epoch; ``tail``: how long the last packet's media last."""
        return Stretch(tuple(self._closed(piece, tail) for piece in self.pieces))

    def _closed(self, piece: _OpenPiece, tail: float) -> Piece:
        marks = tuple(Mark(one.start, self.leads.at(one.timestamp, one.lead), one.opens) for one in piece.marks)
        ends_at = self.leads.at(piece.last_timestamp) + tail
        return Piece(piece.start, piece.end, marks[0].at, ends_at, *piece.picture, marks)

    @property
    def settled_until(self) -> float:
        """Up to here its media and their places will not change any more."""
        if not self.leads.settled:
            return self.leads.begun_at
        last = self.pieces[-1].marks[-1]
        return self.leads.at(last.timestamp, last.lead)


class Joining:
    """A track that may still grow. A picture before the first key frame of a stretch cannot be decoded and is left out."""

    def __init__(self, kind: Kind, clock: int) -> None:
        self._kind = kind
        self._clock = clock
        self._stretches: list[_OpenStretch] = []
        self.last_arrival = float("-inf")

    def add(self, packet: ArrivedPacket) -> None:
        """The next packet in the order of arrival."""
        if packet.arrival - self.last_arrival > GAP_SECONDS:
            self._stretches.append(_OpenStretch(_Leads(self._clock)))
        self.last_arrival = packet.arrival
        self._stretches[-1].add(packet, self._kind)

    def stretches(self) -> tuple[Stretch, ...]:
        """All so far."""
        tail = LAST_PICTURE_SECONDS if self._kind == "video" else LAST_SOUND_SECONDS
        return tuple(stretch.closed(tail) for stretch in self._stretches if stretch.pieces)

    @property
    def settled_until(self) -> float:
        """Up to here nothing will change, whatever comes (seconds since the epoch)."""
        return min(self._stretches[-1].settled_until, self.last_arrival) if self._stretches else float("-inf")


def join_packets(packets: Iterable[ArrivedPacket], kind: Kind, clock: int) -> tuple[Stretch, ...]:
    """The stretches of a finished track; ``clock`` is the RTP clock rate in Hz."""
    joining = Joining(kind, clock)
    for packet in packets:
        joining.add(packet)
    return joining.stretches()
