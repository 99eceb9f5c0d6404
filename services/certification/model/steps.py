"""Which step is possible when, and the refusal of any other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.errors import IllegalStep, NotFound
from services.certification.model.state import Decided, EmissionState

_BY_STATE: Mapping[str, tuple[str, ...]] = {
    "started": ("attest_identification", "mark_inconclusive", "refuse_emission", "cancel_emission"),
    "identified": ("confirm_data", "mark_inconclusive", "refuse_emission", "cancel_emission"),
    "confirmed": ("invite_holder", "confirm_data", "mark_inconclusive", "refuse_emission", "cancel_emission"),
    "dispatched": ("invite_holder", "confirm_data", "refuse_emission", "cancel_emission"),
    "verified": ("invite_holder", "refuse_emission", "cancel_emission"),
    "issued": ("invite_holder", "revoke_certificate"),
    "completed": ("revoke_certificate",),
    "inconclusive": ("retry_identification", "cancel_emission"),
}


def allowed(state: EmissionState) -> tuple[str, ...]:
    """The clerk's commands that are possible now."""
    possible = _BY_STATE.get(state.state, ())
    if state.state == "started" and not state.identifiable:
        return tuple(step for step in possible if step != "attest_identification")
    return possible


def require(state: EmissionState | None, step: str) -> EmissionState:
    """The state, where ``step`` is possible in it; raises :class:`IllegalStep` or :class:`NotFound`."""
    if state is None:
        raise NotFound("no such emission", field="emission_id")
    if step not in allowed(state):
        raise illegal(state, step)
    return state


def illegal(state: EmissionState, step: str) -> IllegalStep:
    """The refusal of a step that names the state and what is possible."""
    return IllegalStep(f"{step} is not possible now", reason=step, state=state.state, allowed=list(allowed(state)))


def happened(state: EmissionState, name: str, **data: Any) -> Decided:
    """An event of this emission."""
    return Decided(name, {"emission_id": state.emission_id, "office_id": state.office_id, **data})
