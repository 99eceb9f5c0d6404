"""What Nameko's consumer of queues lacks: it must outlive a message that nobody can read."""

from __future__ import annotations

from functools import partial
from typing import Any

from nameko.messaging import QueueConsumer

from chassis.logs import get_logger

logger = get_logger(__name__)


def survive_unreadable_messages() -> None:
    """Bytes that are not what their content type says are raised before any handler runs, and would end the process.

    The message would come back to the next process, and end that too.
    """
    original = QueueConsumer.get_consumers
    if getattr(original, "survives", False):
        return

    def get_consumers(self: Any, consumer_class: Any, channel: Any) -> Any:
        made = original(self, consumer_class, channel)
        for provider, consumer in self._consumers.items():
            consumer.on_decode_error = partial(_refuse, self, provider)
        return made

    get_consumers.survives = True  # type: ignore[attr-defined]
    QueueConsumer.get_consumers = get_consumers


def _refuse(queue_consumer: Any, provider: Any, message: Any, error: BaseException) -> None:
    """An event goes to its dead letters; a question that nobody can read has no answer, and its asker a deadline."""
    refuse = getattr(provider, "refuse", None)
    if refuse is None:
        logger.warning("message cannot be read", consumer=type(provider).__name__, error=type(error).__name__)
        queue_consumer.ack_message(message)
        return
    # In a thread of its own: to publish here would keep all other messages waiting.
    queue_consumer.container.spawn_managed_thread(partial(refuse, message, error), identifier="refuse")
