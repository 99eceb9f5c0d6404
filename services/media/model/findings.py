"""What was found in one cell of a recording, person by person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.media.model.spans import Spans, union


@dataclass(frozen=True, slots=True)
class PersonFindings:
    """One person in one cell. Spans in seconds from the cell's beginning.

    ``sound`` and ``picture``: when they arrived; ``silent``, ``black``, ``frozen``: when they held nothing. Size in pixels
    (that of most of the time, 0 where there is none). ``offset_seconds``: how much later the picture arrived, beside the
    sound, than it is shown (None where the tracks do not tell).
    """

    sound: Spans = ()
    silent: Spans = ()
    picture: Spans = ()
    black: Spans = ()
    frozen: Spans = ()
    width: int = 0
    height: int = 0
    frames_per_second: float = 0.0
    offset_seconds: float | None = None

    @property
    def present(self) -> Spans:
        """When anything arrived."""
        return union((*self.sound, *self.picture))


@dataclass(frozen=True, slots=True)
class CellFindings:
    """What was found in one cell, by person; who is not named was not there."""

    number: int
    duration: float
    people: Mapping[str, PersonFindings]

    def of(self, slot: str) -> PersonFindings:
        """One person's."""
        return self.people.get(slot, PersonFindings())


def findings_from(state: Mapping[str, Any]) -> CellFindings:
    """Findings from what ``dataclasses.asdict`` and JSON made of them."""
    people = {slot: _person_from(one) for slot, one in state["people"].items()}
    return CellFindings(state["number"], state["duration"], people)


def _person_from(state: Mapping[str, Any]) -> PersonFindings:
    read: dict[str, Any] = {name: _spans(value) if isinstance(value, list) else value for name, value in state.items()}
    return PersonFindings(**read)


def _spans(value: list[list[float]]) -> Spans:
    return tuple((begin, end) for begin, end in value)
