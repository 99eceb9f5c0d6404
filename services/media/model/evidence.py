"""Whether a recording serves as evidence: what was found in each cell, what to warn of now, and the verdict at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.media.model.cells import CELL_SECONDS
from services.media.model.findings import CellFindings, PersonFindings
from services.media.model.spans import Spans, intersect, subtract, total, union

Fault = Literal[
    "absent", "silence", "no_picture", "black", "frozen", "small_picture", "low_frame_rate", "offset", "alone", "not_measured"
]
"""``absent``: neither sound nor picture arrives; ``no_picture``: sound alone does. ``alone`` (not both were present) and
``not_measured`` concern the whole recording."""
Verdict = Literal["good", "doubtful", "poor"]
PEOPLE = ("clerk", "holder")

LONGEST_SECONDS: Mapping[Fault, float] = {"absent": 10, "silence": 20, "no_picture": 10, "black": 10, "frozen": 10}
"""What lasts longer is warned of while it lasts, and remembered in the verdict."""
SMALLEST_SIDE = 480
"""Lines of a wide picture, columns of one held upright."""
LOWEST_FRAME_RATE = 10.0
LARGEST_OFFSET_SECONDS = 0.25
SETTLED_SECONDS = 16.0
"""A small, slow or shifted picture is a fault if all cells of so long a time have it: senders begin low and improve."""
RATED_SECONDS = 2.0
"""A picture that is there for less of a cell has no frame rate."""
BRIDGED_SECONDS = 0.3
"""So short a sound does not end a silence; nor does so small a difference part stretches of two cells."""
BOTH_SHARE = 0.8
MEASURED_SHARE = 0.9
POOR_SHARE = 0.5
"""A fault that holds for more of the time, or presence of both for less of it, makes the recording poor."""


@dataclass(frozen=True, slots=True)
class EvidenceWarning:
    """Something is wrong with a person's sound or picture now."""

    slot: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is not good. ``slot`` is None where it concerns the whole; ``seconds``: the longest time in one go, or,
    for ``alone`` and ``not_measured``, all of it."""

    fault: Fault
    slot: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One person over the whole recording: times in seconds, size and rate as they mostly were."""

    slot: str
    sound_seconds: float
    audible_seconds: float
    picture_seconds: float
    visible_seconds: float
    longest_silence_seconds: float
    longest_black_seconds: float
    longest_frozen_seconds: float
    width: int
    height: int
    frames_per_second: float
    offset_seconds: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a recording; ``verdict`` is None while it goes on, ``warnings`` are empty when it has ended."""

    warnings: tuple[EvidenceWarning, ...] = ()
    verdict: Verdict | None = None
    reasons: tuple[Reason, ...] = ()
    people: tuple[Figures, ...] = ()
    measured_seconds: float = 0.0
    both_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """The findings of all cells so far, by number. One found anew takes the place of what was found before."""

    cells: Mapping[int, CellFindings] = field(default_factory=dict)

    def with_cell(self, found: CellFindings) -> Evidence:
        """With one more."""
        return Evidence({**self.cells, found.number: found})

    def in_order(self) -> list[CellFindings]:
        """From the beginning."""
        return [self.cells[number] for number in sorted(self.cells)]

    @property
    def measured_seconds(self) -> float:
        """How much was measured."""
        return sum(cell.duration for cell in self.cells.values())


def report_now(evidence: Evidence) -> Report:
    """While the recording goes on."""
    return Report(warnings_of(evidence), None, (), *_figures(evidence))


def report_at_end(evidence: Evidence, duration: float) -> Report:
    """When all of it, ``duration`` seconds, has been measured."""
    reasons = _reasons(evidence, duration)
    return Report((), _verdict(evidence, reasons, duration), reasons, *_figures(evidence))


def warnings_of(evidence: Evidence) -> tuple[EvidenceWarning, ...]:
    """What is wrong at the end of the newest cell. Who is absent is not called silent and invisible besides."""
    return tuple(EvidenceWarning(slot, fault) for slot in PEOPLE for fault in _present_faults(evidence, slot))


def _present_faults(evidence: Evidence, slot: str) -> list[Fault]:
    if not evidence.cells:
        return []
    newest = evidence.cells[max(evidence.cells)]
    now = newest.number * CELL_SECONDS + newest.duration
    lasting: list[Fault] = [
        fault
        for fault, spans in _stretches(evidence, slot).items()
        if _reaches(now, spans) and spans[-1][1] - spans[-1][0] > LONGEST_SECONDS[fault]
    ]
    if "absent" in lasting:
        return ["absent"]
    poor: list[Fault] = [fault for fault, holds in _IN_A_CELL.items() if _reaches(now, _settled(evidence, slot, holds))]
    return [*lasting, *(fault for fault in poor if not (fault == "low_frame_rate" and {"black", "frozen"} & set(lasting)))]


def _reaches(now: float, spans: Spans) -> bool:
    return bool(spans) and now - spans[-1][1] <= BRIDGED_SECONDS


def _is_small(found: PersonFindings) -> bool:
    return bool(found.picture) and 0 < min(found.width, found.height) < SMALLEST_SIDE


def _is_slow(found: PersonFindings) -> bool:
    return total(found.picture) >= RATED_SECONDS and found.frames_per_second < LOWEST_FRAME_RATE


def _is_shifted(found: PersonFindings) -> bool:
    return found.offset_seconds is not None and abs(found.offset_seconds) > LARGEST_OFFSET_SECONDS


_IN_A_CELL: Mapping[Fault, Callable[[PersonFindings], bool]] = {
    "small_picture": _is_small,
    "low_frame_rate": _is_slow,
    "offset": _is_shifted,
}


def _stretches(evidence: Evidence, slot: str) -> dict[Fault, Spans]:
    """When each fault lasted, in seconds from the recording's beginning. Black is not called frozen besides."""

    def joined(spans_of: Callable[[PersonFindings, Spans], Spans]) -> Spans:
        return _joined(evidence, lambda cell: spans_of(cell.of(slot), ((0.0, cell.duration),)))

    return {
        "absent": joined(lambda found, whole: subtract(whole, found.present)),
        "silence": joined(
            lambda found, _: union((*found.silent, *subtract(found.present, found.sound)), bridging=BRIDGED_SECONDS)
        ),
        "no_picture": joined(lambda found, _: subtract(found.present, found.picture)),
        "black": joined(lambda found, _: found.black),
        "frozen": joined(lambda found, _: subtract(found.frozen, found.black)),
    }


def _joined(evidence: Evidence, spans_of: Callable[[CellFindings], Spans]) -> Spans:
    """Spans of all cells; those that reach a border are joined with what begins there in the next cell."""
    joined: list[tuple[float, float]] = []
    border = float("-inf")
    for cell in evidence.in_order():
        offset = cell.number * CELL_SECONDS
        for begin, end in spans_of(cell):
            continues = offset == border and begin <= BRIDGED_SECONDS
            if joined and continues and border - joined[-1][1] <= BRIDGED_SECONDS:
                joined[-1] = (joined[-1][0], offset + end)
            else:
                joined.append((offset + begin, offset + end))
        border = offset + cell.duration
    return tuple(joined)


def _reasons(evidence: Evidence, duration: float) -> tuple[Reason, ...]:
    reasons: list[Reason] = []
    for slot in PEOPLE:
        stretches = _stretches(evidence, slot)
        for fault, longest_allowed in LONGEST_SECONDS.items():
            longest = _longest(stretches[fault])
            if fault != "absent" and longest > longest_allowed:  # who came later or left earlier: see "alone"
                reasons.append(Reason(fault, slot, round(longest, 1)))
        for fault, holds in _IN_A_CELL.items():
            longest = _longest(_settled(evidence, slot, holds))
            if longest:
                reasons.append(Reason(fault, slot, round(longest, 1)))
    measured = evidence.measured_seconds
    both = total(_both(evidence))
    if measured and both < BOTH_SHARE * measured:
        reasons.append(Reason("alone", None, round(measured - both, 1)))
    if measured < MEASURED_SHARE * duration:
        reasons.append(Reason("not_measured", None, round(duration - measured, 1)))
    return tuple(reasons)


def _settled(evidence: Evidence, slot: str, holds: Callable[[PersonFindings], bool]) -> Spans:
    """Stretches of at least ``SETTLED_SECONDS`` in all of whose cells something holds."""
    whole = _joined(evidence, lambda cell: ((0.0, cell.duration),) if holds(cell.of(slot)) else ())
    return tuple(span for span in whole if span[1] - span[0] >= SETTLED_SECONDS)


def _verdict(evidence: Evidence, reasons: tuple[Reason, ...], duration: float) -> Verdict:
    if not reasons:
        return "good"
    measured = evidence.measured_seconds
    if measured and total(_both(evidence)) < POOR_SHARE * measured:
        return "poor"
    return "poor" if any(_mostly_faulty(evidence, slot, duration) for slot in PEOPLE) else "doubtful"


def _mostly_faulty(evidence: Evidence, slot: str, duration: float) -> bool:
    """Whether long silences, or long times without a live picture, make up most of the recording."""
    stretches = _stretches(evidence, slot)
    unheard = total(_long(stretches, "silence"))
    unseen = total(union((*_long(stretches, "no_picture"), *_long(stretches, "black"), *_long(stretches, "frozen"))))
    return max(unheard, unseen) > POOR_SHARE * duration


def _long(stretches: Mapping[Fault, Spans], fault: Fault) -> Spans:
    return tuple(span for span in stretches[fault] if span[1] - span[0] > LONGEST_SECONDS[fault])


def _longest(spans: Spans) -> float:
    return max((end - begin for begin, end in spans), default=0.0)


def _both(evidence: Evidence) -> Spans:
    return _joined(evidence, lambda cell: intersect(*(cell.of(slot).present for slot in PEOPLE)))


def _figures(evidence: Evidence) -> tuple[tuple[Figures, ...], float, float]:
    """People's figures, how long was measured, and how long both were there."""
    people = tuple(_figures_of(evidence, slot) for slot in PEOPLE)
    return people, round(evidence.measured_seconds, 1), round(total(_both(evidence)), 1)


def _figures_of(evidence: Evidence, slot: str) -> Figures:
    found = [cell.of(slot) for cell in evidence.in_order()]
    stretches = _stretches(evidence, slot)
    sound, picture = sum(total(one.sound) for one in found), sum(total(one.picture) for one in found)
    audible = sum(total(subtract(one.sound, one.silent)) for one in found)
    visible = sum(total(subtract(one.picture, (*one.black, *one.frozen))) for one in found)
    frames = sum(one.frames_per_second * total(one.picture) for one in found)
    offsets = [one.offset_seconds for one in found if one.offset_seconds is not None]
    largest = max(offsets, key=abs, default=0.0)
    return Figures(
        slot=slot,
        sound_seconds=round(sound, 1),
        audible_seconds=round(audible, 1),
        picture_seconds=round(picture, 1),
        visible_seconds=round(visible, 1),
        longest_silence_seconds=round(_longest(stretches["silence"]), 1),
        longest_black_seconds=round(_longest(stretches["black"]), 1),
        longest_frozen_seconds=round(_longest(stretches["frozen"]), 1),
        width=(size := _usual_size(found))[0],
        height=size[1],
        frames_per_second=round(frames / picture, 1) if picture else 0.0,
        offset_seconds=round(largest, 3) if offsets else None,
    )


def _usual_size(found: list[PersonFindings]) -> tuple[int, int]:
    lasted: dict[tuple[int, int], float] = {}
    for one in found:
        if one.picture:
            lasted[one.width, one.height] = lasted.get((one.width, one.height), 0.0) + total(one.picture)
    return max(lasted, key=lambda size: (lasted[size], size), default=(0, 0))


def report_from(state: Mapping[str, Any]) -> Report:
    """A report from what ``dataclasses.asdict`` and JSON, or the store, made of it."""
    read: dict[str, Any] = {
        "warnings": tuple(EvidenceWarning(**one) for one in state["warnings"]),
        "reasons": tuple(Reason(**one) for one in state["reasons"]),
        "people": tuple(Figures(**one) for one in state["people"]),
    }
    return Report(**{**state, **read})
