"""From event to state. Total: what was recorded is never refused, and an unknown event changes nothing but the version."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from services.certification.model.evolve_contacts import (
    contact_code_mismatched,
    contact_code_sent,
    contact_delivery,
    contact_verified,
)
from services.certification.model.evolve_notices import notice_omitted, notice_requested
from services.certification.model.policy import Policy
from services.certification.model.state import (
    Certificate,
    Code,
    Conference,
    EmissionState,
    Intent,
    Invitation,
    Preserved,
    Recorded,
    Recording,
    Revocation,
    Session,
    Term,
)

Step = Callable[[EmissionState, Recorded], EmissionState]
_LIMITS = Policy()
BEGINNING = "EmissionStarted"


def replay(events: Iterable[Recorded], state: EmissionState | None = None) -> EmissionState | None:
    """The state after ``events``; None for a stream that is of no emission."""
    for event in events:
        if state is None and event.name != BEGINNING:
            return None
        state = evolve(state, event)
    return state


def evolve(state: EmissionState | None, event: Recorded) -> EmissionState:
    """The state after one more event."""
    if state is None:
        return _started(event)
    step = _STEPS.get(event.name)
    after = step(state, event) if step else state
    causes = state.causes | {event.cause} if event.cause and event.name.endswith("Noted") else state.causes
    since = event.time if after.state != state.state else state.state_since
    return replace(after, version=event.version, updated_at=event.time, state_since=since, causes=causes)


def _started(event: Recorded) -> EmissionState:
    data = event.data
    names = (
        *("emission_id", "office_id", "protocol", "mode", "person_id", "registration_id", "registration_version"),
        *("registration_sha256", "office_name", "clerk_id", "clerk_name", "holder_masked", "cpf_masked"),
    )
    kept: dict[str, Any] = {name: data.get(name) for name in names}
    times = {"started_at": event.time, "updated_at": event.time, "state_since": event.time, "due": data["deadline"]}
    return EmissionState(**kept, **times, version=event.version)


def _note_conference(state: EmissionState, event: Recorded, **changes: Any) -> EmissionState:
    data = event.data
    known = {conference.conference_id: conference for conference in state.conferences}
    found = known.get(data["conference_id"]) or Conference(data["conference_id"], data["at"])
    known[found.conference_id] = replace(found, seen_at=min(found.seen_at, data["at"]), **changes)
    return replace(state, conferences=tuple(known.values()))


def _conference_opened(state: EmissionState, event: Recorded) -> EmissionState:
    return _note_conference(state, event)


def _conference_started(state: EmissionState, event: Recorded) -> EmissionState:
    return _note_conference(state, event, started=True, started_at=event.data["at"])


def _conference_ended(state: EmissionState, event: Recorded) -> EmissionState:
    return _note_conference(state, event, ended=True, ended_at=event.data["at"])


def _with_recording(state: EmissionState, event: Recorded, change: Callable[[Recording], Recording]) -> EmissionState:
    data = event.data
    recording_id = data.get("recording_id")
    if recording_id is None:
        return state
    known = {recording.recording_id: recording for recording in state.recordings}
    found = known.get(recording_id) or Recording(recording_id, data["conference_id"], event.time)
    changed = change(found)
    since = event.time if changed.video != found.video else found.video_since
    known[recording_id] = replace(changed, video_since=since)
    return replace(state, recordings=tuple(known.values()))


def _recording_started(state: EmissionState, event: Recorded) -> EmissionState:
    return _with_recording(_note_conference(state, event), event, lambda recording: recording)


def _recording_stopped(state: EmissionState, event: Recorded) -> EmissionState:
    def stop(recording: Recording) -> Recording:
        return replace(recording, video="processing") if recording.video == "none" else recording

    return _with_recording(_note_conference(state, event), event, stop)


def _video(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    return _with_recording(
        state,
        event,
        lambda recording: replace(
            recording,
            video="done",
            playable_sha256=data.get("playable_sha256"),
            original_sha256=data.get("original_sha256"),
            seal_head=data.get("seal_head"),
        ),
    )


def _video_failed(state: EmissionState, event: Recorded) -> EmissionState:
    return _with_recording(state, event, lambda recording: replace(recording, video="failed"))


def _confirmed(state: EmissionState, event: Recorded) -> EmissionState:
    return replace(
        state,
        state="confirmed",
        registration_version=event.data["registration_version"],
        registration_sha256=event.data["registration_sha256"],
        invitation=None,
    )


def _retried(state: EmissionState, _: Recorded) -> EmissionState:
    past = state.past_conferences | {conference.conference_id for conference in state.conferences}
    return replace(state, state="started", past_conferences=past, reason=None)


def _invited(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    invitation = Invitation(
        invitation_id=data["invitation_id"],
        channel=data["channel"],
        address_masked=data["address_masked"],
        link_sha256=data["link_sha256"],
        sent_at=event.time,
        expires_at=data["expires_at"],
        data_tries_left=_LIMITS.data_tries,
        code_tries_left=_LIMITS.code_tries,
    )
    after = state.state if state.state == "issued" else "dispatched"
    keys = (*state.keys, invitation.invitation_id, invitation.link_sha256)
    renewals = state.renewals + 1 if data.get("by_holder") else 0
    return replace(state, state=after, invitation=invitation, session=None, keys=keys, renewals=renewals)


def _with_invitation(state: EmissionState, event: Recorded, **changes: Any) -> EmissionState:
    invitation = state.invitation
    if invitation is None or invitation.invitation_id != event.data["invitation_id"]:
        return state
    return replace(state, invitation=replace(invitation, **changes))


def _matched(state: EmissionState, event: Recorded) -> EmissionState:
    return _with_invitation(state, event, matched=True)


def _data_mismatched(state: EmissionState, event: Recorded) -> EmissionState:
    return _with_invitation(state, event, data_tries_left=event.data["tries_left"])


def _code_mismatched(state: EmissionState, event: Recorded) -> EmissionState:
    return _with_invitation(state, event, code_tries_left=event.data["tries_left"])


def _locked(state: EmissionState, event: Recorded) -> EmissionState:
    return _with_invitation(state, event, locked=True)


def _code_sent(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    code = Code(data["code_id"], data["channel"], data["address_masked"], data["expires_at"], data["sends_left"])
    return _with_invitation(replace(state, keys=(*state.keys, code.code_id)), event, code=code)


def _delivery(state: EmissionState, event: Recorded) -> EmissionState:
    state = contact_delivery(state, event.data["message_id"], event.data["delivered"])
    invitation = state.invitation
    if invitation is None or invitation.invitation_id != event.data["message_id"]:
        return state
    delivery = "delivered" if event.data["delivered"] else "failed"
    return replace(state, invitation=replace(invitation, delivery=delivery, delivery_reason=event.data.get("reason")))


def _verified(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    claimed = _with_invitation(state, event, claimed=True)
    session = Session(data["invitation_id"], data["session_sha256"], data["nonce"], data.get("expires_at"))
    after = "issued" if state.state == "issued" else "verified"
    return replace(claimed, state=after, session=session, keys=(*state.keys, session.session_sha256))


def _refused_submission(state: EmissionState, _: Recorded) -> EmissionState:
    return replace(state, refused_submissions=state.refused_submissions + 1)


def _prepared_issue(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    names = ("serial", "public_key_sha256", "public_key", "not_before", "not_after")
    return replace(state, state="verified", intent=Intent(**{name: data[name] for name in names}))


def _issued(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    certificate = Certificate(
        serial=data["serial"],
        sha256=data["sha256"],
        public_key_sha256=data["public_key_sha256"],
        not_before=data["not_before"],
        not_after=data["not_after"],
        status="withheld",
        session_sha256=state.session.session_sha256 if state.session else None,
        sign_by=data.get("sign_by"),
        issuer=data.get("issuer"),
    )
    return replace(state, state="issued", certificate=certificate, intent=None, term=None)


def _prepared_term(state: EmissionState, event: Recorded) -> EmissionState:
    if state.certificate is None:
        return state
    term = Term(state.certificate.serial, event.data["document_sha256"], event.data["document_digest"])
    return replace(state, term=term)


def _signed(state: EmissionState, event: Recorded) -> EmissionState:
    if state.term is None:
        return state
    signed = replace(state.term, term_sha256=event.data["term_sha256"], size=event.data["size"], signed_at=event.time)
    return replace(state, term=signed)


def _preserved(state: EmissionState, event: Recorded) -> EmissionState:
    data = event.data
    if state.term is None:
        return state
    preserved = Preserved(data["number"], data["term_sha256"], data["size"], data["renew_at"])
    return replace(state, term=replace(state.term, preserved=preserved))


def _completed(state: EmissionState, event: Recorded) -> EmissionState:
    certificate = replace(state.certificate, status="valid", released_at=event.time) if state.certificate else None
    return replace(state, state="completed", certificate=certificate)


def _revoked(state: EmissionState, event: Recorded) -> EmissionState:
    serial, reason = event.data["serial"], event.data["reason"]
    issued = next((one for one in (state.intent, state.certificate) if one is not None and one.serial == serial), None)
    year = issued.not_before.astimezone(UTC).year if issued else None
    issuer = state.certificate.issuer if state.certificate and state.certificate.serial == serial else None
    revocation = Revocation(serial, event.time, reason, year=year, issuer=issuer)
    state = replace(state, revocations=(*state.revocations, revocation))
    if state.intent is not None and state.intent.serial == serial:
        return replace(state, intent=None)
    if state.certificate is None or state.certificate.serial != serial:
        return state
    if state.intent is not None:  # replaced by the certificate of another key, not ended
        return replace(state, certificate=None, term=None)
    revoked = replace(
        state.certificate,
        status="revoked",
        revoked_at=event.time,
        revocation_reason=reason,
        revoked_by_holder=event.data.get("signature") is not None,
    )
    return replace(state, state="revoked", certificate=revoked, session=None)


def _replacing(state: EmissionState, event: Recorded) -> EmissionState:
    return replace(state, replaces=(*state.replaces, event.data["replaces"]))


def _ended_as(name: str) -> Step:
    def end(state: EmissionState, event: Recorded) -> EmissionState:
        return replace(state, state=name, reason=event.data["reason"], session=None)

    return end


_STEPS: Mapping[str, Step] = {
    "ConferenceOpeningNoted": _conference_opened,
    "ConferenceStartNoted": _conference_started,
    "RecordingStartNoted": _recording_started,
    "RecordingStopNoted": _recording_stopped,
    "ConferenceEndNoted": _conference_ended,
    "VideoNoted": _video,
    "VideoFailureNoted": _video_failed,
    "IdentificationAttested": lambda state, _: replace(state, state="identified"),
    "IdentificationRetried": _retried,
    "DataConfirmed": _confirmed,
    "HolderInvited": _invited,
    "DeliveryNoted": _delivery,
    "HolderDataMatched": _matched,
    "HolderDataMismatched": _data_mismatched,
    "CodeSent": _code_sent,
    "CodeMismatched": _code_mismatched,
    "ContactCodeSent": contact_code_sent,
    "ContactCodeMismatched": contact_code_mismatched,
    "ContactVerified": contact_verified,
    "InvitationLocked": _locked,
    "HolderVerified": _verified,
    "SubmissionRefused": _refused_submission,
    "IssuePrepared": _prepared_issue,
    "CertificateIssued": _issued,
    "TermPrepared": _prepared_term,
    "TermSigned": _signed,
    "TermPreserved": _preserved,
    "EmissionCompleted": _completed,
    "EmissionRefused": _ended_as("refused"),
    "EmissionInconclusive": _ended_as("inconclusive"),
    "EmissionCancelled": _ended_as("cancelled"),
    "EmissionExpired": _ended_as("expired"),
    "CertificateRevoked": _revoked,
    "ReplacementNoted": _replacing,
    "RenewalNoticeRequested": notice_requested,
    "RenewalNoticeOmitted": notice_omitted,
}
