"""What the pages stand on, as ports."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.dead_letters import DeadLetters
from chassis.ledger import Ledger
from chassis.objects import ObjectStore
from chassis.rpc import Caller
from gateway.security.accounts import Accounts
from gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything behind the pages."""

    settings: GatewaySettings
    caller: Caller
    accounts: Accounts
    ledger: Ledger
    objects: ObjectStore
    dead_letters: DeadLetters
