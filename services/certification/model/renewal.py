"""A newer link at the holder's own wish: in place of one that has expired, to the contact that the office has."""

from __future__ import annotations

from datetime import datetime

from services.certification.model.holder import Message
from services.certification.model.policy import Policy
from services.certification.model.state import Decided, EmissionState
from services.certification.model.steps import allowed, happened

Decision = tuple[Decided, ...]


def renewable(state: EmissionState | None, link_sha256: str, now: datetime, policy: Policy) -> bool:
    """Whether who holds this link, the last one or one before it, may have a newer one sent.

    Not while the last link or its session still opens something, not where it was locked (the office looks at that), and
    a few times only: a link of the office begins the count anew.
    """
    if state is None or state.invitation is None or "invite_holder" not in allowed(state):
        return False
    invitation, session = state.invitation, state.session
    if invitation.locked or link_sha256 not in state.keys or state.renewals >= policy.renewals:
        return False
    if now < invitation.sent_at + policy.renewal_pause:
        return False
    if session is not None:
        return session.expires_at is not None and now >= session.expires_at
    return now >= invitation.expires_at


def decide_renew(
    state: EmissionState | None, link_sha256: str, message: Message, *, new_link_sha256: str, now: datetime, policy: Policy
) -> Decision:
    """Invite again by the same channel; nothing where that is not possible, so that the answer tells nobody anything."""
    if state is None or not renewable(state, link_sha256, now, policy):
        return ()
    invited = happened(
        state,
        "HolderInvited",
        invitation_id=message.message_id,
        channel=message.channel,
        address_masked=message.address_masked,
        link_sha256=new_link_sha256,
        expires_at=now + policy.link_life,
        by_holder=True,
    )
    return (invited,)
