"""How a Nameko process lives through a broker that goes away: it neither ends nor waits longer than it must."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError
from kombu import pools
from kombu.exceptions import KombuError
from kombu.mixins import ConsumerMixin
from nameko.amqp.publish import Publisher
from nameko.messaging import QueueConsumer
from nameko.rpc import Responder, RpcConsumer

from chassis.logs import get_logger

logger = get_logger(__name__)
LOST = (AMQPError, KombuError, OSError)
FIRST_PAUSE_SECONDS = 0.2
PAUSE_STEP_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 1.0
CONFIRM_SECONDS = 10.0

_connected = threading.Event()


class QuickReconnect(ConsumerMixin):  # type: ignore[misc]
    """kombu's consumer waits 2, 4, 6 … 30 s between its tries: after a long outage up to half a minute for nothing."""

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """See kombu."""
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error,
                self.connect_max_retries,
                interval_start=FIRST_PAUSE_SECONDS,
                interval_step=PAUSE_STEP_SECONDS,
                interval_max=LONGEST_PAUSE_SECONDS,
            )
            try:
                yield connection
            except LOST:
                connection.collect()  # a polite farewell would wait for replies once more
                raise


class BoundedPublisher(Publisher):  # type: ignore[misc]
    """Nameko's publisher with bounds: it would wait for a confirm without an end, and for a lost broker seconds at a time."""

    retry_policy = {  # noqa: RUF012 - Nameko reads it so
        "max_retries": 3,
        "interval_start": FIRST_PAUSE_SECONDS,
        "interval_step": PAUSE_STEP_SECONDS,
        "interval_max": LONGEST_PAUSE_SECONDS,
    }

    def publish(self, payload: Any, **kwargs: Any) -> None:
        """See Nameko."""
        try:
            super().publish(payload, **{"confirm_timeout": CONFIRM_SECONDS, **kwargs})
        except TimeoutError:
            pools.reset()  # a confirm that comes late would be taken for the next publication's
            raise


def check() -> None:
    """Raises while the process's consumers have no connection (health)."""
    if not _connected.is_set():
        raise ConnectionError("not connected to the broker")


def prepare() -> None:
    """Teach Nameko's consumers and responders; once per process, before they start."""
    QueueConsumer.establish_connection = QuickReconnect.establish_connection
    Responder.publisher_cls = BoundedPublisher
    _after(QueueConsumer, "on_consume_ready", _connected.set)
    _after(QueueConsumer, "on_connection_error", _connected.clear)
    for name in ("ack_message", "requeue_message"):
        _tolerate(QueueConsumer, name, lambda *_: None)
    _tolerate(RpcConsumer, "handle_result", _answer_again)


def _after(cls: type, name: str, then: Callable[[], None]) -> None:
    original = getattr(cls, name)

    def followed(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        then()
        return result

    setattr(cls, name, followed)


def _answer_again(consumer: Any, message: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    consumer.requeue_message(message)
    return result, exc_info


def _tolerate(cls: type, name: str, instead: Callable[..., Any]) -> None:
    """A loss at an answer or an acknowledgement must not end the process: the broker delivers the message again."""
    original = getattr(cls, name)

    def tolerant(self: Any, *args: Any) -> Any:
        try:
            return original(self, *args)
        except LOST as error:
            logger.warning("connection lost before the acknowledgement", at=name, error=type(error).__name__)
            return instead(self, *args)

    setattr(cls, name, tolerant)
