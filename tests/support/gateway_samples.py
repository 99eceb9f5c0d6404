"""Sample things of every service, as the gateway receives them."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chassis.letters import Letter
from contracts.certification import AWAITED
from contracts.envelope import Envelope
from contracts.topology import SUBSCRIPTIONS

NOW = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
OFFICE = {"office_id": "office-1", "office_name": "2º Tabelionato de Notas de Campinas"}
OTHER_OFFICE = {"office_id": "office-2", "office_name": "1º Tabelionato de Notas de Olinda"}
CPF = "52998224725"
UNREGISTERED_CPF = "11144477735"
BLOCKED_CPF = "39053344705"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAGCAIAAABxZ0isAAAAJ0lEQVR4nGOM6lnAgA2wQKimKG+4UN2yrQwMDExYlZMlwYJsLjIAAE6cBm8daH65AAAAAElFTkSuQmCC"
)


def named_id(name: str) -> str:
    """A fixed UUID for a readable name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"titular:{name}"))


PERSON = named_id("person")
OWN_REGISTRATION = named_id("registration-own")
OTHER_REGISTRATION = named_id("registration-other")

DATA: dict[str, Any] = {
    "name": "Maria da Conceição Souza e Silva",
    "birth_date": date(1955, 3, 7),
    "mother_name": "Joana Souza",
    "father_name": "Pedro da Silva",
    "profession": "Professora aposentada",
    "civil_status": "married",
    "spouse_name": "José Carlos da Silva",
    "nationality": "Brasileira",
    "birthplace": "Campinas",
    "email": "maria.silva@example.com",
    "mobile": "19912345678",
    "home_address": {
        "postal_code": "13010001",
        "street": "Rua Barão de Jaguara",
        "number": "1200",
        "complement": "apto 41",
        "district": "Centro",
        "city": "Campinas",
        "state": "SP",
    },
    "identity_document": {
        "type": "rg",
        "number": "12.345.678-9",
        "issuer": "SSP",
        "state": "SP",
        "issued_on": date(2012, 5, 4),
    },
    "politically_exposed": False,
}


def attachment() -> dict[str, Any]:
    """An image of the identity document."""
    return {
        "bucket": "attachments",
        "key": "rg.png",
        "size": len(PNG),
        "sha256": "ab" * 32,
        "content_type": "image/png",
        "attachment_id": named_id("attachment"),
        "kind": "identity_document",
        "filename": "rg-frente.png",
        "added_at": NOW - timedelta(days=12),
    }


def registration(**changes: Any) -> dict[str, Any]:
    """The own office's registration, complete for the remote path."""
    return {
        "person_id": PERSON,
        "registration_id": OWN_REGISTRATION,
        "cpf": CPF,
        **OFFICE,
        "version": 3,
        "current_version": 3,
        "sha256": "12" * 32,
        "data": DATA,
        "attachments": [attachment()],
        "block": None,
        "missing_for_remote": [],
        "registered_at": NOW - timedelta(days=400),
        "updated_at": NOW - timedelta(days=12),
        **changes,
    }


def registration_summary(**changes: Any) -> dict[str, Any]:
    """One line on the person's page."""
    return {
        "registration_id": OWN_REGISTRATION,
        **OFFICE,
        "name": DATA["name"],
        "version": 3,
        "registered_at": NOW - timedelta(days=400),
        "updated_at": NOW - timedelta(days=12),
        **changes,
    }


def look(**changes: Any) -> dict[str, Any]:
    """A clerk of another office opened the registration."""
    shown = {"at": NOW - timedelta(days=2), "purpose": "registration", "registration_id": OWN_REGISTRATION}
    return {**shown, "user_id": "rui", "role": "clerk", "office_id": OTHER_OFFICE["office_id"], **changes}


def contacts(state: str = "unverified") -> dict[str, Any]:
    """E-mail and mobile phone; the e-mail in that state."""
    sent = {"expires_at": NOW, "tries_left": 5, "delivery": "delivered"} if state != "unverified" else {}
    proof = {"proof": "code", "verified_at": NOW} if state == "verified" else {}
    email = {"channel": "email", "state": state, "address_masked": "m***@example.com", "sends_left": 4, **sent, **proof}
    return {"contacts": [email, {"channel": "sms", "state": "unverified", "address_masked": "*****-5678", "sends_left": 5}]}


def emission(name: str = "started", **changes: Any) -> dict[str, Any]:
    """An emission of the own office; its id is made of ``name``."""
    return {
        "emission_id": named_id(f"emission-{name}"),
        "protocol": "000123.2026.11.20.00000042-17",
        "version": 5,
        "state": "started",
        "mode": "remote",
        "person_id": PERSON,
        "registration_id": OWN_REGISTRATION,
        "registration_version": 3,
        "registration_sha256": "12" * 32,
        **OFFICE,
        "clerk_id": "ana",
        "clerk_name": "Ana Lima",
        "holder_masked": "Maria d* C* S* e S*",
        "cpf_masked": "***.982.247-**",
        "conference_id": named_id(f"conference-{name}"),
        "conference": "open",
        "video": "none",
        "video_sha256": None,
        "invitation": None,
        "certificate": None,
        "term_sha256": None,
        "reason": None,
        "allowed": ["refuse_emission", "mark_inconclusive", "cancel_emission"],
        "started_at": NOW - timedelta(minutes=40),
        "updated_at": NOW - timedelta(minutes=5),
        "deadline": NOW + timedelta(days=7),
        **changes,
    }


def invitation(**changes: Any) -> dict[str, Any]:
    """A delivered e-mail."""
    return {
        "invitation_id": named_id("invitation"),
        "channel": "email",
        "address_masked": "m***a@example.com",
        "sent_at": NOW - timedelta(minutes=4),
        "expires_at": NOW + timedelta(hours=24),
        "delivery": "delivered",
        "delivery_reason": None,
        "locked": False,
        **changes,
    }


def certificate(**changes: Any) -> dict[str, Any]:
    """A valid certificate."""
    return {
        "serial": "4f1b2c9e0d7a48b1a6c3e2f01d9b8c77",
        "sha256": "cd" * 32,
        "not_before": NOW,
        "not_after": NOW + timedelta(days=1095),
        "status": "valid",
        "revoked_at": None,
        "revocation_reason": None,
        **changes,
    }


IDENTIFY = ["attest_identification", "refuse_emission", "mark_inconclusive", "cancel_emission"]
DISPATCHED = ["invite_holder", "cancel_emission"]
COMPLETED: dict[str, Any] = {
    "conference": "ended",
    "video": "done",
    "video_sha256": "ef" * 32,
    "invitation": invitation(),
    "certificate": certificate(),
    "term_sha256": "34" * 32,
    "deadline": None,
}


def emissions() -> dict[str, dict[str, Any]]:
    """One emission for each situation, by name."""
    ended: dict[str, Any] = {"conference": "ended", "video": "done"}
    situations: dict[str, dict[str, Any]] = {
        "preparing": {"conference": "none", "conference_id": None},
        "started": {},
        "recording": {"conference": "recording"},
        "ended": {"conference": "ended", "video": "processing", "allowed": IDENTIFY},
        "video-failed": {"conference": "ended", "video": "failed", "allowed": IDENTIFY},
        "in-person": {"mode": "in_person", "conference": "none", "conference_id": None, "allowed": IDENTIFY},
        "identified": {**ended, "state": "identified", "allowed": ["confirm_data", "refuse_emission", "cancel_emission"]},
        "confirmed": {**ended, "state": "confirmed", "allowed": DISPATCHED},
        "dispatched": {**ended, "state": "dispatched", "invitation": invitation(), "allowed": DISPATCHED},
        "undelivered": {
            **ended,
            "state": "dispatched",
            "invitation": invitation(delivery="failed", delivery_reason="mailbox unavailable"),
            "allowed": DISPATCHED,
        },
        "issued": {**ended, "state": "issued", "invitation": invitation(), "certificate": certificate(status="withheld")},
        "completed": {**COMPLETED, "state": "completed", "allowed": ["revoke_certificate"]},
        "revoked": {
            **COMPLETED,
            "state": "revoked",
            "allowed": [],
            "certificate": certificate(status="revoked", revoked_at=NOW, revocation_reason="key_compromise"),
        },
        "refused": {**ended, "state": "refused", "reason": "Documento não confere.", "allowed": [], "deadline": None},
        "inconclusive": {**ended, "state": "inconclusive", "reason": "Sem som.", "allowed": ["retry_identification"]},
        "expired": {"state": "expired", "allowed": [], "deadline": None},
        "foreign": {**OTHER_OFFICE, **COMPLETED, "state": "completed", "allowed": ["revoke_certificate"]},
    }
    return {name: emission(name, **changes) for name, changes in situations.items()}


def conference(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The conference that fits an emission's state."""
    states = {
        "open": ("open", "off"),
        "started": ("started", "off"),
        "recording": ("started", "on"),
        "ended": ("ended", "stopped"),
    }
    state, recording = states.get(of["conference"], ("open", "off"))
    return {
        "conference_id": of["conference_id"],
        "emission_id": of["emission_id"],
        "office_id": of["office_id"],
        "office_name": of["office_name"],
        "state": state,
        "recording": recording,
        "join_token": "x7Qm2c0VbS0d3rO6bZk1nTq8uYwE5hJfLpAiGvNtR4M",
        "participants": [participant("clerk", "Ana Lima"), participant("holder", "Maria")] if state == "started" else [],
        "opened_at": NOW - timedelta(minutes=39),
        "started_at": NOW - timedelta(minutes=30) if state != "open" else None,
        "recording_started_at": None,
        "recording_stopped_at": None,
        "ended_at": None,
        "closes_at": None,
        "checklist": [{"item": "identity", "at": NOW}] if recording != "off" else [],
        "admissions": [admission("Maria", "admitted")] if state == "started" else [],
        **changes,
    }


def admission(name: str, state: str = "waiting") -> dict[str, Any]:
    """Somebody who asked to come in."""
    decided = None if state == "waiting" else NOW
    return {
        "admission_id": named_id(f"admission-{name}"),
        "display_name": name,
        "state": state,
        "asked_at": NOW,
        "decided_at": decided,
    }


def participant(role: str, name: str) -> dict[str, Any]:
    """Somebody in the room."""
    return {
        "participant_id": named_id(f"participant-{role}"),
        "role": role,
        "display_name": name,
        "present": True,
        "joined_at": NOW,
        "left_at": None,
    }


def video(of: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The recording that fits an emission's video state."""
    done = of["video"] == "done"

    def stored(key: str, content_type: str) -> dict[str, Any]:
        return {"bucket": "videos", "key": key, "size": 1000, "sha256": "ef" * 32, "content_type": content_type}

    return {
        "recording_id": named_id(f"recording-{of['emission_id']}"),
        "conference_id": of["conference_id"],
        "emission_id": of["emission_id"],
        "office_id": of["office_id"],
        "state": of["video"],
        "reason": "no picture in any track" if of["video"] == "failed" else None,
        "attempts": 1,
        "started_at": NOW - timedelta(minutes=30),
        "stopped_at": NOW - timedelta(minutes=24),
        "processed_at": NOW if done else None,
        "duration_seconds": 367.4 if done else None,
        "width": 1280 if done else None,
        "height": 480 if done else None,
        "playable": stored("video.mp4", "video/mp4") if done else None,
        "original": stored("video.mkv", "video/x-matroska") if done else None,
        "poster": None,
        "stream": None,
        "seal": None,
        "seal_head": "ab" * 32 if done else None,
        "gaps": [],
        **changes,
    }


def history(of: dict[str, Any], up_to: int | None = None) -> dict[str, Any]:
    """A short history."""
    types = ("EmissionStarted", "ConferenceOpeningNoted", "RecordingStartNoted", "ConferenceEndNoted", "IdentificationAttested")
    entries = [
        {
            "version": number,
            "type": name,
            "time": NOW + timedelta(minutes=number),
            "actor": {"user_id": "ana", "name": "Ana Lima", "role": "clerk", "address": "203.0.113.7"},
            "command_id": named_id(f"command-{number}"),
            "cause": named_id(f"cause-{number}"),
            "data": {"emission_id": of["emission_id"], "office_id": of["office_id"]},
            "previous_hash": f"{number - 1:02x}" * 32,
            "hash": f"{number:02x}" * 32,
        }
        for number, name in enumerate(types, start=1)
    ]
    kept = entries if up_to is None else entries[:up_to]
    state = of if up_to is None else {**of, "state": "started", "version": up_to}
    return {"emission_id": of["emission_id"], "entries": kept, "state": state, "intact": True, "broken_at": None}


def stuck() -> dict[str, Any]:
    """An emission without its room, whose event could not be handled, and one whose video takes long and message is lost."""

    def wait(what: str, minutes: int) -> dict[str, Any]:
        event, source = AWAITED[what]
        since = NOW - timedelta(minutes=minutes)
        return {"what": what, "event": event, "source": source, "since": since, "limit_at": since + timedelta(minutes=1)}

    names = ("emission_id", "protocol", "office_id", "office_name", "holder_masked", "state")
    listed = [("started", [wait("room", 40)]), ("dispatched", [wait("video", 24), wait("delivery", 9)])]
    found = [{**{name: emissions()[state][name] for name in names}, "waits": waits} for state, waits in listed]
    return {"emissions": found, "checked_at": NOW}


def dead_letters() -> list[Letter]:
    """An event that its consumer could not handle, and bytes that are no event."""
    consumer, other = SUBSCRIPTIONS[3], SUBSCRIPTIONS[15]
    told = Envelope(
        id=named_id("event"),
        source=consumer.source,
        type=consumer.event,
        subject=named_id("emission-started"),
        time=NOW,
        data={"emission_id": named_id("emission-started"), "office_id": "office-1"},
        traceparent=f"00-{'a1' * 16}-{'b2' * 8}-01",
        emission_id=named_id("emission-started"),
    )
    headers = {"x-attempt": 4, "x-error": "not_found: no room", "x-failed-at": (NOW + timedelta(seconds=36)).isoformat()}
    body = json.dumps(told.to_dict()).encode()
    broken = {"x-attempt": 0, "x-error": "unreadable: DecodeError: Expecting value: line 1 column 1 (char 0)"}
    return [
        Letter(consumer.queue, body, headers, "application/json"),
        Letter(other.queue, b"\x00\xff{not an event", broken, "application/json"),
    ]
