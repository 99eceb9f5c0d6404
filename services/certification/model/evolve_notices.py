"""From event to state, of the notices before a certificate's end."""

from __future__ import annotations

from dataclasses import replace

from services.certification.model.state import EmissionState, Notice, Recorded


def notice_requested(state: EmissionState, event: Recorded) -> EmissionState:
    """A notice was asked of notify, which asks for it by its id."""
    data = event.data
    notice = Notice(data["days"], data["notice_id"], data["channel"], data["address_masked"])
    return replace(state, notices=(*state.notices, notice), keys=(*state.keys, data["notice_id"]))


def notice_omitted(state: EmissionState, event: Recorded) -> EmissionState:
    """Nobody could be told."""
    return replace(state, notices=(*state.notices, Notice(event.data["days"])))
