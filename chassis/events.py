"""The reliable event handler: an event is acknowledged only when it was handled, waits for a retry, or lies dead."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from nameko.events import EventHandler

from chassis import deadline, metrics, queues
from chassis.clock import now
from chassis.letters import ATTEMPT_HEADER, ERROR_HEADER, FAILED_AT_HEADER, attempts_of, kept_headers
from chassis.logs import get_logger
from chassis.reconnection import BoundedPublisher
from chassis.rpc import flatten_problems
from chassis.tracing import traced
from contracts.envelope import Envelope
from contracts.errors import InvalidInput, TitularError, Unavailable
from contracts.operation import EventType, shape_of
from contracts.topology import RETRY_DELAYS_SECONDS, SUBSCRIPTIONS, Subscription

logger = get_logger(__name__)
Method = TypeVar("Method", bound=Callable[..., Any])
UNKNOWN_CONTENT = "application/octet-stream"
AWAY_TRIES = 24 * 3600 // RETRY_DELAYS_SECONDS[-1]
HANDLER_SECONDS = 60.0
"""What a handler asks of stores and services must be done by then; after twice the time it is broken off and tried again."""

_declaring = threading.Lock()
_declared: set[tuple[str, str]] = set()


class ReliableEventHandler(EventHandler):  # type: ignore[misc]
    """Nameko's event handler on a quorum queue; failures go to delayed retry queues, then to the dead-letter queue.

    Nameko's own handler acknowledges an event whose method raised: it would be lost.
    """

    subscription: Subscription

    def setup(self) -> None:
        """Declare this handler's queues, then consume the quorum queue."""
        super().setup()
        self.subscription = subscription_of(self.container.service_name, self.method_name, self.source_service, self.event_type)
        uri = self.container.config["AMQP_URI"]
        declare_of(uri, self.container.service_name)
        self.queue = queues.main_queue(self.subscription)
        self.publisher = BoundedPublisher(uri, mandatory=True)

    def handle_result(self, message: Any, worker_ctx: Any, result: Any = None, exc_info: Any = None) -> tuple[Any, Any]:
        """Acknowledge, or set aside for a retry or as dead; where that fails, requeue (nothing may be lost)."""
        if exc_info is None:
            self.queue_consumer.ack_message(message)
            return result, exc_info
        attempt = attempts_of(message.headers)
        self.set_aside(message, next_queue(self.subscription, attempt, exc_info[1]), attempt + 1, describe(exc_info[1]))
        return result, exc_info

    def refuse(self, message: Any, error: BaseException) -> None:
        """A message that cannot even be read lies dead at once: another look would find the same."""
        logger.warning("message cannot be read", queue=self.subscription.queue, error=type(error).__name__)
        attempt = (message.headers or {}).get(ATTEMPT_HEADER, 0)
        self.set_aside(
            message, self.subscription.dead, attempt if isinstance(attempt, int) else 0, f"unreadable: {describe(error)}"
        )

    def set_aside(self, message: Any, queue: str, attempts: int, error: str) -> None:
        """Publish the bytes as they came to another queue, then acknowledge; never raises."""
        noted = {ATTEMPT_HEADER: attempts, ERROR_HEADER: error, FAILED_AT_HEADER: now().isoformat()}
        try:
            self.publisher.publish(
                message.body,
                routing_key=queue,
                headers={**kept_headers(message.headers), **noted},
                content_type=message.content_type or UNKNOWN_CONTENT,
                content_encoding=message.content_encoding,
            )
            self.queue_consumer.ack_message(message)
        except Exception:
            logger.warning("event could not be set aside", queue=self.subscription.queue)
            self.queue_consumer.requeue_message(message)


def declare_of(broker_url: str, service: str) -> None:
    """Declare the queues of all handlers of a service, at the first of them."""
    with _declaring:
        if (broker_url, service) not in _declared:
            own = [subscription for subscription in SUBSCRIPTIONS if subscription.service == service]
            queues.declare(broker_url, own, sorted({subscription.source for subscription in own}))
            _declared.add((broker_url, service))


def next_queue(subscription: Subscription, attempt: int, error: BaseException) -> str:
    """Where a failed event goes: the next retry queue, or the dead-letter queue for a lasting error or after the last try.

    An event is not to blame for a store or service that is away: it waits a day for that, looking every 30 s.
    """
    if isinstance(error, Unavailable):
        tries = AWAY_TRIES
    else:
        lasting = isinstance(error, TitularError) and error.permanent
        tries = 0 if lasting else len(RETRY_DELAYS_SECONDS)
    if attempt >= tries:
        return subscription.dead
    return subscription.retry(RETRY_DELAYS_SECONDS[min(attempt, len(RETRY_DELAYS_SECONDS) - 1)])


def describe(error: BaseException) -> str:
    """An error for the eyes of operators, without the values that may be personal."""
    if isinstance(error, TitularError):
        return f"{error.code}: {error.message}"[:300]
    return f"{type(error).__name__}: {error}"[:300]


def subscription_of(service: str, method: str, source: str, event: str) -> Subscription:
    """The declared subscription of a handler; one that is not in the topology is a mistake of the code."""
    found = Subscription(service, method, source, event)
    if found not in SUBSCRIPTIONS:
        raise LookupError(f"{found} is not declared in contracts.topology")
    return found


def read(event: EventType, body: Any) -> Envelope:
    """The event in a message's decoded body; raises :class:`InvalidInput` that names what is missing or wrong.

    That lasts: such a message lies dead at once, instead of failing somewhere inside its handler four times.
    """
    envelope = Envelope.from_dict(body)
    if problems := shape_of(event.schema).validate(envelope.data):
        raise InvalidInput.of(flatten_problems(problems, "data."))
    return envelope


def handles(event: EventType) -> Callable[[Method], Method]:
    """Make a service's method ``(self, envelope)`` the handler of ``event``."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def entrypoint(self: Any, body: Any) -> None:
            envelope = read(event, body)
            started = time.monotonic()
            outcome = "failed"
            with traced(envelope.traceparent, event_type=event.name, emission_id=envelope.emission_id):
                try:
                    with deadline.within(HANDLER_SECONDS), deadline.interrupted_after(2 * HANDLER_SECONDS):
                        method(self, envelope)
                    outcome = "ok"
                except Exception:
                    logger.exception("event not handled", event_id=envelope.id)
                    raise
                finally:
                    queue = f"{event.source}.{event.name}"
                    metrics.HANDLED.labels(queue, outcome).observe(time.monotonic() - started)

        registered: Method = ReliableEventHandler.decorator(event.source, event.name)(entrypoint)
        return registered

    return decorate
