"""The composition root: what the pages stand on."""

from __future__ import annotations

import functools

from chassis.callers import PooledCaller
from chassis.documents import DocumentStore, connect
from chassis.objects import S3ObjectStore
from chassis.settings import load_or_exit
from gateway.parts import Parts
from gateway.queues import BrokerQueues
from gateway.security.accounts import DocumentAccounts
from gateway.security.ledger import DocumentLedger
from gateway.settings import GatewaySettings

QUESTIONS_PER_SERVICE = 8


@functools.cache
def settings() -> GatewaySettings:
    """The settings of this process; ends it with a clear message where they are wrong."""
    return load_or_exit(GatewaySettings.read)


@functools.cache
def ledger_store() -> DocumentStore:
    """Where sign-ins and refusals wait to be published."""
    return DocumentStore(connect(settings().documents), "ledger")


def accounts() -> DocumentAccounts:
    """The staff's accounts in the document store."""
    return DocumentAccounts(DocumentStore(connect(settings().documents), "accounts"))


@functools.cache
def build() -> Parts:
    """The production parts."""
    return Parts(
        settings=settings(),
        caller=PooledCaller(settings().process.broker_url, size=QUESTIONS_PER_SERVICE),
        accounts=accounts(),
        ledger=DocumentLedger(ledger_store()),
        objects=S3ObjectStore(settings().objects),
        queues=BrokerQueues(settings().process.broker_url),
    )
