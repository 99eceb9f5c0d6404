"""The holder's questions and commands up to the session: link, personal data, code."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from chassis.rpc import Call
from contracts.errors import LinkUnusable, Locked, WrongAnswer
from services.certification.application.access import find_by_key
from services.certification.application.history import Outcome, change, of_call
from services.certification.application.ports import Ports
from services.certification.application.registrations import address_of, other_channel, require_unblocked
from services.certification.application.tokens import same, sha256_of
from services.certification.model.holder import (
    Message,
    decide_answer,
    decide_claim,
    decide_resend,
    holder_step,
    usable_invitation,
    usable_session,
)
from services.certification.model.masks import mask_address
from services.certification.model.renewal import renewable
from services.certification.model.state import EmissionState, Invitation, Session
from services.certification.model.words import letters_of

CODE_IDS = uuid.UUID("0b1a3c63-9b52-5a0e-9a44-1f9d4c3a6d27")
Data = Mapping[str, Any]


def get_holder_link(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """What the link alone tells; changes nothing, so that a mail scanner cannot use it up."""
    link = sha256_of(data["token"])
    now, found = ports.clock(), find_by_key(ports, link)
    again = renewable(found, link, now, ports.policy)
    try:
        state, invitation = usable_invitation(found, link, now)
    except LinkUnusable as error:
        raise LinkUnusable(str(error), reason=error.reason, renewable=again) from error
    tries = invitation.code_tries_left if invitation.matched else invitation.data_tries_left
    return {
        "step": holder_step(state),
        "office_name": state.office_name,
        "tries_left": tries,
        "expires_at": invitation.expires_at,
        "renewable": again,
    }


def verify_holder_data(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """CPF and birth date; the right ones send a code by the other channel."""
    link, found, invitation = _by_link(ports, data)
    registration = ports.registrations.get(found.registration_id, found.registration_version)
    require_unblocked(registration)
    matches = _matches(registration, data["cpf"], data["birth_date"])
    code = _code_message(call, registration, invitation)
    now = ports.clock()
    outcome = change(
        ports,
        found.emission_id,
        of_call(call),
        lambda state: decide_answer(state, link, matches=matches, code=code, now=now, policy=ports.policy),
    )
    return _code_reply(outcome)


def resend_code(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Another code, while there are sends left."""
    link, found, invitation = _by_link(ports, data)
    registration = ports.registrations.get(found.registration_id, found.registration_version)
    code = _code_message(call, registration, invitation)
    now = ports.clock()
    outcome = change(
        ports,
        found.emission_id,
        of_call(call),
        lambda state: decide_resend(state, link, code=code, now=now, policy=ports.policy),
    )
    return _code_reply(outcome)


def verify_holder_code(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The right code makes the one session of this invitation, with the words that the clerk told."""
    link, found, invitation = _by_link(ports, data)
    invitation_id = invitation.invitation_id
    token = ports.secrets.session_token(invitation_id)
    now = ports.clock()
    session = Session(invitation_id, sha256_of(token), ports.secrets.nonce(invitation_id), now + ports.policy.session_life)

    def decide(state: EmissionState | None) -> Any:
        code = state.invitation.code if state and state.invitation else None
        code_right = code is not None and same(ports.secrets.code(code.code_id), data["code"])
        words_right = same(letters_of(ports.secrets.words(found.emission_id)), letters_of(data["words"]))
        correct = code_right and words_right
        return decide_claim(state, link, correct=correct, session=session, now=now)

    outcome = change(ports, found.emission_id, of_call(call), decide)
    _raise_wrong(outcome, "code")
    return _session_reply(ports, outcome.state, session.nonce, token)


def get_holder_session(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """Where the session stands (a reloaded page asks)."""
    state, session = by_session(ports, data)
    return _session_reply(ports, state, session.nonce, data["holder_session"])


def by_session(ports: Ports, data: Data) -> tuple[EmissionState, Session]:
    """Emission and session of a session token; raises :class:`LinkUnusable`."""
    session_sha256 = sha256_of(data["holder_session"])
    return usable_session(find_by_key(ports, session_sha256), session_sha256, ports.clock())


def _by_link(ports: Ports, data: Data) -> tuple[str, EmissionState, Invitation]:
    link = sha256_of(data["token"])
    state = find_by_key(ports, link)
    if state is None or state.invitation is None:
        raise LinkUnusable("no such link", reason="unknown" if state is None else "superseded")
    if state.invitation.link_sha256 != link:
        raise LinkUnusable("a newer link was sent", reason="superseded")
    return link, state, state.invitation


def _matches(registration: Mapping[str, Any], cpf: str, birth_date: date) -> bool:
    digits = "".join(character for character in cpf if character.isdigit())
    return same(digits, registration["cpf"]) and birth_date == registration["data"]["birth_date"]


def _code_message(call: Call, registration: Mapping[str, Any], invitation: Invitation) -> Message:
    code_id = str(uuid.uuid5(CODE_IDS, f"{invitation.invitation_id}:{call.command_id}"))
    channel = other_channel(registration, invitation.channel)
    return Message(code_id, channel, mask_address(channel, address_of(registration, channel)))


def _code_reply(outcome: Outcome) -> dict[str, Any]:
    _raise_wrong(outcome, "cpf")
    names = ("channel", "address_masked", "expires_at", "sends_left")
    sent = outcome.event("CodeSent")
    if sent is not None:
        return {name: sent.data[name] for name in names}
    code = outcome.state.invitation.code if outcome.state.invitation else None
    if code is None:
        raise LinkUnusable("a newer link was sent", reason="superseded")
    return {name: getattr(code, name) for name in names}


def _raise_wrong(outcome: Outcome, field: str) -> None:
    if outcome.event("InvitationLocked"):
        raise Locked("too many wrong answers", reason="locked")
    wrong = outcome.event("HolderDataMismatched") or outcome.event("CodeMismatched")
    if wrong:
        raise WrongAnswer("that is not right", field=field, reason="wrong", tries_left=wrong.data["tries_left"])


def _session_reply(ports: Ports, state: EmissionState, nonce: str, token: str) -> dict[str, Any]:
    registration = ports.registrations.get(state.registration_id, state.registration_version)
    return {
        "holder_session": token,
        "nonce": nonce,
        "step": holder_step(state),
        "emission_id": state.emission_id,
        "holder_name": registration["data"]["name"],
    }
