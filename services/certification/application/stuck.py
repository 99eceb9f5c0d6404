"""Which emissions have stayed for longer than their state may take, and what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.rpc import Call
from contracts.certification import AWAITED
from services.certification.application.access import OFFICE_ROLES, require_office
from services.certification.application.ports import Ports
from services.certification.model.awaiting import Awaited, Overdue, limits_of, overdue


def list_stuck(ports: Ports, call: Call, data: Mapping[str, Any]) -> dict[str, Any]:
    """Those that wait longest first; a clerk sees the own office's only. Found by the read model."""
    office_id = require_office(call.actor) if call.actor.role in OFFICE_ROLES else data["office_id"]
    now = ports.clock()
    soonest = now - min(limits_of(ports.patience).values())
    found = []
    for emission in ports.views.awaiting(soonest, office_id, data["limit"]):
        waits = [Awaited(wait["what"], wait["since"]) for wait in emission["awaited"]]
        passed = overdue(waits, now, ports.patience)
        if passed:
            found.append(_stuck(emission, passed))
    return {"emissions": sorted(found, key=lambda stuck: stuck["waits"][0]["limit_at"]), "checked_at": now}


def _stuck(emission: Mapping[str, Any], passed: tuple[Overdue, ...]) -> dict[str, Any]:
    names = ("emission_id", "protocol", "office_id", "office_name", "holder_masked", "state")
    return {**{name: emission[name] for name in names}, "waits": [_wait(each) for each in passed]}


def _wait(passed: Overdue) -> dict[str, Any]:
    event, source = AWAITED[passed.what]
    return {"what": passed.what, "event": event, "source": source, "since": passed.since, "limit_at": passed.limit_at}
