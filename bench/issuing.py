"""Emissions through the application with its real stores, and the floors that nothing with a history can be faster than."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.documents import connect
from chassis.event_store import EventStore
from chassis.objects import S3ObjectStore
from chassis.settings import DocumentSettings, ObjectSettings
from chassis.stored_events import Record
from services.certification.application import clerk
from services.certification.application.ports import Subject
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses, Issuer, holder_certificate, root_certificate
from services.certification.authority.custody import FileCustody
from services.certification.authority.lists import LIST_LIFE, signed_list
from services.certification.model.state import Intent, Revocation
from services.certification.read_model import DocumentViews
from tests.support import engines
from tests.support.certification import START, InProcess, in_process
from tests.support.holder import new_key
from tests.support.registry import registration
from tests.support.steps import ATTESTED, request, session_of, sign, signature_of

PASSWORD = "a measurement's password"  # noqa: S105 - of a folder that lives as long as the measurement
ADDRESSES = Addresses("https://titular.example")
LISTED = 100_000
OWN_SAMPLES = 20


@dataclass(frozen=True)
class Issued:
    """How many emissions a second, and what the event store and the signatures alone would allow."""

    issues: float
    append_floor: float
    signing_floor: float
    events: int
    """Events of one emission."""
    own_seconds: float
    """Of one emission: what is not waited for at event store, views and objects."""


class Waited:
    """A store whose calls are timed: ``seconds`` in all."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - begun

        return timed


def measure(folder: Path, emissions: int, workers: int) -> Issued:
    """Emissions from their start to the released certificate, several at once; the term is a few bytes, not a PDF."""
    with _application(folder) as inside:
        _emission(inside, "warm")
        stores = [Waited(store) for store in (inside.ports.events, inside.ports.views, inside.ports.objects)]
        waiting = replace(inside, ports=replace(inside.ports, events=stores[0], views=stores[1], objects=stores[2]))
        begun = time.perf_counter()
        for number in range(OWN_SAMPLES):
            _emission(waiting, f"own-{number}")
        own = (time.perf_counter() - begun - sum(store.seconds for store in stores)) / OWN_SAMPLES
        histories: list[list[Record]] = []

        def one(number: int) -> None:
            emission_id = _emission(inside, f"r-{number}")
            histories.append([stored.record for stored in inside.events.read(emission_id)])

        issues = _rate(one, emissions, workers)
        floor = EventStore(f"sqlite://{folder}/floor.sqlite", "certification")
        try:
            appended = _rate(lambda number: _append(floor, histories[number]), emissions, workers)
        finally:
            floor.close()
        return Issued(issues, appended, _signing(emissions * 4), len(histories[0]), own)


def _append(store: EventStore, history: list[Record]) -> None:
    """The same events, each by itself as almost all of them are in an emission, without any logic."""
    stream_id = secrets.token_hex(16)
    for version, record in enumerate(history):
        store.append(stream_id, version, [record])


def _rate(work: Callable[[int], Any], count: int, workers: int) -> float:
    begun = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, range(count)):
            pass
    return count / (time.perf_counter() - begun)


def _emission(inside: InProcess, registration_id: str) -> str:
    inside.registrations.known[registration_id] = registration(registration_id)
    wanted = {"registration_id": registration_id, "mode": "in_person"}
    emission_id = str(clerk.start_emission(inside.ports, inside.call(), wanted)["emission_id"])
    about = {"emission_id": emission_id}
    clerk.attest_identification(inside.ports, inside.call(), {**about, **ATTESTED})
    clerk.confirm_data(inside.ports, inside.call(), {**about, "registration_version": 1})
    invited = clerk.invite_holder(inside.ports, inside.call(), {**about, "channel": "email"})
    session, key = session_of(inside, invited), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    return emission_id


@contextmanager
def _application(folder: Path) -> Iterator[InProcess]:
    files.create(folder / "authority", FileCustody(PASSWORD), ADDRESSES, START)
    authority = FileAuthority.open(folder / "authority", FileCustody(PASSWORD), ADDRESSES, START)
    with engines.documents(folder) as documents, engines.objects(folder) as store:
        views = DocumentViews(connect(DocumentSettings(documents.url, "bench")))
        views.prepare()
        objects = S3ObjectStore(ObjectSettings(store.endpoint, store.access_key, store.secret_key, False, "bench-"))
        inside = in_process(folder, authority)
        yield replace(inside, ports=replace(inside.ports, views=views, objects=objects))
        inside.events.close()


def _signing(count: int) -> float:
    """Bare certificates a second: the library signs with a key in memory, and nothing is kept."""
    issuer, key = _issuer(), new_key().public_key()
    subject = Subject("Maria da Conceição Souza", "52998224725", START.date(), "maria@example.com")
    encoded = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    intent = Intent("7f" * 16, "hash", encoded, START, START + timedelta(days=1095))
    begun = time.perf_counter()
    for _ in range(count):
        holder_certificate(intent, subject, issuer, ADDRESSES)
    return count / (time.perf_counter() - begun)


def list_seconds() -> float:
    """How long a list of a hundred thousand revocations takes."""
    moment = datetime.now(UTC)
    issuer = _issuer()
    revoked = [Revocation(secrets.token_hex(16), moment, "superseded") for _ in range(LISTED)]
    begun = time.perf_counter()
    signed_list(issuer, revoked, moment, LIST_LIFE)
    return time.perf_counter() - begun


def _issuer() -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    return Issuer(root_certificate(key, START), key)
