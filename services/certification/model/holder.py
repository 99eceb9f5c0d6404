"""The holder's way on the phone: invitation, personal data, code, one session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from contracts.errors import IllegalStep, LinkUnusable, Locked, NotFound, RateLimited, WrongAnswer
from services.certification.model.policy import Policy
from services.certification.model.state import CLOSED, Code, Decided, EmissionState, Invitation, Session
from services.certification.model.steps import happened, require

Decision = tuple[Decided, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent: the id under which notify asks for its content, and where it will go."""

    message_id: str
    channel: str
    address_masked: str


def decide_invite(state: EmissionState | None, message: Message, *, link_sha256: str, now: datetime, policy: Policy) -> Decision:
    """Invite the holder; a new invitation takes the place of the one before, and ends the session won by it."""
    present = require(state, "invite_holder")
    invited = happened(
        present,
        "HolderInvited",
        invitation_id=message.message_id,
        channel=message.channel,
        address_masked=message.address_masked,
        link_sha256=link_sha256,
        expires_at=now + policy.link_life,
        by_holder=False,
    )
    return (invited,)


def usable_invitation(state: EmissionState | None, link_sha256: str, now: datetime) -> tuple[EmissionState, Invitation]:
    """The invitation that a link opens; raises :class:`LinkUnusable` that says why it opens none, or :class:`Locked`."""
    if state is None:
        raise LinkUnusable("no such link", reason="unknown")
    invitation = state.invitation
    if state.state in CLOSED:
        raise LinkUnusable("the emission has ended", reason="ended")
    if invitation is None or invitation.link_sha256 != link_sha256 or state.state in {"started", "identified", "confirmed"}:
        raise LinkUnusable("a newer link was sent", reason="superseded")
    if state.state == "completed":
        return state, invitation
    if invitation.locked:
        raise Locked("too many wrong answers", reason="locked")
    if now >= invitation.expires_at:
        raise LinkUnusable("the link has expired", reason="expired")
    return state, invitation


def holder_step(state: EmissionState) -> str:
    """Where the holder stands: data, code, request, sign or done."""
    if state.state == "completed":
        return "done"
    invitation, session, certificate = state.invitation, state.session, state.certificate
    if session is None:
        return "code" if invitation is not None and invitation.matched else "data"
    # A certificate of an earlier session: the phone may have lost its key, so it asks again (with the same key, if it has it).
    mine = certificate is not None and certificate.session_sha256 == session.session_sha256
    return "sign" if mine and state.term is not None else "request"


def decide_answer(
    state: EmissionState | None, link_sha256: str, *, matches: bool, code: Message, now: datetime, policy: Policy
) -> Decision:
    """Take CPF and birth date; where they match, send a code unless one still lives. The last wrong try locks."""
    present, invitation = _unclaimed(state, link_sha256, now)
    if not matches:
        left = invitation.data_tries_left - 1
        wrong = happened(present, "HolderDataMismatched", invitation_id=invitation.invitation_id, tries_left=left)
        return (wrong,) if left > 0 else (wrong, _lock(present, invitation, "data"))
    if invitation.matched and invitation.code is not None and now < invitation.code.expires_at:
        return ()
    right = happened(present, "HolderDataMatched", invitation_id=invitation.invitation_id, tries_left=invitation.data_tries_left)
    sent = _send(present, invitation, code, now, policy)
    return sent if invitation.matched else (right, *sent)


def decide_resend(state: EmissionState | None, link_sha256: str, *, code: Message, now: datetime, policy: Policy) -> Decision:
    """Send another code; raises :class:`RateLimited` when all were sent and the last still lives."""
    present, invitation = _unclaimed(state, link_sha256, now)
    if not invitation.matched:
        raise _holder_step_missing(present, "verify_holder_data")
    return _send(present, invitation, code, now, policy)


def decide_claim(state: EmissionState | None, link_sha256: str, *, correct: bool, session: Session, now: datetime) -> Decision:
    """Take the code: the right one makes the one session of this invitation."""
    present, invitation = _unclaimed(state, link_sha256, now)
    if invitation.code is None:
        raise _holder_step_missing(present, "verify_holder_data")
    if now >= invitation.code.expires_at:
        raise WrongAnswer("the code has expired", field="code", reason="expired", tries_left=invitation.code_tries_left)
    if not correct:
        left = invitation.code_tries_left - 1
        wrong = happened(present, "CodeMismatched", invitation_id=invitation.invitation_id, tries_left=left)
        return (wrong,) if left > 0 else (wrong, _lock(present, invitation, "code"))
    verified = happened(
        present,
        "HolderVerified",
        invitation_id=invitation.invitation_id,
        session_sha256=session.session_sha256,
        nonce=session.nonce,
        expires_at=session.expires_at,
    )
    return (verified,)


def usable_session(state: EmissionState | None, session_sha256: str, now: datetime) -> tuple[EmissionState, Session]:
    """The session that a token opens; raises :class:`LinkUnusable` that says why it opens none."""
    if state is None:
        raise LinkUnusable("no such session", reason="unknown")
    if state.state in CLOSED:
        raise LinkUnusable("the emission has ended", reason="ended")
    session = state.session
    if session is None or session.session_sha256 != session_sha256:
        raise LinkUnusable("a newer link was sent", reason="superseded")
    if session.expires_at is not None and now >= session.expires_at:
        raise LinkUnusable("the session has expired", reason="expired")
    return state, session


def live_code(state: EmissionState | None) -> tuple[EmissionState, Code]:
    """The code last sent; raises :class:`NotFound` where there is none."""
    if state is None or state.invitation is None or state.invitation.code is None:
        raise NotFound("no code was sent", field="code")
    return state, state.invitation.code


def _unclaimed(state: EmissionState | None, link_sha256: str, now: datetime) -> tuple[EmissionState, Invitation]:
    present, invitation = usable_invitation(state, link_sha256, now)
    if invitation.claimed or present.state == "completed":
        raise LinkUnusable("the link was used already", reason="used")
    return present, invitation


def _send(present: EmissionState, invitation: Invitation, code: Message, now: datetime, policy: Policy) -> Decision:
    before = invitation.code
    left = before.sends_left if before else policy.code_sends
    if left <= 0:
        if before is not None and now < before.expires_at:
            raise RateLimited("all codes were sent; the last one still counts", reason="sends")
        return (_lock(present, invitation, "sends"),)
    sent = happened(
        present,
        "CodeSent",
        invitation_id=invitation.invitation_id,
        code_id=code.message_id,
        channel=code.channel,
        address_masked=code.address_masked,
        expires_at=now + policy.code_life,
        sends_left=left - 1,
    )
    return (sent,)


def _lock(present: EmissionState, invitation: Invitation, reason: str) -> Decided:
    return happened(present, "InvitationLocked", invitation_id=invitation.invitation_id, reason=reason)


def _holder_step_missing(present: EmissionState, needed: str) -> IllegalStep:
    return IllegalStep(f"{needed} comes first", reason="order", state=present.state, allowed=[needed])
