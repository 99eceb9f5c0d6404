"""What notify does: sends what certification asks for by id, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from chassis.clock import Clock
from contracts.errors import TitularError, Unavailable
from services.notify import model
from services.notify.model import Message


class DeliveryRefused(Exception):
    """The channel will never take this message (no such address)."""


class DeliveryDelayed(Exception):
    """The channel does not take it now; worth another try."""


class Channel(Protocol):
    """E-mail or SMS."""

    def send(self, message: Mapping[str, Any]) -> None:
        """Hand over one message (``contracts.certification.OutgoingMessage``).

        Raises :class:`DeliveryRefused` or :class:`DeliveryDelayed`.
        """


class Messages(Protocol):
    """Notify's own store."""

    def claim(self, message: Message, worker: str, at: datetime) -> Message | None:
        """Store :func:`services.notify.model.claim` of the kept message (of this one if none is kept yet)."""

    def of_emission(self, emission_id: str) -> list[Message]:
        """Newest first."""

    def save(self, message: Message, cause: str | None) -> None:
        """Store the message's state with the event that says so."""


class Unsaved(Protocol):
    """Results of messages that were handed over and not yet stored; outlives the process, not the host."""

    def get(self, message_id: str) -> Message | None:
        """By id."""

    def keep(self, message: Message) -> None:
        """Remember one, durably."""

    def forget(self, message_id: str) -> None:
        """It is stored now."""


Outgoing = Callable[[str], Mapping[str, Any]]
"""Asks certification, by message id, what to send (``OutgoingMessage``); a typed error where it must not be sent any more."""


@dataclass(frozen=True, slots=True)
class Notify:
    """The ports.

    ``worker`` names this process among the living ones; ``at_work`` holds the messages that it hands over now. What was handed
    over while the store did not answer, or just before the process was killed, must not be sent once more to be stored.
    """

    messages: Messages
    channels: Mapping[str, Channel]
    unsaved: Unsaved
    now: Clock
    worker: str
    at_work: set[str] = field(default_factory=set)


def deliver(notify: Notify, outgoing: Outgoing, asked: Mapping[str, Any], cause: str) -> None:
    """Send one message, once; raises :class:`Unavailable` where another try is due.

    ``asked``: message_id, emission_id, purpose, channel, address_masked.
    """
    message_id = asked["message_id"]
    if message_id in notify.at_work:
        raise Unavailable("the message is being handed over now", reason="claimed")
    notify.at_work.add(message_id)
    try:
        result = notify.unsaved.get(message_id) or _hand_over(notify, outgoing, asked)
        if result is None:
            return
        notify.unsaved.keep(result)
        notify.messages.save(result, cause)
        notify.unsaved.forget(message_id)
    finally:
        notify.at_work.discard(message_id)
    if result.state == "queued":
        raise Unavailable(f"{result.channel} does not take messages now", channel=result.channel)


def _hand_over(notify: Notify, outgoing: Outgoing, asked: Mapping[str, Any]) -> Message | None:
    """One attempt, if one is due; raises :class:`Unavailable` where certification cannot say what to send: no attempt of ours."""
    fresh = Message(**asked, queued_at=notify.now(), updated_at=notify.now())
    message = notify.messages.claim(fresh, notify.worker, notify.now())
    if message is None:
        return None
    try:
        notify.channels[message.channel].send(outgoing(message.message_id))
    except DeliveryRefused as error:
        return model.not_delivered(message, str(error), lasting=True, at=notify.now())
    except DeliveryDelayed as error:
        return model.not_delivered(message, str(error), lasting=False, at=notify.now())
    except TitularError as error:
        if not error.permanent:
            raise
        return model.not_delivered(message, error.code, lasting=True, at=notify.now())
    return model.delivered(message, notify.now())
