"""The service as a process, with real engines and a stand-in registry, driven by RPC."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.callers import PooledCaller
from chassis.clock import new_id, now
from contracts import certification
from contracts.actor import Actor
from contracts.envelope import Envelope
from tests.support import events, services
from tests.support.engines import Broker, Documents, Objects
from tests.support.holder import ScriptedHolder
from tests.support.registry import Registrations, registration, running_registry
from tests.support.waiting import until

CLERK = Actor("clerk-1", "clerk", "João Escrevente", "123456", "1º Tabelionato de Notas de Santos", "127.0.0.1")
COLLEAGUE = Actor("clerk-2", "clerk", "Ana Escrevente", "123456", "1º Tabelionato de Notas de Santos", "127.0.0.1")
STRANGER = Actor("clerk-3", "clerk", "Rui Escrevente", "654321", "2º Tabelionato de Notas de Campinas", "127.0.0.1")
AUDITOR = Actor("auditor-1", "auditor", "Clara Auditora")


@dataclass
class World:
    """Everything that a test of the running service needs."""

    broker: Broker
    ask: PooledCaller
    registrations: Registrations
    env: Mapping[str, str]
    folder: Path

    def clerk(self, operation: Any, command_id: str | None = None, actor: Actor = CLERK, **data: Any) -> dict[str, Any]:
        """A clerk's question or command."""
        return self.ask(operation, data, actor=actor, command_id=command_id)

    def person(self, **changes: Any) -> str:
        """A new person with a registration; returns its id."""
        registration_id = f"r-{secrets.token_hex(4)}"
        self.registrations.put(registration(registration_id, **changes))
        return registration_id

    def start(self, registration_id: str | None = None, mode: str = "remote", **more: Any) -> dict[str, Any]:
        """Start an emission."""
        wanted = registration_id or self.person()
        return self.clerk(certification.START_EMISSION, registration_id=wanted, mode=mode, **more)

    def emission(self, emission_id: str) -> dict[str, Any]:
        """The present state."""
        return self.clerk(certification.GET_EMISSION, emission_id=emission_id)

    def publish(self, source: str, name: str, emission_id: str, event_id: str | None = None, **data: Any) -> None:
        """Publish an event of another service."""
        body = {"emission_id": emission_id, "office_id": "123456", **data}
        envelope = Envelope(event_id or new_id(), source, name, emission_id, now(), body, emission_id=emission_id)
        events.publish(self.broker.url, envelope)

    def conference(self, emission_id: str, conference_id: str = "c-1", recording_id: str = "g-1") -> None:
        """A whole recorded conference."""
        at = now().isoformat()
        about = {"conference_id": conference_id}
        recorded = {**about, "recording_id": recording_id, "started_at": at}
        self.publish("conference", "ConferenceOpened", emission_id, **about)
        self.publish("conference", "ConferenceStarted", emission_id, **about)
        self.publish("conference", "RecordingStarted", emission_id, **recorded)
        stopped = {**recorded, "stopped_at": at, "tracks": "t", "participants": []}
        self.publish("conference", "RecordingStopped", emission_id, **stopped)
        self.publish("conference", "ConferenceEnded", emission_id, **about, reason="ended", recorded=True)

    def attestable(self, emission_id: str) -> dict[str, Any]:
        """Wait until the facts of the conference are noted."""

        def ready() -> dict[str, Any] | None:
            emission = self.emission(emission_id)
            return emission if "attest_identification" in emission["allowed"] else None

        return until(ready, what="attest_identification allowed")

    def attest(self, emission_id: str, **more: Any) -> dict[str, Any]:
        """Attest all three points."""
        points = {"identity": True, "capacity": True, "free_will": True}
        return self.clerk(certification.ATTEST_IDENTIFICATION, emission_id=emission_id, **points, **more)

    def invited(self, mode: str = "remote", channel: str = "email", registration_id: str | None = None) -> dict[str, Any]:
        """An emission whose holder is invited."""
        emission = self.start(registration_id, mode=mode)
        emission_id = emission["emission_id"]
        if mode == "remote":
            self.conference(emission_id)
            self.attestable(emission_id)
        self.attest(emission_id)
        self.clerk(certification.CONFIRM_DATA, emission_id=emission_id, registration_version=1)
        return self.clerk(certification.INVITE_HOLDER, emission_id=emission_id, channel=channel)

    def history(self, emission_id: str, up_to: int | None = None) -> dict[str, Any]:
        """The history, as an auditor reads it."""
        return self.ask(certification.GET_HISTORY, {"emission_id": emission_id, "up_to": up_to}, actor=AUDITOR)

    def last_code(self, emission_id: str) -> str:
        """The id of the code last sent."""
        sent = [entry for entry in self.history(emission_id)["entries"] if entry["type"] == "CodeSent"]
        return str(sent[-1]["data"]["code_id"])

    def types(self, emission_id: str) -> list[str]:
        """The history's event types."""
        return [entry["type"] for entry in self.history(emission_id)["entries"]]

    def holder(self, emission: Mapping[str, Any]) -> ScriptedHolder:
        """The holder with an open session."""
        holder = ScriptedHolder(self.ask)
        holder.identify(emission["invitation"]["invitation_id"], lambda: self.last_code(emission["emission_id"]))
        return holder


def certification_environment(broker: Broker, documents: Documents, objects: Objects, folder: Path) -> dict[str, str]:
    """The service's settings."""
    return {
        **services.environment(broker, documents, objects),
        "TITULAR_EVENT_STORE_URL": f"sqlite:///{folder}/events.sqlite",
        "TITULAR_AUTHORITY_FOLDER": str(folder / "authority"),
        "TITULAR_AUTHORITY_PASSWORD": "a test's long password",
        "TITULAR_AUTHORITY_CREATE": "1",
        "TITULAR_PUBLIC_URL": "https://titular.example",
        "TITULAR_TIMER_SECONDS": "0.5",
        "TITULAR_STUCK_ROOM_SECONDS": "0.5",
    }


@contextlib.contextmanager
def running_world(broker: Broker, env: Mapping[str, str], folder: Path) -> Iterator[World]:
    """Service and registry running with these settings."""
    with (
        running_registry(broker.url, folder) as registrations,
        services.service("certification", env, folder),
        services.caller(broker) as ask,
    ):
        yield World(broker, ask, registrations, env, folder)


@pytest.fixture(scope="module")
def world(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Service and registry running."""
    folder = tmp_path_factory.mktemp("certification")
    with running_world(broker, certification_environment(broker, document_engine, object_engine, folder), folder) as made:
        yield made
