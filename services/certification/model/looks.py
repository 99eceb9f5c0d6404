"""Who was given a term or certificate: noted in the emission's history."""

from __future__ import annotations

from contracts.errors import NotFound
from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import happened

DOCUMENT_VIEWED = "DocumentViewed"


def decide_note_look(state: EmissionState | None, kind: str) -> tuple[Decided, ...]:
    """Note it, in whatever state the emission is; raises :class:`NotFound` where there is nothing to be looked at."""
    if state is None or state.term is None or state.term.term_sha256 is None:
        raise NotFound("no certificate was released", field="emission_id", reason="not_released")
    return (happened(state, DOCUMENT_VIEWED, kind=kind),)
