"""The composition root: what the pages stand on."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from chassis.callers import PooledCaller
from chassis.documents import DocumentStore, connect
from chassis.objects import ObjectStore, S3ObjectStore
from chassis.rpc import Caller
from chassis.settings import load_or_exit
from gateway.operations.queues import BrokerQueues, Queues
from gateway.security.accounts import Accounts, DocumentAccounts
from gateway.security.ledger import DocumentLedger, Ledger
from gateway.settings import GatewaySettings

POOLED_CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything behind the pages, as ports."""

    settings: GatewaySettings
    caller: Caller
    accounts: Accounts
    ledger: Ledger
    objects: ObjectStore
    queues: Queues


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
        caller=PooledCaller(settings().process.broker_url, size=POOLED_CONNECTIONS),
        accounts=accounts(),
        ledger=DocumentLedger(ledger_store()),
        objects=S3ObjectStore(settings().objects),
        queues=BrokerQueues(settings().process.broker_url),
    )
