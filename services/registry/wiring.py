"""The composition root: which adapter stands behind which port."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from chassis.clock import new_id, now
from chassis.document_lease import lease_of
from chassis.documents import CombinedOutbox, DocumentStore, connect
from chassis.health import Check
from chassis.lease import Lease
from chassis.objects import S3ObjectStore
from chassis.outbox import Relay
from services.registry.application import Registry
from services.registry.looks import Looks
from services.registry.looks_store import COLLECTION, DocumentLooks
from services.registry.settings import Settings, load
from services.registry.store import DocumentPeople


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process is made of."""

    settings: Settings
    registry: Registry
    looks: Looks
    outbox: CombinedOutbox
    stores: tuple[DocumentStore, ...]
    checks: dict[str, Check]
    lease: Lease

    def wake(self, relay: Relay) -> None:
        """Whom to wake after each commit."""
        for store in self.stores:
            store.notify(relay.wake)


@functools.cache
def build() -> Wiring:
    """Build once per process."""
    settings = load()
    database = connect(settings.documents)
    stores = DocumentStore(database, "people"), DocumentStore(database, COLLECTION)
    people, looks = DocumentPeople(stores[0], now, new_id), DocumentLooks(stores[1], new_id)
    people.prepare()
    looks.prepare()
    objects = S3ObjectStore(settings.objects)
    registry = Registry(people, objects, now, new_id, settings.secret.encode())
    checks: dict[str, Check] = {"documents": lambda: database.command("ping"), "objects": objects.check}
    lease = lease_of(database, settings.process.replica)
    return Wiring(settings, registry, looks, CombinedOutbox(*stores), stores, checks, lease)
