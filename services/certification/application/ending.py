"""Tells holders that their certificate ends soon. Found by the read model, decided on the history, each notice once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from chassis.logs import get_logger
from contracts.errors import LinkUnusable, TitularError, Unavailable
from services.certification.application.history import Decide, change, of_timer
from services.certification.application.ports import Ports
from services.certification.application.registrations import CHANNELS, address_of
from services.certification.application.streams import load
from services.certification.model.ending import NOTICE_DAYS, NoticeMessage, decide_notice, decide_omit_notice, notice_due
from services.certification.model.masks import mask_address
from services.certification.model.state import EmissionState

logger = get_logger(__name__)
BATCH = 100
NOTICE_IDS = uuid.UUID("3b1f0a52-6a0f-5d8e-9a53-0c7f2f6b1d44")


def give_notices(ports: Ports) -> int:
    """Have the notices sent that are due; returns how many were. One that fails waits for the next run."""
    given = 0
    now = ports.clock()
    for emission_id in ports.views.to_notice(now, now + timedelta(days=max(NOTICE_DAYS)), BATCH):
        try:
            given += _give(ports, emission_id)
        except Unavailable as error:  # the registry is away: none of the others could be given either
            logger.warning("notices before the end wait", code=error.code, reason=error.reason)
            break
        except TitularError as error:
            logger.warning("a notice before the end waits", emission_id=emission_id, code=error.code)
    return given


def _give(ports: Ports, emission_id: str) -> bool:
    state = load(ports, emission_id)
    days = notice_due(state, ports.clock()) if state else None
    if state is None or days is None:
        return False
    outcome = change(ports, emission_id, of_timer(), _decision(ports, state, days))
    return outcome.event("RenewalNoticeRequested") is not None


def _decision(ports: Ports, state: EmissionState, days: int) -> Decide:
    now = ports.clock()
    registration = ports.registrations.get(state.registration_id)
    channel = channel_of(ports, state, registration)
    if registration.get("block"):
        return lambda latest: decide_omit_notice(latest, days, "blocked", now)
    if channel is None:
        return lambda latest: decide_omit_notice(latest, days, "no_address", now)
    notice_id = str(uuid.uuid5(NOTICE_IDS, f"{state.emission_id}:{days}"))
    message = NoticeMessage(notice_id, channel, mask_address(channel, address_of(registration, channel)))
    return lambda latest: decide_notice(latest, days, message, now)


def channel_of(ports: Ports, state: EmissionState, registration: Mapping[str, Any]) -> str | None:
    """By e-mail, unless only the mobile phone is there, or only that was verified with the person."""
    there = [channel for channel, field in CHANNELS.items() if registration["data"].get(field)]
    verified = [channel for channel in there if _verified(ports, state, channel, address_of(registration, channel))]
    return next(iter(verified or there), None)


def _verified(ports: Ports, state: EmissionState, channel: str, address: str) -> bool:
    contact = state.contact(channel)
    proved = contact is not None and contact.proof is not None
    return proved and contact is not None and contact.address_mac == ports.secrets.address_mac(state.emission_id, address)


def notice_message(ports: Ports, state: EmissionState, notice_id: str) -> dict[str, Any]:
    """What notify must send, to the address as it is now; nothing about a certificate that does not count any more."""
    notice = next(known for known in state.notices if known.notice_id == notice_id)
    certificate = state.certificate
    if state.state != "completed" or certificate is None or ports.clock() >= certificate.not_after or notice.channel is None:
        raise LinkUnusable("the certificate does not count any more", reason="ended")
    registration = ports.registrations.get(state.registration_id)
    address = address_of(registration, notice.channel)
    return {
        "message_id": notice_id,
        "emission_id": state.emission_id,
        "purpose": "renewal",
        "channel": notice.channel,
        "address": address,
        "address_masked": mask_address(notice.channel, address),
        "holder_name": registration["data"]["name"],
        "office_name": state.office_name,
        "link": None,
        "code": None,
        "expires_at": certificate.not_after,
    }
