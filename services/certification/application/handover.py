"""What the clerk hands over besides the message: the words that are told in the call, and the link as it can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.rpc import Call
from services.certification.application.access import require_own
from services.certification.application.history import change, of_call
from services.certification.application.ports import Ports
from services.certification.application.streams import present
from services.certification.model.handover import decide_show_link, words_are_asked
from services.certification.model.state import EmissionState

Data = Mapping[str, Any]


def get_spoken_words(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The emission's two words, until the term is signed; after that they are good for nothing, and are not told."""
    state = require_own(present(ports, data["emission_id"]), call.actor)
    return {"words": ports.secrets.words(state.emission_id) if words_are_asked(state) else None}


def show_link(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The link that was sent, to be shown on the clerk's screen; the history keeps who had it shown."""
    now = ports.clock()

    def decide(state: EmissionState | None) -> Any:
        return decide_show_link(state and require_own(state, call.actor), now)

    outcome = change(ports, data["emission_id"], of_call(call), decide)
    invitation = require_own(outcome.state, call.actor).invitation
    shown = outcome.event("LinkShown")
    if invitation is None or shown is None or shown.data["invitation_id"] != invitation.invitation_id:
        return {"link": None, "expires_at": None}  # a repeated question about a link that a newer one has replaced
    return {"link": ports.link_of(invitation.invitation_id), "expires_at": invitation.expires_at}
