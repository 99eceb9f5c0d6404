"""Measures a cell's sound and picture, by what is noted of them while they are rendered.

What can be seen of the offset between a person's sound and picture, and what cannot: the tracks hold each packet's RTP time
and its arrival, but no sender reports (RFC 3550, 6.4), so nothing says which sound was captured together with which picture.
Joining places each track by its least delayed packets. What is measured here is how far a cell's least delayed packet stands
from its place, for picture and sound: where only one of them runs late (a queue, a clock that drifts), they differ. An offset
that both have in common, or that was there from a track's first packet on (a slow camera), cannot be seen, and joining
takes up a lasting one within a minute.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from services.media.model.evidence import PEOPLE
from services.media.model.findings import CellFindings, PersonFindings
from services.media.model.spans import Span, Spans, clip, subtract, total, union
from services.media.model.timeline import Appearance, Plan
from services.media.tracks import CODECS, Packet, packets_of

LOOKS_PER_SECOND = 4
LOOKED_AT_SIZE = (80, 60)
"""So small that the noise of coding averages out and movement does not."""
STILL_DIFFERENCE = 0.0005
"""Mean difference of brightness (1: black to white). A camera's own noise is above it, also after strong compression at
300 kbit/s; a picture that is sent again and again is below it once it has been refined."""
SHORTEST_STILL_SECONDS = 1.0
SILENCE_DECIBELS = -55
"""Peaks, relative to full scale. Speech is above -30, a muted microphone has none; a suppressed background may be below."""
SHORTEST_SILENCE_SECONDS = 0.5
REFRESHED_SECONDS = 2.0
"""A key frame changes how a still picture is coded; within this time it is still again."""

NOTED = re.compile(
    r"^lavfi\.(?:freezedetect\.)?(?P<what>black|freeze|silence)_(?P<edge>start|end)(?:\.1)?=(?P<at>[-\d.]+)$", re.MULTILINE
)
"""What a detector notes with a picture or a stretch of sound."""
LOOKING = (
    f"fps={LOOKS_PER_SECOND},scale={LOOKED_AT_SIZE[0]}:{LOOKED_AT_SIZE[1]}:flags=area,format=gray,"
    f"blackdetect,freezedetect=n={STILL_DIFFERENCE}:d={SHORTEST_STILL_SECONDS},metadata"
)
LISTENING = f"silencedetect=n={SILENCE_DECIBELS}dB:d={SHORTEST_SILENCE_SECONDS},ametadata"


@dataclass(frozen=True, slots=True)
class _Seen:
    """One piece of a track in a cell; spans in seconds from the cell's beginning."""

    one: Appearance
    there: Spans
    empty: Mapping[str, Spans]
    packets: tuple[Packet, ...]


def beside(graph: str, shown: Sequence[Appearance], first: int, kind: Literal["video", "audio"]) -> tuple[str, list[str]]:
    """A rendering's filter graph that also looks at the people it ``shown``, or listens to them, and the outputs of that.

    So nothing is decoded twice. ``shown`` are the rendering's inputs in order, from the ``first`` on. The notes are written
    where ffmpeg runs.
    """
    detectors, split, stream = (LOOKING, "split", "v") if kind == "video" else (LISTENING, "asplit", "a")
    outputs: list[str] = []
    for number, one in enumerate(shown, start=first):
        if one.slot not in PEOPLE:
            continue
        noted = f"{detectors}=print:file={_notes_of(kind, number - first)}[noted{number}]"
        graph = graph.replace(f"[{number}:{stream}]", f"[shown{number}]")
        graph += f";[{number}:{stream}]{split}[shown{number}][seen{number}];[seen{number}]{noted}"
        outputs += ["-map", f"[noted{number}]", "-f", "null", "-"]
    return graph, outputs


def measure_cell(cell: Plan, number: int, folder: Path) -> CellFindings:
    """What a cell (see :func:`services.media.model.cells.cell`) holds of each person.

    ``folder``: where it was rendered. Raises :class:`services.media.tracks.UnreadableTrack`, OSError.
    """
    seen = [
        _seen(one, _spans_in((folder / _notes_of(kind, place)).read_text()), cell.duration)
        for kind, shown in (("video", cell.pictures), ("audio", cell.sounds))
        for place, one in enumerate(shown)
        if one.slot in PEOPLE
    ]
    found = {slot: _person([each for each in seen if each.one.slot == slot], cell) for slot in PEOPLE}
    return CellFindings(number, cell.duration, {slot: one for slot, one in found.items() if one.present})


def _notes_of(kind: str, number: int) -> str:
    return f"{kind}-{number}.noted"


def _spans_in(notes: str) -> dict[str, list[Span]]:
    """What began and did not end lasts to the end."""
    found: dict[str, list[Span]] = {"black": [], "freeze": [], "silence": []}
    for noted in NOTED.finditer(notes):
        spans = found[noted["what"]]
        if noted["edge"] == "start":
            spans.append((float(noted["at"]), float("inf")))
        elif spans:
            spans[-1] = (spans[-1][0], float(noted["at"]))
    return found


def _seen(one: Appearance, noted: Mapping[str, Iterable[Span]], duration: float) -> _Seen:
    packets = tuple(packets_of(one.track, one.piece.start, one.piece.end))
    there = clip([(one.at, one.until)], 0.0, duration)
    empty = {what: tuple((one.at + begin, one.at + end) for begin, end in spans) for what, spans in noted.items()}
    empty["freeze"] = tuple(_bridged(empty["freeze"], [_placed(one, packets, packet) for packet in packets if packet.picture]))
    return _Seen(one, there, {what: _within(spans, there) for what, spans in empty.items()}, packets)


def _within(spans: Iterable[Span], there: Spans) -> Spans:
    return tuple(part for span in spans for begin, end in there for part in clip([span], begin, end))


def _bridged(still: Spans, refreshed: Iterable[float]) -> Iterator[Span]:
    """Still stretches that only a key frame parts are one: the picture was coded anew, not changed."""
    refreshed = tuple(refreshed)
    present: Span | None = None
    for begin, end in still:
        if present is None:
            present = (begin, end)
        elif begin - present[1] <= REFRESHED_SECONDS and any(
            present[1] - 1 / LOOKS_PER_SECOND <= at <= begin + 1 / LOOKS_PER_SECOND for at in refreshed
        ):
            present = (present[0], end)
        else:
            yield present
            present = (begin, end)
    if present:
        yield present


def _person(seen: list[_Seen], cell: Plan) -> PersonFindings:
    sounds = [each for each in seen if each.one.track.kind == "audio"]
    pictures = [each for each in seen if each.one.track.kind == "video"]
    picture = union(span for each in pictures for span in each.there)
    width, height = _size(pictures)
    return PersonFindings(
        sound=union(span for each in sounds for span in each.there),
        silent=_wholly(sounds, "silence"),
        picture=picture,
        black=_wholly(pictures, "black"),
        frozen=_wholly(pictures, "freeze"),
        width=width,
        height=height,
        frames_per_second=_frame_rate(pictures, cell, total(picture)),
        offset_seconds=_offset(sounds, pictures, cell),
    )


def _wholly(seen: list[_Seen], what: str) -> Spans:
    """When all that a person sends at once is empty; stretches that a change parts are left apart."""
    if len(seen) == 1:
        return tuple(seen[0].empty.get(what, ()))
    empty = union(span for each in seen for span in each.empty.get(what, ()))
    return subtract(empty, [rest for each in seen for rest in subtract(each.there, each.empty.get(what, ()))])


def _size(pictures: list[_Seen]) -> tuple[int, int]:
    """The picture's size for most of the time."""
    lasted: Counter[tuple[int, int]] = Counter()
    for each in pictures:
        lasted[each.one.piece.width, each.one.piece.height] += round(1000 * total(each.there))
    return max(lasted, key=lambda size: (lasted[size], size), default=(0, 0))


def _frame_rate(pictures: list[_Seen], cell: Plan, seconds: float) -> float:
    """Pictures a second while there are any, by the RTP times that arrived."""
    ends_at = cell.begins_at + cell.duration
    arrived = sum(
        len({packet.timestamp for packet in each.packets if cell.begins_at <= packet.arrival < ends_at}) for each in pictures
    )
    return round(arrived / seconds, 2) if seconds else 0.0


def _offset(sounds: list[_Seen], pictures: list[_Seen], cell: Plan) -> float | None:
    """See the module's description."""
    if len(sounds) != 1 or len(pictures) != 1:
        return None
    sound, picture = _lateness(sounds[0], cell), _lateness(pictures[0], cell)
    return round(picture - sound, 3) if sound is not None and picture is not None else None


def _lateness(seen: _Seen, cell: Plan) -> float | None:
    """How far after its place the least delayed packet of the cell arrived, in seconds."""
    ends_at = cell.begins_at + cell.duration
    return min(
        (
            packet.arrival - cell.begins_at - _placed(seen.one, seen.packets, packet)
            for packet in seen.packets
            if cell.begins_at <= packet.arrival < ends_at
        ),
        default=None,
    )


def _placed(one: Appearance, packets: tuple[Packet, ...], packet: Packet) -> float:
    """Where the video shows a packet, in seconds from the cell's beginning."""
    clock = CODECS["vp8" if one.track.kind == "video" else "opus"]
    return one.at + (packet.timestamp - packets[0].timestamp) / clock
