"""Dead letters: looked at without wearing them out, given back to their consumer, or discarded.

A quorum queue counts each look as a delivery and, from RabbitMQ 4 on, drops a message after 20 of them. So a letter that
was looked at a few times is written anew before it goes back: the count begins at zero again, on every version and
whatever limit its queue has.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from chassis import depths
from chassis.depths import Depth
from chassis.letters import Letter, fresh_headers, kept_headers
from chassis.logs import get_logger
from contracts.errors import NotFound, Unavailable
from contracts.topology import SUBSCRIPTIONS, Subscription

logger = get_logger(__name__)
LOOKS_BEFORE_RENEWAL = 5  # far below 20, for looks that end with their process are counted too
LONGEST_LOOK = 200
PATIENCE_SECONDS = 2.0  # another reader holds the letters while it looks
Before = Callable[[Letter], None]
"""Called with each letter before it is touched; where it raises, the letter stays."""


class DeadLetters(Protocol):
    """What operators may see and do."""

    def depths(self) -> list[Depth]:
        """All consumers' queues; :class:`Unavailable` where the broker does not answer."""

    def letters(self, queue: str | None = None, limit: int = LONGEST_LOOK) -> list[Letter]:
        """The first dead letters of a consumer's queue, or of every queue; :class:`NotFound` for a queue that is not ours."""

    def retry(self, queue: str, letter_id: str | None, before: Before) -> list[Letter]:
        """Give one letter (or all) to its consumer once more; returns those that were."""

    def discard(self, queue: str, letter_id: str | None, before: Before) -> list[Letter]:
        """Take one letter (or all) out of its queue for good; returns those that were."""

    def check(self) -> None:
        """Raises where the broker does not answer (health)."""


class BrokerDeadLetters:
    """The production adapter, over the declared subscriptions."""

    def __init__(self, broker_url: str, subscriptions: Iterable[Subscription] = SUBSCRIPTIONS) -> None:
        self._url = broker_url
        self._subscriptions = {subscription.queue: subscription for subscription in subscriptions}

    def depths(self) -> list[Depth]:
        """See :class:`DeadLetters`."""
        return depths.look(self._url, self._subscriptions.values())

    def check(self) -> None:
        """See :class:`DeadLetters`."""
        depths.check(self._url)

    def letters(self, queue: str | None = None, limit: int = LONGEST_LOOK) -> list[Letter]:
        """See :class:`DeadLetters`."""
        wanted = [self._subscription(queue)] if queue is not None else list(self._subscriptions.values())
        with self._connected() as connection:
            return [letter for subscription in wanted for letter in _seen(connection, subscription, limit)]

    def retry(self, queue: str, letter_id: str | None, before: Before) -> list[Letter]:
        """See :class:`DeadLetters`. Published and confirmed, then removed: twice at worst, never lost."""

        def give_back(taken: _Taken) -> None:
            before(taken.letter)
            taken.publish(queue, fresh_headers(taken.letter.headers))
            taken.remove()

        return self._act(queue, letter_id, give_back)

    def discard(self, queue: str, letter_id: str | None, before: Before) -> list[Letter]:
        """See :class:`DeadLetters`."""

        def throw_away(taken: _Taken) -> None:
            before(taken.letter)
            taken.remove()

        return self._act(queue, letter_id, throw_away)

    def _act(self, queue: str, letter_id: str | None, act: Callable[[_Taken], None]) -> list[Letter]:
        """Do it to those that lie there now. A reader holds letters for a moment, so one that is wanted is looked for again."""
        subscription = self._subscription(queue)
        ends = time.monotonic() + PATIENCE_SECONDS
        with self._connected() as connection:
            while True:
                done = []
                for taken in _taken(connection, subscription):
                    if letter_id in (None, taken.letter.id):
                        act(taken)
                        done.append(taken.letter)
                    else:
                        taken.give_back()
                if done or letter_id is None or time.monotonic() > ends:
                    return done
                connection.sleep(0.1)

    def _subscription(self, queue: str) -> Subscription:
        if queue not in self._subscriptions:
            raise NotFound("no such queue", field="queue")
        return self._subscriptions[queue]

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        parameters = pika.URLParameters(self._url)
        parameters.socket_timeout = 3
        try:
            connection = pika.BlockingConnection(parameters)
            try:
                yield connection
            finally:
                if connection.is_open:
                    connection.close()
        except (AMQPError, OSError) as error:
            logger.warning("dead letters out of reach", error=type(error).__name__)
            raise Unavailable("the broker does not answer") from error


class _Taken:
    """A letter in hand, unacknowledged: it returns to its queue when the channel closes, unless it is removed."""

    def __init__(self, channel: Any, subscription: Subscription, method: Any, properties: Any, body: bytes) -> None:
        self._channel = channel
        self._subscription = subscription
        self._method = method
        self._properties = properties
        self.letter = Letter(subscription.queue, body, properties.headers or {}, properties.content_type)

    def publish(self, queue: str, headers: dict[str, Any]) -> None:
        """Put a copy into a queue; returns once the broker has confirmed it."""
        self._properties.headers = headers
        self._properties.delivery_mode = 2
        self._channel.basic_publish("", queue, self.letter.body, self._properties, mandatory=True)

    def remove(self) -> None:
        """Take it out of its queue."""
        self._channel.basic_ack(self._method.delivery_tag)

    def give_back(self) -> None:
        """Leave it where it was, as a fresh copy once it was looked at often."""
        looks = (self.letter.headers or {}).get("x-delivery-count", 0)
        if looks >= LOOKS_BEFORE_RENEWAL:
            self.publish(self._subscription.dead, kept_headers(self.letter.headers))
            self.remove()


def _seen(connection: Any, subscription: Subscription, limit: int) -> Iterator[Letter]:
    for taken in _taken(connection, subscription, limit):
        yield taken.letter
        taken.give_back()


def _taken(connection: Any, subscription: Subscription, limit: int | None = None) -> Iterator[_Taken]:
    """Each letter that lies there at the beginning, once; copies written meanwhile come behind them."""
    channel = connection.channel()
    try:
        waiting = channel.queue_declare(subscription.dead, passive=True).method.message_count
    except ChannelClosedByBroker:  # never declared: nothing can lie there
        return
    channel.confirm_delivery()
    try:
        for _ in range(waiting if limit is None else min(waiting, limit)):
            method, properties, body = channel.basic_get(subscription.dead, auto_ack=False)
            if method is None:
                return
            yield _Taken(channel, subscription, method, properties, body)
    finally:
        if channel.is_open:
            channel.close()
