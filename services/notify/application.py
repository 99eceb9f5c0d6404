"""What notify does: sends what certification asks for by id, and says what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

    def get(self, message_id: str) -> Message | None:
        """By id."""

    def of_emission(self, emission_id: str) -> list[Message]:
        """Newest first."""

    def save(self, message: Message, cause: str | None) -> None:
        """Store the message's state with the event that says so."""


Outgoing = Callable[[str], Mapping[str, Any]]
"""Asks certification, by message id, what to send (``OutgoingMessage``); a typed error where it must not be sent any more."""


@dataclass(frozen=True, slots=True)
class Notify:
    """The ports."""

    messages: Messages
    channels: Mapping[str, Channel]
    now: Clock


def deliver(notify: Notify, outgoing: Outgoing, asked: Mapping[str, Any], cause: str) -> None:
    """Send one message, once; raises :class:`Unavailable` where another try is due.

    ``asked``: message_id, emission_id, purpose, channel, address_masked.
    """
    message = notify.messages.get(asked["message_id"]) or Message(**asked, queued_at=notify.now(), updated_at=notify.now())
    if message.state != "queued":
        return
    result = _attempt(notify, outgoing, message)
    notify.messages.save(result, cause)
    if result.state == "queued":
        raise Unavailable(f"{message.channel} does not take messages now", channel=message.channel)


def _attempt(notify: Notify, outgoing: Outgoing, message: Message) -> Message:
    try:
        notify.channels[message.channel].send(outgoing(message.message_id))
    except DeliveryRefused as error:
        return model.not_delivered(message, str(error), lasting=True, at=notify.now())
    except DeliveryDelayed as error:
        return model.not_delivered(message, str(error), lasting=False, at=notify.now())
    except TitularError as error:
        return model.not_delivered(message, error.code, lasting=error.permanent, at=notify.now())
    return model.delivered(message, notify.now())
