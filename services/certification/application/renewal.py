"""A newer link at the holder's own wish."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from chassis.rpc import Call
from services.certification.application.access import find_by_key
from services.certification.application.history import change, of_call
from services.certification.application.ports import Ports
from services.certification.application.registrations import address_of
from services.certification.application.tokens import sha256_of
from services.certification.model.holder import Message
from services.certification.model.masks import mask_address
from services.certification.model.renewal import decide_renew, renewable

INVITATION_IDS = uuid.UUID("5f6f6a0e-2c5b-5c55-8a57-4b7d1d0f8c33")
Data = Mapping[str, Any]


def renew_link(ports: Ports, call: Call, data: Data) -> dict[str, Any]:
    """Send a newer link to the contact of the confirmed registration, where it may be. The answer is always the same."""
    reply = {"accepted": True}
    link = sha256_of(data["token"])
    found = find_by_key(ports, link)
    now = ports.clock()
    if found is None or found.invitation is None or not renewable(found, link, now, ports.policy):
        return reply
    registration = ports.registrations.get(found.registration_id, found.registration_version)
    if registration.get("block"):
        return reply
    channel = found.invitation.channel
    invitation_id = str(uuid.uuid5(INVITATION_IDS, f"{found.emission_id}:{call.command_id}"))
    message = Message(invitation_id, channel, mask_address(channel, address_of(registration, channel)))
    new_link = sha256_of(ports.secrets.link_token(invitation_id))
    change(
        ports,
        found.emission_id,
        of_call(call),
        lambda state: decide_renew(state, link, message, new_link_sha256=new_link, now=now, policy=ports.policy),
    )
    return reply
