"""The phone's whole way through the running service, and OCSP over the gateway's HTTP."""

from __future__ import annotations

import http.client
import multiprocessing
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from chassis.callers import PooledCaller
from chassis.clock import new_id
from chassis.rpc import Caller
from contracts import certification
from contracts.actor import Actor
from contracts.operation import Operation
from deploy.local.process import Program, answers_http, free_ports
from tests.support import engines, services
from tests.support.certification import CLERK
from tests.support.holder import HOLDER, ScriptedHolder
from tests.support.registry import Registrations, registration, running_registry
from tests.support.steps import ATTESTED

SECONDS = 5.0
PROCESSES, CONNECTIONS = 2, 4
PASSWORD = "a measurement's password"  # noqa: S105 - of a folder that lives as long as the measurement


@dataclass(frozen=True)
class Answered:
    """Seconds of the server for each phone's whole way, and OCSP answers a second."""

    phones: list[float]
    ocsp: float


@dataclass
class Timed:
    """Asks as the gateway does, and adds up how long the answers to the phone took."""

    ask: Caller
    seconds: float = field(default=0.0)

    def __call__(
        self, operation: Operation, data: Mapping[str, Any], *, actor: Actor, command_id: str | None = None
    ) -> dict[str, Any]:
        """See :class:`chassis.rpc.Caller`."""
        begun = time.perf_counter()
        try:
            return self.ask(operation, data, actor=actor, command_id=command_id)
        finally:
            if actor.role == HOLDER.role:
                self.seconds += time.perf_counter() - begun


def measure(folder: Path, phones: int) -> Answered:
    """So many phones one after another, then questions about their certificates for some seconds."""
    with _running(folder) as (ask, registrations, address):
        flows = [_phone(ask, registrations, f"r-{number}") for number in range(phones + 1)][1:]  # the first warms up
        issuer = ask(certification.GET_AUTHORITY, {}, actor=HOLDER)["issuing_pem"]
        requests = [_question(certificate, issuer) for _, certificate in flows]
        return Answered([seconds for seconds, _ in flows], _rate(address, requests))


def _phone(ask: PooledCaller, registrations: Registrations, registration_id: str) -> tuple[float, str]:
    registrations.put(registration(registration_id))
    started = _clerk(ask, certification.START_EMISSION, registration_id=registration_id, mode="in_person")
    about = {"emission_id": started["emission_id"]}
    _clerk(ask, certification.ATTEST_IDENTIFICATION, **about, **ATTESTED)
    _clerk(ask, certification.CONFIRM_DATA, **about, registration_version=1)
    invited = _clerk(ask, certification.INVITE_HOLDER, **about, channel="email")
    timed = Timed(ask)
    holder = ScriptedHolder(timed)
    holder.identify(invited["invitation"]["invitation_id"], lambda: _last_code(ask, about))
    certificate = str(holder.complete()["certificate_pem"])
    return timed.seconds, certificate


def _clerk(ask: PooledCaller, operation: Operation, **data: Any) -> dict[str, Any]:
    return ask(operation, data, actor=CLERK, command_id=new_id())


def _last_code(ask: PooledCaller, about: Mapping[str, Any]) -> str:
    entries = _clerk(ask, certification.GET_HISTORY, **about, up_to=None)["entries"]
    return str([entry for entry in entries if entry["type"] == "CodeSent"][-1]["data"]["code_id"])


def _question(certificate: str, issuer: str) -> bytes:
    asked, by = (x509.load_pem_x509_certificate(text.encode()) for text in (certificate, issuer))
    return ocsp.OCSPRequestBuilder().add_certificate(asked, by, hashes.SHA256()).build().public_bytes(Encoding.DER)


def _rate(address: tuple[str, int], requests: list[bytes]) -> float:
    """Answers a second, asked by processes of their own on the same machine."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES * CONNECTIONS) as pool:
        counts = pool.starmap(_ask_for_a_while, [(address, requests)] * PROCESSES * CONNECTIONS, chunksize=1)
    return sum(counts) / SECONDS


def _ask_for_a_while(address: tuple[str, int], requests: list[bytes]) -> int:
    connection = http.client.HTTPConnection(*address, timeout=30)
    until, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        connection.request("POST", "/ac/ocsp", requests[count % len(requests)], {"Content-Type": "application/ocsp-request"})
        response = connection.getresponse()
        body = response.read()
        if response.status != http.client.OK or body[:1] != b"0" or len(body) < len(requests[0]):
            raise RuntimeError(f"no answer: {response.status} {body[:40]!r}")
        count += 1
    return count


@contextmanager
def _running(folder: Path) -> Iterator[tuple[PooledCaller, Registrations, tuple[str, int]]]:
    with engines.broker(folder) as broker, engines.documents(folder) as documents, engines.objects(folder) as objects:
        (port,) = free_ports(1)
        env = {
            **services.environment(broker, documents, objects),
            "TITULAR_EVENT_STORE_URL": f"sqlite:///{folder}/events.sqlite",
            "TITULAR_AUTHORITY_FOLDER": str(folder / "authority"),
            "TITULAR_AUTHORITY_PASSWORD": PASSWORD,
            "TITULAR_AUTHORITY_CREATE": "1",
            "TITULAR_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TITULAR_STREAMS_URL": f"http://127.0.0.1:{port}",
            "TITULAR_HTTP_PORT": str(port),
        }
        gateway = Program(
            "gateway", (sys.executable, "-m", "gateway"), lambda: answers_http(f"http://127.0.0.1:{port}/health/live"), env
        )
        with (
            running_registry(broker.url, folder) as registrations,
            services.service("certification", env, folder),
            engines.running(gateway, folder),
            services.caller(broker) as ask,
        ):
            yield ask, registrations, ("127.0.0.1", port)
