"""OCSP over the gateway's HTTP, about certificates that the running service has issued."""

from __future__ import annotations

import http.client
import multiprocessing
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from bench.running import House, running
from contracts import certification
from tests.support.holder import HOLDER, ScriptedHolder

SECONDS = 5.0
PROCESSES, CONNECTIONS = 2, 4


def measure(folder: Path, certificates: int) -> float:
    """Answers a second to questions about so many certificates, asked for some seconds."""
    with running(folder) as house:
        issued = [_issued(house, f"r-{number}") for number in range(certificates)]
        issuer = house.ask(certification.GET_AUTHORITY, {}, actor=HOLDER)["issuing_pem"]
        return _rate(("127.0.0.1", house.port), [_question(certificate, issuer) for certificate in issued])


def _issued(house: House, registration_id: str) -> str:
    invited = house.invited(registration_id)
    about = {"emission_id": invited["emission_id"]}
    holder = ScriptedHolder(house.ask)
    holder.identify(invited["invitation"]["invitation_id"], lambda: house.last_code(about))
    return str(holder.complete()["certificate_pem"])


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
