"""A lease as a document. See :class:`chassis.lease.Lease`.

No clock is compared with another's. The holder changes a counter each time it renews; whoever wants the lease takes it once
it has seen the counter stand still for :data:`LEASE_SECONDS` by its own monotonic clock. So clocks that are wrong by hours do
nothing; only one that runs at a wrong speed could end a lease early, and then an event is published twice, which consumers bear.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chassis.documents import in_time
from chassis.lease import Lease, SoleReplica
from chassis.logs import get_logger

logger = get_logger(__name__)
COLLECTION = "leases"
RELAY = "relay"
LEASE_SECONDS = 6.0
RENEW_SECONDS = 2.0


class DocumentLease:
    """One small document in the service's own database: ``holder``, and ``beat``, which grows at each renewal.

    Whoever bears the holder's name is its successor and takes the lease at once; two living processes must not share a name.
    """

    def __init__(
        self, database: Database[dict[str, Any]], name: str, replica: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._documents: Collection[dict[str, Any]] = database[COLLECTION]
        self._name = name
        self._replica = replica
        self._monotonic = monotonic
        self._renewed_at: float | None = None
        self._seen: tuple[str | None, int] | None = None
        self._seen_at = 0.0

    def held(self) -> bool:
        """See :class:`Lease`. Counted from before the question, so that it ends before anybody else can take it."""
        asked_at = self._monotonic()
        if self._renewed_at is not None and asked_at - self._renewed_at < RENEW_SECONDS:
            return True
        before, self._renewed_at = self._renewed_at, None
        with in_time():
            taken = self._take(asked_at)
        if not taken or self._monotonic() - asked_at >= LEASE_SECONDS:
            if before is not None:
                logger.warning("lease lost", lease=self._name, replica=self._replica)
            return False
        if before is None:
            logger.info("lease taken", lease=self._name, replica=self._replica)
        self._renewed_at = asked_at
        return True

    def release(self) -> None:
        """See :class:`Lease`."""
        if self._renewed_at is None:
            return
        self._renewed_at = None
        with in_time():
            self._documents.update_one({"_id": self._name, "holder": self._replica}, {"$set": {"holder": None}})

    def _take(self, now: float) -> bool:
        found = self._documents.find_one({"_id": self._name})
        if found is None:
            return self._make()
        seen = (found["holder"], found["beat"])
        if found["holder"] not in {None, self._replica} and not self._stands_still(seen, now):
            return False
        result = self._documents.update_one(
            {"_id": self._name, "holder": found["holder"], "beat": found["beat"]},
            {"$set": {"holder": self._replica, "beat": found["beat"] + 1}},
        )
        return result.matched_count == 1

    def _make(self) -> bool:
        try:
            self._documents.insert_one({"_id": self._name, "holder": self._replica, "beat": 1})
        except DuplicateKeyError:
            return False
        return True

    def _stands_still(self, seen: tuple[str | None, int], now: float) -> bool:
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        return now - self._seen_at >= LEASE_SECONDS


def lease_of(database: Database[dict[str, Any]], replica: str, name: str = RELAY) -> Lease:
    """A replica's lease of the relay, or of other work; a replica without a name is the only one and asks for none."""
    return DocumentLease(database, name, replica) if replica else SoleReplica()
