"""The composition root: what the pages stand on."""

from __future__ import annotations

import functools

from chassis.callers import PooledCaller
from chassis.dead_letters import BrokerDeadLetters
from chassis.documents import DocumentStore, connect
from chassis.ledger import COLLECTION, DocumentLedger
from chassis.objects import S3ObjectStore
from chassis.settings import load_or_exit
from gateway.parts import Parts
from gateway.security.accounts import DocumentAccounts
from gateway.settings import GatewaySettings

QUESTIONS_PER_SERVICE = 8


@functools.cache
def settings() -> GatewaySettings:
    """The settings of this process; ends it with a clear message where they are wrong."""
    return load_or_exit(GatewaySettings.read)


@functools.cache
def ledger_store() -> DocumentStore:
    """Where the gateway's own events are kept, and wait to be published."""
    return DocumentStore(connect(settings().documents), COLLECTION)


def ledger() -> DocumentLedger:
    """The record of the gateway's own events."""
    return DocumentLedger(ledger_store())


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
        ledger=ledger(),
        objects=S3ObjectStore(settings().objects),
        dead_letters=BrokerDeadLetters(settings().process.broker_url),
    )
