"""Sending once, trying again a bounded number of times, and saying what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.errors import LinkUnusable, Unavailable
from services.notify import model
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


class MemoryUnsaved(dict[str, Message]):
    """Outlives the worker, as files do."""

    def keep(self, message: Message) -> None:
        self[message.message_id] = message

    def forget(self, message_id: str) -> None:
        self.pop(message_id, None)


class Store:
    """In memory."""

    def __init__(self) -> None:
        self.saved: dict[str, Message] = {}
        self.away = False
        self.unsaved = MemoryUnsaved()

    def claim(self, message: Message, worker: str, at: datetime) -> Message | None:
        taken = model.claim(self.saved.get(message.message_id, message), worker, at)
        if taken:
            self.saved[message.message_id] = taken
        return taken

    def of_emission(self, emission_id: str) -> list[Message]:
        return [message for message in self.saved.values() if message.emission_id == emission_id]

    def save(self, message: Message, cause: str | None) -> None:
        if self.away:
            raise Unavailable("the document store does not answer")
        self.saved[message.message_id] = message


def given(channel: Channel, worker: str = "host:/work:0", store: Store | None = None) -> tuple[Notify, Store]:
    kept = store or Store()
    return Notify(kept, {"email": channel}, kept.unsaved, lambda: NOW, worker), kept


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


def test_a_certification_that_does_not_answer_is_no_attempt() -> None:
    notify, store = given(Channel())

    def away(message_id: str) -> dict[str, Any]:
        raise Unavailable("certification does not answer")

    for _ in range(ATTEMPTS + 1):
        with pytest.raises(Unavailable):
            deliver(notify, away, ASKED, "event-1")
    deliver(notify, outgoing, ASKED, "event-1")
    assert (store.saved["m1"].state, store.saved["m1"].attempts) == ("delivered", 1)


def test_the_same_event_delivered_again_meanwhile_waits() -> None:
    channel = Channel()
    notify, _ = given(channel)

    def asks_in_between(message_id: str) -> dict[str, Any]:
        with pytest.raises(Unavailable):
            deliver(notify, outgoing, ASKED, "event-1")
        return outgoing(message_id)

    deliver(notify, asks_in_between, ASKED, "event-1")
    assert channel.sent == ["m1"]


def test_another_worker_waits_for_the_lease_and_a_successor_does_not() -> None:
    # given a worker that died while it handed the message over
    notify, store = given(Channel())
    store.claim(Message(**ASKED, queued_at=NOW, updated_at=NOW), notify.worker, NOW)
    # then another may not take it now, but the one that was given its name may
    channel = Channel()
    with pytest.raises(Unavailable):
        deliver(given(channel, "host:/work:1", store)[0], outgoing, ASKED, "event-1")
    assert channel.sent == []
    deliver(given(channel, store=store)[0], outgoing, ASKED, "event-1")
    assert channel.sent == ["m1"]


def test_what_was_sent_while_the_store_was_away_is_saved_and_not_sent_again() -> None:
    channel = Channel()
    notify, store = given(channel)
    store.away = True
    with pytest.raises(Unavailable):
        deliver(notify, outgoing, ASKED, "event-1")
    store.away = False
    deliver(given(channel, store=store)[0], outgoing, ASKED, "event-1")  # by its successor, should it have been killed meanwhile
    assert channel.sent == ["m1"]
    assert store.saved["m1"].state == "delivered"
    assert not store.unsaved
