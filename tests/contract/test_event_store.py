"""What every event store promises, on each implementation."""

from __future__ import annotations

import secrets
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from chassis.event_store import EventStore, VersionConflict
from chassis.outbox import Relay
from chassis.stored_events import Record, first_broken
from contracts.envelope import Envelope
from contracts.errors import InternalFault, Unavailable
from tests.support.engines import Postgres
from tests.support.waiting import until

MakeStore = Callable[[], EventStore]


def record(name: str = "Happened", **data: object) -> Record:
    """An event to be stored."""
    actor = {"user_id": "u", "role": "clerk", "address": "203.0.113.1"}
    return Record(name, datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC), actor, data, "command", "cause", None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store's address."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/events.sqlite"
    engine: Postgres = request.getfixturevalue("postgres")
    schema = f"t{secrets.token_hex(4)}"
    with psycopg.connect(engine.url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    return f"{engine.url}?schema={schema}"


@pytest.fixture
def make(url: str) -> Iterator[MakeStore]:
    """Opens the store, as several processes would."""
    opened: list[EventStore] = []

    def open_store() -> EventStore:
        opened.append(EventStore(url, "certification"))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


def test_a_stream_is_read_as_it_was_appended(make: MakeStore) -> None:
    store = make()
    appended = store.append("s", 0, [record("One", n=1, text="São João"), record("Two", n=2)])
    assert [event.version for event in appended] == [1, 2]
    assert make().read("s") == appended
    assert store.read("s", up_to=1) == appended[:1]
    assert store.read("nothing") == []
    assert appended[1].previous_hash == appended[0].hash


def test_an_append_at_another_version_conflicts_and_stores_nothing(make: MakeStore) -> None:
    store = make()
    store.append("s", 0, [record()])
    for expected in (0, 2):
        with pytest.raises(VersionConflict):
            store.append("s", expected, [record(), record()])
    assert len(store.read("s")) == 1
    assert len(store.notifications(0, 10)) == 1


def test_a_stream_is_extended_after_whatever_is_there(make: MakeStore) -> None:
    store = make()
    first = store.extend("s", [record("One")])
    second = make().extend("s", [record("Two"), record("Three")])
    assert [event.version for event in (*first, *second)] == [1, 2, 3]
    assert store.read("s") == [*first, *second]


def test_of_racing_extensions_none_is_lost(make: MakeStore) -> None:
    # given four stores that extend one stream at the same time
    stores = [make() for _ in range(4)]
    threads = [
        threading.Thread(target=lambda store=store: [store.extend("s", [record()]) for _ in range(10)]) for store in stores
    ]

    # when all have ended
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # then every event is there, in one intact chain
    assert len(stores[0].read("s")) == 40


def test_of_racing_appends_one_wins(make: MakeStore) -> None:
    stores = [make() for _ in range(4)]
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def race(store: EventStore) -> None:
        barrier.wait()
        try:
            store.append("s", 0, [record()])
            outcomes.append("won")
        except VersionConflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=race, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost", "lost", "lost", "won"]
    assert len(stores[0].read("s")) == 1


def test_a_follower_misses_nothing_while_others_write(make: MakeStore) -> None:
    writers, reader = [make() for _ in range(3)], make()
    seen: list[tuple[str, int]] = []
    finished = threading.Event()

    def write(number: int) -> None:
        for stream in range(30):
            writers[number].append(f"{number}-{stream}", 0, [record(), record()])

    def follow() -> None:
        position = 0
        while True:
            last_look = finished.is_set()
            found = reader.notifications(position, 50)
            seen.extend((event.stream_id, event.version) for _, event in found)
            position = found[-1][0] if found else position
            if last_look:
                return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    follower = threading.Thread(target=follow)
    for thread in (*threads, follower):
        thread.start()
    for thread in threads:
        thread.join()
    finished.set()
    follower.join()
    expected = {(f"{number}-{stream}", version) for number in range(3) for stream in range(30) for version in (1, 2)}
    assert set(seen) == expected
    assert len(seen) == len(expected)


def test_positions_only_grow(make: MakeStore) -> None:
    store = make()
    assert store.position("views") == 0
    store.save_position("views", 5)
    store.save_position("views", 3)
    store.save_position("other", 1)
    assert (make().position("views"), store.position("other")) == (5, 1)


def test_it_is_an_outbox_in_commit_order(make: MakeStore) -> None:
    store = make()
    woken: list[bool] = []
    store.notify(lambda: woken.append(True))
    store.append("a", 0, [record("One", emission_id="a")])
    store.append("b", 0, [record("Two", emission_id="b")])
    assert len(woken) == 2
    waiting = store.pending(10)
    envelopes = [pending.envelope for pending in waiting]
    assert [(one.source, one.type, one.subject, one.emission_id) for one in envelopes] == [
        ("certification", "One", "a", "a"),
        ("certification", "Two", "b", "b"),
    ]
    assert envelopes[0].cause == "cause"
    assert envelopes[0].actor == {"user_id": "u", "role": "clerk"}
    store.mark_sent(waiting[:1])
    store.mark_sent(waiting[:1])
    (rest,) = make().pending(10)
    assert rest.envelope == envelopes[1]
    store.mark_sent([rest])
    assert store.pending(10) == []


def test_a_changed_event_shows(make: MakeStore, url: str) -> None:
    store = make()
    store.append("s", 0, [record(n=1), record(n=2), record(n=3)])
    _tamper(url)
    with pytest.raises(InternalFault) as refused:
        store.read("s")
    assert refused.value.details["version"] == 2
    assert first_broken("s", store.read_unchecked("s")) == 2


def test_a_stream_under_another_name_shows(make: MakeStore) -> None:
    store = make()
    events = store.append("s", 0, [record()])
    assert first_broken("s", events) is None
    assert first_broken("t", events) == 1


def test_processes_may_start_together(url: str) -> None:
    program = f"from chassis.event_store import EventStore; EventStore({url!r}, 'x').check()"
    started = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(4)]
    assert [process.communicate()[1] for process in started] == [b""] * 4


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(ValueError, match="sqlite"):
        EventStore("mysql://x/y", "x")


def test_a_lost_engine_is_unavailable(tmp_path: Path) -> None:
    store = EventStore(f"sqlite:///{tmp_path}/events.sqlite", "x")
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        connection.execute("DROP TABLE tracking")
    with pytest.raises(Unavailable):
        store.position("views")
    store.close()


def _tamper(url: str) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            (state,) = connection.execute("SELECT state FROM stored_events WHERE originator_version=2").fetchone()
            changed = bytes(state).replace(b'"n":2', b'"n":9')
            connection.execute("UPDATE stored_events SET state=? WHERE originator_version=2", (changed,))
        return
    schema = url.rpartition("=")[2]
    with psycopg.connect(url.partition("?")[0], autocommit=True) as connection:
        table = f"{schema}.stored_events".encode()
        row = connection.execute(b"SELECT state FROM " + table + b" WHERE originator_version=2").fetchone()
        assert row is not None
        changed = bytes(row[0]).replace(b'"n":2', b'"n":9')
        connection.execute(b"UPDATE " + table + b" SET state=%s WHERE originator_version=2", (changed,))


class Kept:
    """A publisher that remembers, and whose process dies (once) between a confirm and the mark."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def publish(self, envelope: Envelope) -> None:
        self.ids.append(envelope.id)

    def idle(self) -> None:
        return

    def close(self) -> None:
        return


def test_a_relay_that_dies_between_publication_and_mark_loses_nothing(make: MakeStore, monkeypatch: pytest.MonkeyPatch) -> None:
    # given three stored events, published by a relay that died before it could remember it
    store, broker = make(), Kept()
    stored = store.append("a", 0, [record(emission_id="a") for _ in range(3)])
    with monkeypatch.context() as dying:
        dying.setattr(store, "mark_sent", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            Relay(store, broker, "test").move_batch()
    # when its successor goes on
    assert Relay(make(), broker, "test").move_batch() == 3
    # then each was published, some of them twice, and nothing waits
    assert set(broker.ids) == {event.id for event in stored}
    assert store.pending(10) == []


def test_two_relays_at_once_lose_nothing_and_never_go_back(make: MakeStore) -> None:
    writer, broker = make(), Kept()
    stored: list[str] = []
    relays = [Relay(make(), broker, f"test {number}") for number in range(2)]
    threads = [threading.Thread(target=relay.run) for relay in relays]
    for thread in threads:
        thread.start()
    for stream in range(40):
        stored += [event.id for event in writer.append(f"s{stream}", 0, [record(emission_id="e"), record(emission_id="e")])]
        for relay in relays:
            relay.wake()
    until(lambda: not writer.pending(10), what="an empty outbox")
    for relay in relays:
        relay.stop()
    for thread in threads:
        thread.join(10)
    assert set(broker.ids) == set(stored)
    assert writer.position("certification.outbox") == len(writer.notifications(0, 1000))
