"""How queues are declared: quorum queues, bounded delayed retries, a dead-letter queue, the same from either side."""

from __future__ import annotations

import time
from typing import Any

import kombu
from amqp.exceptions import NotFound
from kombu.transport import pyamqp

from chassis.logs import get_logger
from contracts.topology import RETRY_DELAYS_SECONDS, Subscription, exchange_name

logger = get_logger(__name__)
REPLY_SECONDS = 5.0
SETTLING_SECONDS = 1.0
DELIVERY_LIMIT = 10  # bounds an event that kills the process each time it is handled


class BoundedChannel(pyamqp.Channel):  # type: ignore[misc]
    """Waits for the broker's replies with a bound: a queue without a leader never answers, and the library waits for ever."""

    def wait(self, method: Any = None, callback: Any = None, timeout: float | None = None, returns_tuple: bool = False) -> Any:
        """See amqp; raises :class:`TimeoutError`, which every user of a connection takes as its loss."""
        try:
            return super().wait(method, callback, timeout or REPLY_SECONDS, returns_tuple)
        except TimeoutError:
            logger.warning("the broker does not reply", waited_for=str(method))
            raise


pyamqp.Connection.Channel = BoundedChannel  # for every connection of the process, Nameko's included


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
    """Declare exchanges and queues on the broker; what is already there must have the same arguments.

    RabbitMQ 3.10 writes a new quorum queue's place in its directory half a second late: a broker that is killed before has
    the queue's name and nothing behind it, for ever. So nothing is sent to a queue, and nobody calls himself ready, before.
    """
    with kombu.Connection(broker_url, connect_timeout=5) as connection, connection.channel() as channel:
        for source in sources:
            exchange(source)(channel).declare()
        wanted = [queue for each in subscriptions for queue in (*side_queues(each), main_queue(each))]
        missing = [queue for queue in wanted if not _exists(connection, queue)]
        for queue in wanted:
            queue(channel).declare()
    if missing:
        time.sleep(SETTLING_SECONDS)


def _exists(connection: Any, queue: kombu.Queue) -> bool:
    """The look closes its channel where there is no such queue."""
    channel = connection.channel()
    try:
        queue(channel).queue_declare(passive=True)
    except NotFound:
        return False
    channel.close()
    return True
