"""How queues are declared: quorum queues, bounded delayed retries, a dead-letter queue, the same from either side."""

from __future__ import annotations

from typing import Any

import kombu

from contracts.topology import RETRY_DELAYS_SECONDS, Subscription, exchange_name

DELIVERY_LIMIT = 10  # bounds an event that kills the process each time it is handled


def exchange(source: str) -> kombu.Exchange:
    """The topic exchange of a source."""
    return kombu.Exchange(exchange_name(source), type="topic", durable=True)


def _quorum(name: str, **arguments: Any) -> kombu.Queue:
    return kombu.Queue(name, durable=True, queue_arguments={"x-queue-type": "quorum", **arguments})


def _returning_to(queue: str) -> dict[str, Any]:
    return {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": queue,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # what at-least-once dead-lettering requires
    }


def main_queue(subscription: Subscription) -> kombu.Queue:
    """The queue that the handler consumes."""
    return kombu.Queue(
        subscription.queue,
        exchange=exchange(subscription.source),
        routing_key=subscription.event,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            **_returning_to(subscription.dead),
        },
    )


def side_queues(subscription: Subscription) -> list[kombu.Queue]:
    """The dead-letter queue and the retry queues.

    The former has no delivery limit of its own, for no value of it means the same on every RabbitMQ (decision 12).
    """
    retries = [
        _quorum(subscription.retry(delay), **{"x-message-ttl": delay * 1000}, **_returning_to(subscription.queue))
        for delay in RETRY_DELAYS_SECONDS
    ]
    return [_quorum(subscription.dead), *retries]


def declare(broker_url: str, subscriptions: list[Subscription], sources: list[str]) -> None:
    """Declare exchanges and queues on the broker; what is already there must have the same arguments."""
    with kombu.Connection(broker_url, connect_timeout=5) as connection, connection.channel() as channel:
        for source in sources:
            exchange(source)(channel).declare()
        for subscription in subscriptions:
            for queue in (*side_queues(subscription), main_queue(subscription)):
                queue(channel).declare()
