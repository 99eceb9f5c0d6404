"""The signed term's long-term form (PAdES B-LTA, ETSI EN 319 142-1): made after the signing, and again before its stamp ages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import happened


@dataclass(frozen=True, slots=True)
class LongTerm:
    """A long-term form that was made and stored; the ``number``-th of its term."""

    number: int
    term_sha256: str
    size: int
    timestamped_at: datetime
    renew_at: datetime


def next_number(state: EmissionState, now: datetime) -> int | None:
    """The number of the long-term form that is due; None where none is."""
    due = state.preserve_at
    if due is None or due > now or state.term is None:
        return None
    return state.term.preserved.number + 1 if state.term.preserved else 1


def decide_preserve(state: EmissionState, document_sha256: str, made: LongTerm, now: datetime) -> tuple[Decided, ...]:
    """Record a long-term form; nothing where another term counts, or where it was recorded before."""
    if state.term is None or state.term.document_sha256 != document_sha256 or next_number(state, now) != made.number:
        return ()
    preserved = happened(
        state,
        "TermPreserved",
        document_sha256=document_sha256,
        term_sha256=made.term_sha256,
        size=made.size,
        number=made.number,
        timestamped_at=made.timestamped_at,
        renew_at=made.renew_at,
    )
    return (preserved,)
