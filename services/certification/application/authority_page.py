"""What the authority's administrator and the auditors ask: its keys, lists and uses, and any office's certificate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from chassis.rpc import Call
from contracts.certification import REVOCATION_LIST_SIGNED
from contracts.errors import NotFound
from services.certification.application.ports import AuthorityCertificate, ListFilter, Ports
from services.certification.application.streams import present
from services.certification.application.uses import UseFilter
from services.certification.application.views import emission_reply

Data = Mapping[str, Any]
SHOWN_DAYS = timedelta(days=13)  # and the present one
ISSUE_YEARS = 4  # in which a certificate that is still valid can have been issued
SERIAL = re.compile(r"[0-9a-f]{1,40}")
SERIAL_DIGITS = 32
LIST_NAMES = ("number", "entries", "sha256", "this_update", "next_update", "year")


def get_authority_state(ports: Ports, _: Call, __: Data) -> dict[str, Any]:
    """The authority's own certificates, the lists of the generation that issues, and how much was asked about certificates."""
    now, own = ports.clock(), ports.authority.own_certificates()
    issuing = next(certificate.sha256 for certificate in own if certificate.key == "issuing")
    listed = [ports.uses.latest_list(issuing, year) for year in (None, *range(now.year, now.year - ISSUE_YEARS, -1))]
    whole, *of_years = [_recorded_list(use.data) if use else None for use in listed]
    root_list = ports.authority.root_list_facts()
    days = ports.uses.answers_by_day((now - SHOWN_DAYS).date())
    return {
        "certificates": [_certificate(certificate, now) for certificate in own],
        "list": whole,
        "year_lists": [one for one in of_years if one is not None],
        "root_list": asdict(root_list) if root_list else None,
        "answers": [{"day": day, "count": count} for day, count in days],
        "checked_at": now,
    }


def list_key_uses(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """The journal, newest first."""
    return {"uses": [asdict(use) for use in ports.uses.find(UseFilter(**data))]}


def find_certificate(ports: Ports, _: Call, data: Data) -> dict[str, Any]:
    """The emission of a certificate's serial or of a protocol, of whichever office."""
    wanted = data["wanted"].strip()
    listed = ports.views.find(ListFilter(protocol=wanted, limit=1))
    emission_id = listed[0]["emission_id"] if listed else _by_serial(ports, wanted)
    if emission_id is None:
        raise NotFound("no such certificate", field="wanted")
    return emission_reply(present(ports, emission_id), ports.clock())


def _by_serial(ports: Ports, wanted: str) -> str | None:
    """However it is written: programs put colons or blanks between octets, and leave zeros at the front out."""
    serial = re.sub(r"[\s:]", "", wanted.lower()).removeprefix("0x")
    return ports.views.emission_by_serial(serial.zfill(SERIAL_DIGITS)) if SERIAL.fullmatch(serial) else None


def _certificate(certificate: AuthorityCertificate, now: datetime) -> dict[str, Any]:
    return {**asdict(certificate), "days_left": (certificate.not_after - now).days}


def _recorded_list(data: Data) -> dict[str, Any]:
    recorded = REVOCATION_LIST_SIGNED.load(data)
    return {name: recorded[name] for name in LIST_NAMES}
