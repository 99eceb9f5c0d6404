"""What the pages stand on, as ports."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.objects import ObjectStore
from chassis.rpc import Caller
from gateway.queues import Queues
from gateway.security.accounts import Accounts
from gateway.security.ledger import Ledger
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything behind the pages."""

    settings: GatewaySettings
    caller: Caller
    accounts: Accounts
    ledger: Ledger
    objects: ObjectStore
    queues: Queues
