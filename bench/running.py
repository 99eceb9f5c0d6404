"""Certification and the gateway with their real stores, and the clerk's part of an emission."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.callers import PooledCaller
from chassis.clock import new_id
from contracts import certification
from contracts.operation import Operation
from deploy.local.process import Program, answers_http, free_ports
from tests.support import engines, services
from tests.support.certification import CLERK
from tests.support.registry import Registrations, registration, running_registry
from tests.support.steps import ATTESTED

PASSWORD = "a measurement's password"  # noqa: S105 - of a folder that lives as long as the measurement


@dataclass(frozen=True)
class House:
    """What runs. ``port``: the gateway's, on this machine."""

    ask: PooledCaller
    registrations: Registrations
    port: int

    def invited(self, registration_id: str) -> dict[str, Any]:
        """An emission of a new person whose holder was sent a link."""
        self.registrations.put(registration(registration_id))
        started = self.clerk(certification.START_EMISSION, registration_id=registration_id, mode="in_person")
        about = {"emission_id": started["emission_id"]}
        self.clerk(certification.ATTEST_IDENTIFICATION, **about, **ATTESTED)
        self.clerk(certification.CONFIRM_DATA, **about, registration_version=1)
        return self.clerk(certification.INVITE_HOLDER, **about, channel="email")

    def clerk(self, operation: Operation, **data: Any) -> dict[str, Any]:
        """The clerk asks."""
        return self.ask(operation, data, actor=CLERK, command_id=new_id())

    def last_code(self, about: Mapping[str, Any]) -> str:
        """The id of the code that was sent last."""
        entries = self.clerk(certification.GET_HISTORY, **about, up_to=None)["entries"]
        return str([entry for entry in entries if entry["type"] == "CodeSent"][-1]["data"]["code_id"])


@contextmanager
def running(folder: Path) -> Iterator[House]:
    """Start all, and stop it at the end."""
    with engines.broker(folder) as broker, engines.documents(folder) as documents, engines.objects(folder) as objects:
        (port,) = free_ports(1)
        address = f"http://127.0.0.1:{port}"
        env = {
            **services.environment(broker, documents, objects),
            "TITULAR_EVENT_STORE_URL": f"sqlite:///{folder}/events.sqlite",
            "TITULAR_AUTHORITY_FOLDER": str(folder / "authority"),
            "TITULAR_AUTHORITY_PASSWORD": PASSWORD,
            "TITULAR_AUTHORITY_CREATE": "1",
            "TITULAR_PUBLIC_URL": address,
            "TITULAR_STREAMS_URL": address,
            "TITULAR_HTTP_PORT": str(port),
            "TITULAR_TRUSTED_PROXIES": "1",
        }
        gateway = Program("gateway", (sys.executable, "-m", "gateway"), lambda: answers_http(f"{address}/health/live"), env)
        with (
            running_registry(broker.url, folder) as registrations,
            services.service("certification", env, folder),
            engines.running(gateway, folder),
            services.caller(broker) as ask,
        ):
            yield House(ask, registrations, port)
