"""The clerk's commands."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chassis.rpc import Call
from contracts.errors import AlreadyExists
from services.certification.application.access import require_office, require_own, require_own_or_authority
from services.certification.application.history import Decide, change, of_call
from services.certification.application.ports import Ports
from services.certification.application.registrations import (
    address_of,
    kept_of,
    require_complete,
    require_unblocked,
)
from services.certification.application.streams import load, present
from services.certification.application.tokens import sha256_of
from services.certification.application.views import emission_reply
from services.certification.model import clerk
from services.certification.model.holder import Message, decide_invite
from services.certification.model.masks import mask_address
from services.certification.model.protocol import protocol_number
from services.certification.model.state import EmissionState
from services.certification.model.steps import require

EMISSION_IDS = uuid.UUID("c7a9b6f2-7f0c-5b3e-8f58-0a5f6f0f9b11")
RESERVATION_GRACE = timedelta(seconds=30)  # longer than a start takes between its reservation and its event
Data = Mapping[str, Any]


def emission_id_of(command_id: str) -> str:
    """The id of the emission that a command starts: the same for the same command."""
    return str(uuid.uuid5(EMISSION_IDS, command_id))


def start_emission(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Start an emission (the procedure, steps 4 to 6)."""
    office_id = require_office(call.actor)
    emission_id = emission_id_of(call.command_id)
    started = load(ports, emission_id)
    if started is not None:
        return emission_reply(require_own(started, call.actor), ports.clock())
    registration = ports.registrations.get(data["registration_id"])
    person = kept_of(registration)
    require_unblocked(registration)
    require_complete(registration, data["mode"])
    _reserve(ports, person.person_id, office_id, emission_id)
    now = ports.clock()
    try:
        day = now.astimezone(ports.time_zone).date()
        protocol = protocol_number(office_id, day, ports.views.next_sequence(office_id, day))
        actor = call.actor
        outcome = change(
            ports,
            emission_id,
            of_call(call),
            lambda state: clerk.decide_start(
                state,
                emission_id=emission_id,
                protocol=protocol,
                mode=data["mode"],
                person=person,
                clerk=clerk.Clerk(actor.user_id, actor.name, office_id, actor.office_name),
                due=now + ports.policy.emission_life,
            ),
        )
    except Exception:
        with contextlib.suppress(Exception):
            ports.views.release(person.person_id, office_id, emission_id)
        raise
    return emission_reply(outcome.state, ports.clock())


def _reserve(ports: Ports, person_id: str, office_id: str, emission_id: str) -> None:
    """One open emission per person and office; a reservation left by a crash is taken over after a while."""
    now = ports.clock()
    instead_of = None
    for _ in range(2):
        reservation = ports.views.reserve(person_id, office_id, emission_id, now, instead_of)
        taken_by = reservation.emission_id
        if taken_by == emission_id:
            return
        other = load(ports, taken_by)
        starting = other is None and now - reservation.since < RESERVATION_GRACE
        if starting or (other is not None and other.open):
            raise AlreadyExists("the person has an open emission in this office", emission_id=taken_by)
        instead_of = taken_by
    raise AlreadyExists("the person has an open emission in this office", emission_id=taken_by)


def attest_identification(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Attest who it is (steps 20 and 21); never waits for the video's processing."""
    points = {name: data[name] for name in ("identity", "capacity", "free_will")}
    return _change(ports, call, data, lambda state: clerk.decide_attest(state, **points))


def confirm_data(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Confirm the data (step 22): the current version of the registration, and no other."""
    emission = require_own(present(ports, data["emission_id"]), call.actor)
    registration = ports.registrations.get(emission.registration_id)
    require_unblocked(registration)
    require_complete(registration, emission.mode)
    return _change(
        ports,
        call,
        data,
        lambda state: clerk.decide_confirm(
            state,
            seen_version=data["registration_version"],
            current_version=registration["version"],
            current_sha256=registration["sha256"],
        ),
    )


def invite_holder(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Send the holder a link (step 23)."""
    emission = require_own(present(ports, data["emission_id"]), call.actor)
    invitation_id = str(uuid.uuid5(EMISSION_IDS, f"invitation:{emission.emission_id}:{call.command_id}"))
    registration = ports.registrations.get(emission.registration_id, emission.registration_version)
    require_unblocked(registration)
    masked = mask_address(data["channel"], address_of(registration, data["channel"]))
    now = ports.clock()
    return _change(
        ports,
        call,
        data,
        lambda state: decide_invite(
            state,
            Message(invitation_id, data["channel"], masked),
            link_sha256=sha256_of(ports.secrets.link_token(invitation_id)),
            now=now,
            policy=ports.policy,
        ),
    )


def refuse_emission(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The clerk is not convinced."""
    return _change(ports, call, data, lambda state: clerk.decide_refuse(state, reason=data["reason"]))


def mark_inconclusive(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """The identification came to nothing and may be tried again."""
    return _change(ports, call, data, lambda state: clerk.decide_inconclusive(state, reason=data["reason"]))


def retry_identification(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Try again, with a new conference."""
    emission = require_own(present(ports, data["emission_id"]), call.actor)
    if emission.state == "inconclusive":
        require(emission, "retry_identification")
        _reserve(ports, emission.person_id, emission.office_id, emission.emission_id)
    return _change(ports, call, data, clerk.decide_retry)


def cancel_emission(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Give up before anything was issued."""
    return _change(ports, call, data, lambda state: clerk.decide_cancel(state, reason=data["reason"]))


def revoke_certificate(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Revoke, for a reason of RFC 5280 (5.3.1): the office that issued, or the authority's administrator."""

    def decide(state: EmissionState | None) -> Any:
        if state is not None:
            require_own_or_authority(state, call.actor)
        return clerk.decide_revoke(state, reason=data["reason"])

    outcome = change(ports, data["emission_id"], of_call(call), decide)
    return emission_reply(require_own_or_authority(outcome.state, call.actor), ports.clock())


def _change(ports: Ports, call: Call, data: Data, decide: Decide) -> dict[str, Any]:
    def within_the_office(state: EmissionState | None) -> Any:
        if state is not None:
            require_own(state, call.actor)
        return decide(state)

    outcome = change(ports, data["emission_id"], of_call(call), within_the_office)
    return emission_reply(require_own(outcome.state, call.actor), ports.clock())
