"""When the clerk may tell the words, and show the link."""

from __future__ import annotations

from datetime import datetime

from services.certification.model.holder import usable_invitation
from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import happened, illegal, require


def words_are_asked(state: EmissionState) -> bool:
    """Whether the holder may still be asked for the words."""
    return state.open


def decide_show_link(state: EmissionState | None, now: datetime) -> tuple[Decided, ...]:
    """Show the link that was sent last, while it opens a way that nobody has begun; raises what the link itself would."""
    present = require(state, "invite_holder")
    if present.invitation is None:
        raise illegal(present, "show_link")
    _, invitation = usable_invitation(present, present.invitation.link_sha256, now)
    if invitation.claimed:
        raise illegal(present, "show_link")
    return (happened(present, "LinkShown", invitation_id=invitation.invitation_id),)
