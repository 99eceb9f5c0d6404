"""The composition root: which adapter stands behind which port."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from chassis.clock import new_id, now
from chassis.document_lease import lease_of
from chassis.documents import DocumentStore, connect
from chassis.health import Check
from chassis.lease import Lease
from chassis.outbox import Relay
from chassis.worker_name import exclusive_name
from services.notify.application import Channel, Notify
from services.notify.channels import EmailChannel, SmsChannel
from services.notify.handed_over import ResultFiles
from services.notify.settings import Settings, load
from services.notify.store import DocumentMessages


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process is made of."""

    settings: Settings
    notify: Notify
    outbox: DocumentStore
    checks: dict[str, Check]
    lease: Lease

    def wake(self, relay: Relay) -> None:
        """Whom to wake after each commit."""
        self.outbox.notify(relay.wake)


@functools.cache
def build() -> Wiring:
    """Build once per process."""
    settings = load()
    database = connect(settings.documents)
    documents = DocumentStore(database, "messages")
    messages = DocumentMessages(documents, new_id)
    messages.prepare()
    channels: dict[str, Channel] = {"email": EmailChannel(settings.smtp), "sms": SmsChannel(settings.sms_address)}
    notify = Notify(messages, channels, ResultFiles(settings.work), now, exclusive_name(settings.work))
    checks: dict[str, Check] = {"documents": lambda: database.command("ping")}
    return Wiring(settings, notify, documents, checks, lease_of(database, settings.process.replica))
