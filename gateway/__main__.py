"""Runs the pages: ``python -m gateway``."""

from __future__ import annotations

import threading

from prometheus_client import REGISTRY
from setproctitle import setproctitle

from chassis import logs
from chassis.dead_letters import BrokerDeadLetters
from chassis.document_lease import lease_of
from chassis.outbox import ConfirmedPublisher, Relay
from gateway import server, wiring
from gateway.app import create_app
from gateway.metrics import DeadLetterCollector

GRACE_SECONDS = 20


def start_relay() -> None:
    """Publish what the ledger holds, in a thread of the serving process."""
    store, process = wiring.ledger_store(), wiring.settings().process
    lease = lease_of(store.collection.database, process.replica)
    relay = Relay(store, ConfirmedPublisher(process.broker_url, "gateway"), "gateway", lease)
    store.notify(relay.wake)
    threading.Thread(target=relay.run, name="relay", daemon=True).start()


def main() -> None:
    """Serve until told to stop."""
    settings = wiring.settings()
    logs.configure("gateway", settings.process.log_level)
    setproctitle("titular gateway")
    wiring.ledger().prepare()
    REGISTRY.register(DeadLetterCollector(BrokerDeadLetters(settings.process.broker_url)))
    server.serve(
        lambda: create_app(wiring.build()),
        bind=f"{settings.http_host}:{settings.http_port}",
        threads=settings.http_threads,
        after_fork=start_relay,
        grace_seconds=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
