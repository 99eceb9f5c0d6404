"""The stores, looked at from outside once everything is quiet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker
from pymongo import MongoClient

from chassis.clock import now
from chassis.event_store import EventStore
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from chassis.stored_events import Stored
from contracts.topology import RETRY_DELAYS_SECONDS, SERVICES, SUBSCRIPTIONS
from tests.faults.target import Target, event_store_url

OUTBOXES = {
    "registry": ("people",),
    "conference": ("conferences", "endings"),
    "media": ("videos",),
    "notify": ("messages",),
    "gateway": ("ledger", "accounts"),
}
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Depths:
    """Messages by queue."""

    waiting: dict[str, int]
    dead: dict[str, int]

    @property
    def quiet(self) -> bool:
        """Whether nothing waits to be handled."""
        return not any(self.waiting.values())


class Stores:
    """What is kept, read without any service."""

    def __init__(self, target: Target) -> None:
        ports, self._url = target.configuration.ports, target.configuration.broker_url
        self.client: MongoClient[dict[str, Any]] = MongoClient(
            f"mongodb://127.0.0.1:{ports['documents']}/?directConnection=true", tz_aware=True, timeoutMS=20000
        )
        self.events = EventStore(event_store_url(target), "certification")
        self.objects = S3ObjectStore(
            ObjectSettings(
                f"127.0.0.1:{ports['objects'] + 3}", "titular", target.configuration.secrets["object_secret"], False, "titular-"
            )
        )

    def all_events(self) -> Iterator[Stored]:
        """Every event of every history, in the order of their commits."""
        after = 0
        while batch := self.events.notifications(after, BATCH):
            yield from (event for _, event in batch)
            after = batch[-1][0]

    def documents(self, service: str, collection: str) -> list[dict[str, Any]]:
        """All documents of a collection."""
        return list(self.client[f"titular_{service}"][collection].find())

    def unsent(self) -> dict[str, int]:
        """Events that still wait to be published, by outbox."""
        waiting = {"certification": len(self.events.pending(BATCH))}
        for service, collections in OUTBOXES.items():
            for collection in collections:
                documents = self.client[f"titular_{service}"][collection].find({"waiting": {"$gt": 0}}, {"waiting": 1})
                waiting[f"{service}.{collection}"] = sum(one["waiting"] for one in documents)
        return {name: count for name, count in waiting.items() if count}

    def depths(self) -> Depths:
        """All queues of the product."""
        connection = pika.BlockingConnection(pika.URLParameters(self._url))
        try:
            waiting: dict[str, int] = {}
            dead: dict[str, int] = {}
            for subscription in SUBSCRIPTIONS:
                for name in (subscription.queue, *map(subscription.retry, RETRY_DELAYS_SECONDS)):
                    waiting[name] = _count(connection, name)
                dead[subscription.dead] = _count(connection, subscription.dead)
            for service in SERVICES:
                waiting[f"rpc-{service}"] = _count(connection, f"rpc-{service}")
            return Depths(waiting, dead)
        finally:
            connection.close()

    def objects_of(self, bucket: str) -> list[str]:
        """The keys of a bucket."""
        return self.objects.stored_before(bucket, now() + timedelta(days=1))

    def close(self) -> None:
        """End the connections."""
        self.events.close()
        self.client.close()


def _count(connection: Any, queue: str) -> int:
    channel = connection.channel()
    try:
        count: int = channel.queue_declare(queue, passive=True).method.message_count
    except ChannelClosedByBroker:
        return 0
    with contextlib.suppress(ChannelClosedByBroker):
        channel.close()
    return count
