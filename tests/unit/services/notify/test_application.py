"""Sending once, trying again a bounded number of times, and saying what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.errors import LinkUnusable, Unavailable
from services.notify.application import DeliveryDelayed, DeliveryRefused, Notify, deliver
from services.notify.model import ATTEMPTS, Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED = {
    "message_id": "m1",
    "emission_id": "e1",
    "purpose": "invitation",
    "channel": "email",
    "address_masked": "m***@example.com",
}


class Channel:
    """Takes what it is given, or fails as told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.sent: list[str] = []

    def send(self, message: Mapping[str, Any]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message["message_id"])


class Store:
    """In memory."""

    def __init__(self) -> None:
        self.saved: dict[str, Message] = {}

    def get(self, message_id: str) -> Message | None:
        return self.saved.get(message_id)

    def of_emission(self, emission_id: str) -> list[Message]:
        return [message for message in self.saved.values() if message.emission_id == emission_id]

    def save(self, message: Message, cause: str | None) -> None:
        self.saved[message.message_id] = message


def given(channel: Channel) -> tuple[Notify, Store]:
    store = Store()
    return Notify(store, {"email": channel}, lambda: NOW), store


def outgoing(message_id: str) -> dict[str, Any]:
    return {"message_id": message_id}


def test_a_message_is_sent_once_however_often_it_is_asked_for() -> None:
    channel = Channel()
    notify, store = given(channel)
    deliver(notify, outgoing, ASKED, "event-1")
    deliver(notify, outgoing, ASKED, "event-1")
    assert channel.sent == ["m1"]
    assert store.saved["m1"].state == "delivered"


def test_a_delay_asks_for_another_try() -> None:
    channel = Channel(DeliveryDelayed("busy"))
    notify, store = given(channel)
    with pytest.raises(Unavailable):
        deliver(notify, outgoing, ASKED, "event-1")
    assert (store.saved["m1"].state, store.saved["m1"].reason) == ("queued", "busy")
    deliver(notify, outgoing, ASKED, "event-1")
    assert store.saved["m1"].state == "delivered"


def test_the_last_try_ends_in_a_visible_failure() -> None:
    channel = Channel(*[DeliveryDelayed("busy")] * ATTEMPTS)
    notify, store = given(channel)
    for _ in range(ATTEMPTS - 1):
        with pytest.raises(Unavailable):
            deliver(notify, outgoing, ASKED, "event-1")
    deliver(notify, outgoing, ASKED, "event-1")
    assert (store.saved["m1"].state, store.saved["m1"].attempts) == ("failed", ATTEMPTS)


def test_an_address_that_does_not_exist_fails_at_once() -> None:
    notify, store = given(Channel(DeliveryRefused("no such address")))
    deliver(notify, outgoing, ASKED, "event-1")
    assert (store.saved["m1"].state, store.saved["m1"].reason) == ("failed", "no such address")


def test_what_certification_no_longer_wants_sent_is_not_sent() -> None:
    channel = Channel()
    notify, store = given(channel)

    def superseded(message_id: str) -> dict[str, Any]:
        raise LinkUnusable(reason="superseded")

    deliver(notify, superseded, ASKED, "event-1")
    assert channel.sent == []
    assert store.saved["m1"].reason == "link_unusable"
