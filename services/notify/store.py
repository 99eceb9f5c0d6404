"""Messages as documents, each with the event that says what became of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.clock import NewId
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.envelope import Envelope
from contracts.notify import NOTIFICATION_DELIVERED, NOTIFICATION_FAILED
from services.notify import model
from services.notify.model import Message


class DocumentMessages:
    """The store on MongoDB's wire. See :class:`services.notify.application.Messages`."""

    def __init__(self, documents: DocumentStore, new_id: NewId) -> None:
        self._documents = documents
        self._new_id = new_id

    def prepare(self) -> None:
        """Make the indexes."""
        self._documents.prepare(["emission_id"])

    def claim(self, message: Message, worker: str, at: datetime) -> Message | None:
        """See :class:`Messages`."""
        claimed: list[Message] = []

        def decide(state: dict[str, Any] | None) -> Change | None:
            claimed.clear()
            taken = model.claim(_message(state) if state else message, worker, at)
            if taken is None:
                return None
            claimed.append(taken)
            return Change(asdict(taken))

        self._documents.change(message.message_id, decide)
        return claimed[0] if claimed else None

    def of_emission(self, emission_id: str) -> list[Message]:
        """See :class:`Messages`."""
        found = [_message(state) for state in self._documents.find({"emission_id": emission_id})]
        return sorted(found, key=lambda message: message.queued_at, reverse=True)

    def save(self, message: Message, cause: str | None) -> None:
        """See :class:`Messages`."""
        said = self._envelope(message, cause)

        def decide(state: dict[str, Any] | None) -> Change | None:
            if state and state["state"] != "queued":
                return None  # another worker was faster: its word stands
            return Change(asdict(message), [said])

        self._documents.change(message.message_id, decide)

    def _envelope(self, message: Message, cause: str | None) -> Envelope:
        kind = NOTIFICATION_DELIVERED if message.state == "delivered" else NOTIFICATION_FAILED
        data = {
            "message_id": message.message_id,
            "emission_id": message.emission_id,
            "purpose": message.purpose,
            "channel": message.channel,
            "attempts": message.attempts,
        }
        if kind is NOTIFICATION_FAILED:
            data |= {"reason": message.reason, "final": message.state == "failed"}
        return envelope(
            kind,
            message.message_id,
            data,
            event_id=self._new_id(),
            time=message.updated_at,
            emission_id=message.emission_id,
            cause=cause,
        )


def _message(state: dict[str, Any]) -> Message:
    return Message(**{key: value for key, value in state.items() if key in Message.__slots__})
