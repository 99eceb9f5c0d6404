"""A conference service with real engines, and people in its rooms."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from chassis.callers import PooledCaller
from contracts import conference as contract
from contracts.actor import Actor
from contracts.certification import EMISSION_STARTED, SERVICE
from contracts.envelope import Envelope
from contracts.errors import NotFound, Unavailable
from contracts.operation import EventType, Operation
from tests.support import browsers, events
from tests.support.engines import Broker, Sfu
from tests.support.services import caller, service
from tests.support.waiting import until

OFFICE = "office-1"
CLERK = Actor("clerk-1", "clerk", "Ana Escrevente", OFFICE, "1º Ofício")
STRANGER = Actor("clerk-2", "clerk", "Outro Escrevente", "office-2", "2º Ofício")
HOLDER = Actor("holder", "holder")


def sfu_settings(sfu: Sfu) -> dict[str, str]:
    """The settings by which conference and media find the SFU and its files."""
    return {
        "TITULAR_SFU_URL": sfu.http_url,
        "TITULAR_SFU_API_SECRET": sfu.keys.api_secret,
        "TITULAR_SFU_TOKEN_SECRET": sfu.keys.token_secret,
        "TITULAR_SFU_ADMIN_KEY": sfu.keys.admin_key,
        "TITULAR_SIGNALLING_URL": sfu.websocket_url,
        "TITULAR_RECORDINGS": str(sfu.recordings),
    }


def certification_event(kind: EventType, emission_id: str, **data: Any) -> Envelope:
    """An event as certification publishes it."""
    return Envelope(
        id=str(uuid.uuid4()),
        source=SERVICE,
        type=kind.name,
        subject=emission_id,
        time=datetime.now(UTC),
        data=kind.dump({"emission_id": emission_id, "office_id": OFFICE, **data}),
        emission_id=emission_id,
    )


def emission_started(emission_id: str, mode: str = "remote") -> Envelope:
    """A clerk of :data:`OFFICE` started an emission."""
    return certification_event(
        EMISSION_STARTED,
        emission_id,
        protocol="0",
        mode=mode,
        person_id="p",
        registration_id="r",
        registration_version=1,
        registration_sha256="0" * 64,
        office_name=CLERK.office_name,
        clerk_id=CLERK.user_id,
        clerk_name="Ana",
        holder_masked="M*** S***",
        cpf_masked="***",
        deadline=datetime.now(UTC) + timedelta(days=1),
    )


@dataclass(frozen=True, slots=True)
class Office:
    """The clerk's side: asks the running conference service."""

    ask: PooledCaller
    broker_url: str

    def publish(self, envelope: Envelope) -> None:
        """Say something as certification."""
        events.publish(self.broker_url, envelope)

    def conference(self, emission_id: str) -> dict[str, Any]:
        """The emission's latest conference."""
        return self.ask(contract.GET_CONFERENCE, {"emission_id": emission_id}, actor=CLERK)

    def opened(self) -> dict[str, Any]:
        """A conference, opened by a fresh emission."""
        emission_id = str(uuid.uuid4())
        self.publish(emission_started(emission_id))
        return until(lambda: self.found(emission_id), what="the conference's opening")

    def found(self, emission_id: str) -> dict[str, Any] | None:
        """The conference, if there is one by now."""
        try:
            return self.conference(emission_id)
        except (NotFound, Unavailable):  # a service that has just been started listens a moment after it is healthy
            return None

    def command(self, operation: Operation, conference: Mapping[str, Any], command_id: str | None = None) -> dict[str, Any]:
        """Start, record or end, as the clerk."""
        data = {"conference_id": conference["conference_id"]}
        return self.ask(operation, data, actor=CLERK, command_id=command_id)

    def clerk_access(self, conference: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """What the clerk's browser gets."""
        data = {"conference_id": conference["conference_id"], "display_name": "Ana", **more}
        return self.ask(contract.JOIN_CONFERENCE, data, actor=CLERK)

    def admit(self, conference: Mapping[str, Any]) -> None:
        """Let in who waits, as soon as somebody does."""
        waiting = until(lambda: self.waiting(conference), what="somebody at the door")
        data = {"conference_id": conference["conference_id"], "admission_id": waiting[0]["admission_id"]}
        self.ask(contract.ADMIT_PARTICIPANT, data, actor=CLERK)

    def waiting(self, conference: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Who asks to come in."""
        asked = self.conference(conference["emission_id"])["admissions"]
        return [one for one in asked if one["state"] == "waiting"]

    def holder_access(self, conference: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """What the holder's browser gets, admitted by the clerk."""
        asking = {"token": conference["join_token"], "display_name": "Maria"}
        asked = self.ask(contract.REQUEST_ADMISSION, asking, actor=HOLDER)
        self.admit(conference)
        data = {**asking, "admission": asked["admission"], **more}
        return self.ask(contract.JOIN_CONFERENCE, data, actor=HOLDER)

    def present(self, conference: Mapping[str, Any]) -> set[str]:
        """The roles of those who are in the room, as the service sees it."""
        shown = self.conference(conference["emission_id"])
        return {one["role"] for one in shown["participants"] if one["present"]}


@contextlib.contextmanager
def office(broker: Broker, env: Mapping[str, str], folder: Path) -> Iterator[Office]:
    """A running conference service, and the way to ask it."""
    with service("conference", env, folder), caller(broker) as ask:
        yield Office(ask, broker.url)


@contextlib.contextmanager
def browser_in_rooms() -> Iterator[tuple[Browser, str]]:
    """A browser, and the address of the page that enters rooms."""
    with browsers.served() as address, browsers.chromium() as browser:
        yield browser, f"{address}/room.html"


def enter(browser: Browser, address: str, access: Mapping[str, Any]) -> Page:
    """A page that publishes in the room."""
    page = browsers.new_page(browser)
    page.goto(address)
    page.evaluate("access => window.join(access)", dict(access))
    assert page.evaluate("room.state") == "published"
    return page
