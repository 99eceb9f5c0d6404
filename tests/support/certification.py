"""Certification's ports for tests in one process: a clock that the test moves, views in memory, a registry in a dict."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chassis.clock import new_id
from chassis.event_store import EventStore
from chassis.objects import MemoryObjectStore
from chassis.rpc import Call
from contracts import registry
from contracts.actor import Actor
from contracts.errors import NotFound, Unavailable
from services.certification.application.ports import (
    Authority,
    LastStamp,
    ListFilter,
    Ports,
    PreparedTerm,
    Reservation,
    Stamp,
    Stamped,
    ValidationMaterial,
    View,
)
from services.certification.application.tokens import Secrets
from services.certification.application.uses import KeyUse, UseFilter
from services.certification.model.policy import Patience, Policy
from services.certification.model.state import CertificateStatus, Revocation
from tests.support.registry import registration

CLERK = Actor("clerk-1", "clerk", "João Escrevente", "123456", "1º Tabelionato de Notas de Santos", "127.0.0.1")
STRANGER = Actor("clerk-3", "clerk", "Rui Escrevente", "654321", "2º Tabelionato de Notas de Campinas", "127.0.0.1")
HOLDER = Actor("holder", "holder", address="203.0.113.7")
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class MovableClock:
    """The present moment as the test wants it."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **lapse: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**lapse)


class MemoryViews:
    """See :class:`services.certification.application.ports.Views`."""

    def __init__(self) -> None:
        self._emissions: dict[str, dict[str, Any]] = {}
        self._keys: dict[str, str] = {}
        self._revocations: dict[str, Revocation] = {}
        self._serials: dict[str, str] = {}
        self._sequences: dict[tuple[str, date], int] = {}
        self._reservations: dict[tuple[str, str], Reservation] = {}
        self._positions: dict[str, int] = {}
        self.broken = False

    def save(self, view: View) -> None:
        if self.broken:
            raise Unavailable("the views are away")
        emission = dict(view.emission)
        self._keys |= dict.fromkeys(view.keys, emission["emission_id"])
        self._revocations |= {revocation.serial: revocation for revocation in view.revocations}
        self._serials |= dict.fromkeys((one.serial for one in view.revocations), emission["emission_id"])
        if emission["certificate"] and "serial" in emission["certificate"]:
            self._serials[emission["certificate"]["serial"]] = emission["emission_id"]
        kept = self._emissions.get(emission["emission_id"])
        if kept is None or kept["version"] < emission["version"]:
            self._emissions[emission["emission_id"]] = emission

    def find(self, wanted: ListFilter) -> list[dict[str, Any]]:
        names = ("office_id", "person_id", "protocol", "state")
        found = [
            emission
            for emission in self._emissions.values()
            if all(getattr(wanted, name) in (None, emission[name]) for name in names)
            and (wanted.before is None or emission["started_at"] < wanted.before)
        ]
        if wanted.ending_by is not None and wanted.now is not None:
            return self._ending(found, wanted.now, wanted.ending_by)[: wanted.limit]
        return sorted(found, key=lambda emission: emission["started_at"], reverse=True)[: wanted.limit]

    @staticmethod
    def _ending(emissions: Iterable[dict[str, Any]], now: datetime, by: datetime) -> list[dict[str, Any]]:
        valid = [one for one in emissions if one["certificate"] and one["certificate"]["status"] == "valid"]
        ending = [one for one in valid if now < one["certificate"]["not_after"] <= by]
        return sorted(ending, key=lambda one: one["certificate"]["not_after"])

    def to_notice(self, now: datetime, ending_by: datetime, limit: int) -> list[str]:
        ending = self._ending(self._emissions.values(), now, ending_by)
        due = [one for one in ending if "notice_at" not in one or (one["notice_at"] and one["notice_at"] <= now)]
        return [one["emission_id"] for one in due[:limit]]

    def emission_by_key(self, key: str) -> str | None:
        return self._keys.get(key)

    def certified(self, person_id: str, now: datetime) -> dict[str, Any] | None:
        for emission in self.find(ListFilter(person_id=person_id)):
            certificate = emission["certificate"]
            if certificate and certificate["status"] == "valid" and certificate["not_after"] > now:
                return emission
        return None

    def overdue(self, now: datetime, limit: int) -> list[str]:
        due = [one["emission_id"] for one in self._emissions.values() if one["deadline"] and one["deadline"] <= now]
        return due[:limit]

    def to_preserve(self, now: datetime, limit: int) -> list[str]:
        due = [one for one in self._emissions.values() if one.get("preserve_at") and one["preserve_at"] <= now]
        return [one["emission_id"] for one in sorted(due, key=lambda one: one["preserve_at"])[:limit]]

    def awaiting(self, before: datetime, office_id: str | None, limit: int) -> list[dict[str, Any]]:
        found = [
            one
            for one in self._emissions.values()
            if one.get("awaited_since") and one["awaited_since"] <= before and office_id in (None, one["office_id"])
        ]
        return sorted(found, key=lambda one: one["awaited_since"])[:limit]

    def revocations(self) -> list[Revocation]:
        certificates = [one["certificate"] for one in self._emissions.values() if one["certificate"]]
        held = {
            one["serial"]: Revocation(
                one["serial"], one["not_before"], "certificate_hold", year=one["not_before"].year, issuer=one.get("issuer")
            )
            for one in certificates
            if one["status"] == "withheld"
        }
        return list((held | self._revocations).values())

    def revocations_mark(self) -> str:
        return " ".join(sorted(f"{one.serial}:{one.reason}" for one in self.revocations()))

    def certificate_status(self, serial: str) -> CertificateStatus | None:
        revoked = self._revocations.get(serial)
        if revoked is not None:
            return CertificateStatus("revoked", revoked.at, revoked.reason, revoked.issuer)
        for emission in self._emissions.values():
            certificate = emission["certificate"]
            if certificate and certificate["serial"] == serial:
                since = certificate["not_before"] if certificate["status"] == "withheld" else None
                return CertificateStatus(certificate["status"], since, issuer=certificate.get("issuer"))
        return None

    def emission_by_serial(self, serial: str) -> str | None:
        return self._serials.get(serial)

    def next_sequence(self, office_id: str, day: date) -> int:
        self._sequences[office_id, day] = self._sequences.get((office_id, day), 0) + 1
        return self._sequences[office_id, day]

    def reserve(
        self, person_id: str, office_id: str, emission_id: str, now: datetime, instead_of: str | None = None
    ) -> Reservation:
        key = (person_id, office_id)
        held = self._reservations.get(key)
        if held is None or held.emission_id == instead_of:
            self._reservations[key] = Reservation(emission_id, now)
        return self._reservations[key]

    def release(self, person_id: str, office_id: str, emission_id: str) -> None:
        held = self._reservations.get((person_id, office_id))
        if held is not None and held.emission_id == emission_id:
            del self._reservations[person_id, office_id]

    def valid_of(self, person_id: str) -> list[dict[str, Any]]:
        found = self.find(ListFilter(person_id=person_id))
        return [one for one in found if one["certificate"] and one["certificate"]["status"] == "valid"]

    def position(self, follower: str = "views") -> int:
        return self._positions.get(follower, 0)

    def save_position(self, position: int, follower: str = "views") -> None:
        self._positions[follower] = position

    def clear(self) -> None:
        self._emissions.clear()
        self._keys.clear()
        self._revocations.clear()
        self._serials.clear()
        self._positions.clear()


class MemoryUses:
    """See :class:`services.certification.application.uses.Uses`."""

    def __init__(self) -> None:
        self._uses: dict[int, KeyUse] = {}

    def save(self, use: KeyUse) -> None:
        self._uses[use.position] = use

    def find(self, wanted: UseFilter) -> list[KeyUse]:
        found = [
            use
            for use in self._uses.values()
            if wanted.key in (None, use.key)
            and wanted.type in (None, use.type)
            and (wanted.since is None or use.time >= wanted.since)
            and (wanted.until is None or use.time < wanted.until)
            and (wanted.before is None or use.position < wanted.before)
        ]
        return sorted(found, key=lambda use: use.position, reverse=True)[: wanted.limit]

    def latest_list(self, signer: str, year: int | None) -> KeyUse | None:
        lists = self.find(UseFilter(type="RevocationListSigned", limit=1000))
        wanted = (signer, year)
        return next((one for one in lists if (one.data["certificate_sha256"], one.data.get("year")) == wanted), None)

    def answers_by_day(self, since: date) -> list[tuple[date, int]]:
        days: Counter[date] = Counter()
        for use in self._uses.values():
            if use.type == "OcspAnswersSigned":
                days[datetime.fromisoformat(use.data["first_at"]).date()] += use.data["count"]
        return sorted(((day, count) for day, count in days.items() if day >= since), reverse=True)

    def clear(self) -> None:
        self._uses.clear()


class DictRegistrations:
    """See :class:`services.certification.application.ports.Registrations`; counts the questions."""

    def __init__(self, *registrations: dict[str, Any]) -> None:
        self.known = {one["registration_id"]: one for one in registrations}
        self.asked = 0

    def get(self, registration_id: str, version: int | None = None) -> dict[str, Any]:
        self.asked += 1
        if registration_id not in self.known:
            raise NotFound("no such registration", field="registration_id", version=version)
        loaded: dict[str, Any] = registry.GET_REGISTRATION.reply().load(self.known[registration_id])
        return loaded


STAMP_LIFE = timedelta(days=7 * 365)


class PlainTermMaker:
    """See :class:`services.certification.application.ports.TermMaker`: documents of a few bytes. ``fail`` makes it fail once."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self.fail = False
        self.prepared: list[Mapping[str, Any]] = []

    def prepare(self, contents: Mapping[str, Any], certificate: bytes) -> PreparedTerm:
        if self.fail:
            self.fail = False
            raise Unavailable("the term's worker died", reason="worker_died")
        self.prepared.append(contents)
        document = b"term of " + contents["certificate"]["serial"].encode() + b"<place>"
        digest = hashlib.sha256(document.removesuffix(b"<place>")).hexdigest()
        return PreparedTerm(document, digest, len(document) - 7, len(document), b"attributes:" + digest.encode())

    def complete(self, prepared: PreparedTerm, signature: bytes, certificate: bytes) -> Stamped:
        return self._stamped(prepared.document + signature + certificate[:8])

    def stamped_at(self, prepared: PreparedTerm, document: bytes) -> datetime:
        return self._clock()

    def preserve(self, document: bytes, number: int, material: ValidationMaterial) -> Stamped:
        if self.fail:
            self.fail = False
            raise Unavailable("the term's worker died", reason="worker_died")
        return self._stamped(document + b"<stamp %d>" % number)

    def _stamped(self, document: bytes) -> Stamped:
        digest = hashlib.sha256(document).hexdigest()
        return Stamped(document, (Stamp(digest[:16], "sha256", digest, self._clock()),))

    def last_stamp(self, document: bytes) -> LastStamp:
        return LastStamp(self._clock(), self._clock() + STAMP_LIFE)


@dataclass
class InProcess:
    """The application in the test's own process."""

    ports: Ports
    clock: MovableClock
    views: MemoryViews
    registrations: DictRegistrations
    terms: PlainTermMaker
    events: EventStore
    calls: list[str] = field(default_factory=list)

    def call(self, actor: Actor = CLERK, command_id: str | None = None) -> Call:
        """A question's context."""
        return Call(actor, command_id or new_id(), "00-" + "1" * 32 + "-" + "2" * 16 + "-01")


def unrecorded(_made: object) -> None:
    """For tests of lists alone: no journal."""


def in_process(folder: Path, authority: Authority) -> InProcess:
    """Real event store and authority; everything else in memory."""
    clock, views = MovableClock(), MemoryViews()
    registrations = DictRegistrations(registration())
    terms = PlainTermMaker(clock)
    events = EventStore(f"sqlite://{folder}/events.sqlite", "certification")
    ports = Ports(
        events=events,
        views=views,
        registrations=registrations,
        authority=authority,
        terms=terms,
        objects=MemoryObjectStore(),
        clock=clock,
        secrets=Secrets(b"a secret of at least thirty-two bytes"),
        policy=Policy(),
        patience=Patience(),
        public_url="https://titular.example",
        time_zone=ZoneInfo("America/Sao_Paulo"),
        uses=MemoryUses(),
    )
    return InProcess(ports, clock, views, registrations, terms, events)
