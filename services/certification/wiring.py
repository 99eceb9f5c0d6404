"""The composition root: the one place that knows which adapter is behind which port."""

from __future__ import annotations

import functools
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chassis.clock import now
from chassis.document_lease import lease_of
from chassis.documents import connect
from chassis.event_store import EventStore
from chassis.health import Check
from chassis.lease import Lease
from chassis.objects import S3ObjectStore
from chassis.rpc import Caller
from contracts import registry
from contracts.actor import system
from contracts.certification import SERVICE
from services.certification.application import documents
from services.certification.application.journal import note_own, record_opened
from services.certification.application.ports import Ports
from services.certification.application.tokens import Secrets
from services.certification.authority import files
from services.certification.authority.certificates import Addresses
from services.certification.authority.keys import custody_of, or_exit
from services.certification.authority.settings import AuthoritySettings
from services.certification.authority.succession import AllGenerations
from services.certification.read_model import DocumentViews
from services.certification.read_model_uses import DocumentUses
from services.certification.settings import settings
from services.certification.term.maker import WorkerTermMaker


class RegistryRegistrations:
    """The registry's registrations, asked for by RPC."""

    def __init__(self, ask: Caller) -> None:
        self._ask = ask

    def get(self, registration_id: str, version: int | None = None) -> dict[str, Any]:
        """See :class:`services.certification.application.ports.Registrations`."""
        wanted = {"registration_id": registration_id, "version": version}
        return self._ask(registry.GET_REGISTRATION, wanted, actor=system(SERVICE))


class NoRegistrations:
    """For work that needs no registration (timers, consumed events)."""

    def get(self, registration_id: str, version: int | None = None) -> dict[str, Any]:
        """Never asked."""
        raise LookupError(f"no registry at hand for {registration_id} {version}")


@dataclass(frozen=True, slots=True)
class Built:
    """What the composition root made."""

    ports: Ports
    events: EventStore
    checks: Mapping[str, Check]
    lease: Lease

    def asking(self, remote: Caller) -> Ports:
        """The ports for a worker that can ask the registry."""
        return replace(self.ports, registrations=RegistryRegistrations(remote))


def open_authority(wanted: AuthoritySettings) -> AllGenerations:
    """The authority in its folder, created first where settings say so."""
    addresses, custody = Addresses(wanted.public_url), custody_of(wanted)
    with or_exit():
        if wanted.create:
            files.create(wanted.folder, custody, addresses, now())
        return AllGenerations.open(wanted.folder, custody, addresses, now())


@functools.cache
def build() -> Built:
    """Put the service together, once per process."""
    chosen = settings()
    authority = open_authority(chosen.authority)
    events = EventStore(chosen.event_store_url, SERVICE)
    database = connect(chosen.documents)
    views = DocumentViews(database)
    views.prepare()
    objects = S3ObjectStore(chosen.objects, retained=(documents.TERMS, documents.CERTIFICATES))
    uses = DocumentUses(database)
    uses.prepare()
    host = socket.gethostname()
    terms = WorkerTermMaker(
        chosen.time_zone.key,
        opening=lambda: record_opened(ports, ("timestamping",), host),
        # A worker that is started later must not stamp by a generation for which this process cannot answer.
        generation=authority.latest,
    )
    ports = Ports(
        events=events,
        views=views,
        registrations=NoRegistrations(),
        authority=authority,
        terms=terms,
        objects=objects,
        clock=now,
        secrets=Secrets(chosen.secret),
        policy=chosen.policy,
        patience=chosen.patience,
        public_url=chosen.authority.public_url,
        time_zone=chosen.time_zone,
        uses=uses,
    )
    note_own(ports)
    record_opened(ports, ("issuing", "ocsp"), host)
    terms.start()
    checks: dict[str, Check] = {
        "event_store": events.check,
        "documents": views.check,
        "objects": objects.check,
        "term_worker": terms.check,
        "keys": custody_of(chosen.authority).check,
    }
    return Built(ports, events, checks, lease_of(database, chosen.process.replica))
