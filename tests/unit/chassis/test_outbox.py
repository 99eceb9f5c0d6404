"""The relay publishes in order, marks what was confirmed, and never marks what was not."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from chassis.outbox import Pending, Relay
from contracts.envelope import Envelope


def event(number: int) -> Pending:
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC)
    return Pending(Envelope(f"e{number}", "registry", "PersonRegistered", "p1", moment, {}), number)


class Source:
    """Waiting events in memory."""

    def __init__(self, *waiting: Pending) -> None:
        self.waiting = list(waiting)

    def pending(self, limit: int) -> Sequence[Pending]:
        return self.waiting[:limit]

    def mark_sent(self, sent: Sequence[Pending]) -> None:
        self.waiting = [pending for pending in self.waiting if pending not in sent]


class Broker:
    """Confirms, or fails at a certain event as often as told."""

    def __init__(self, fails_at: str = "", times: int = 0) -> None:
        self.fails_at = fails_at
        self.times = times
        self.published: list[str] = []
        self.all_there = threading.Event()

    def publish(self, envelope: Envelope) -> None:
        if envelope.id == self.fails_at and self.times:
            self.times -= 1
            raise OSError("connection lost")
        self.published.append(envelope.id)
        if envelope.id == "e3":
            self.all_there.set()

    def idle(self) -> None:
        return

    def close(self) -> None:
        return


class Turns:
    """A lease whose turns are given: how many times it is held before another replica has it."""

    def __init__(self, held: int) -> None:
        self.left = held
        self.released = False

    def held(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def release(self) -> None:
        self.released = True


def test_events_leave_in_order_and_are_marked() -> None:
    source, broker = Source(event(1), event(2), event(3)), Broker()
    assert Relay(source, broker, "test").move_batch() == 3
    assert broker.published == ["e1", "e2", "e3"]
    assert source.waiting == []


def test_what_was_not_confirmed_stays() -> None:
    source, broker = Source(event(1), event(2), event(3)), Broker("e2", 1)
    with pytest.raises(OSError, match="lost"):
        Relay(source, broker, "test").move_batch()
    assert [pending.envelope.id for pending in source.waiting] == ["e2", "e3"]


def test_trouble_costs_nothing_but_delay() -> None:
    source, broker = Source(event(1), event(2), event(3)), Broker("e2", 1)
    relay = Relay(source, broker, "test")
    thread = threading.Thread(target=relay.run)
    thread.start()
    assert broker.all_there.wait(10)
    relay.stop()
    thread.join(10)
    assert broker.published == ["e1", "e2", "e3"]
    assert source.waiting == []


def test_nothing_is_published_while_it_is_another_replicas_turn() -> None:
    source, broker = Source(event(1)), Broker()
    assert Relay(source, broker, "test", Turns(0)).move_batch() == 0
    assert (broker.published, len(source.waiting)) == ([], 1)


def test_a_turn_that_ends_in_the_midst_of_a_batch_ends_it_before_the_next_publication() -> None:
    source, broker = Source(event(1), event(2), event(3)), Broker()
    assert Relay(source, broker, "test", Turns(3)).move_batch() == 2
    assert broker.published == ["e1", "e2"]
    assert [pending.envelope.id for pending in source.waiting] == ["e3"]


def test_a_relay_that_ends_gives_way() -> None:
    lease = Turns(1)
    relay = Relay(Source(), Broker(), "test", lease)
    relay.stop()
    relay.run()
    assert lease.released
