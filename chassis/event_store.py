"""Streams of events: append with an expected version, read, follow in one gap-safe order. Also the source of an outbox.

A thin adapter on the recorders of the ``eventsourcing`` library, for SQLite and PostgreSQL. Each stored event names the hash of
the one before it in its stream, so that a later change of any of them shows.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from eventsourcing.persistence import (
    InfrastructureFactory,
    IntegrityError,
    OperationalError,
    PersistenceError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
    Tracking,
)

from chassis import deadline
from chassis.outbox import Pending
from chassis.stored_events import Record, Stored, content_hash, content_of, first_broken, first_previous_hash
from contracts.envelope import Envelope
from contracts.errors import InternalFault, Unavailable

START_ATTEMPTS = 20
EXTEND_ATTEMPTS = 50
LOCK_SECONDS = 5
CONNECT_SECONDS = 5


class VersionConflict(Exception):
    """Somebody else appended to the stream meanwhile: read it again and decide anew."""


class EventStore:
    """``url``: ``sqlite:///path`` (absolute) or ``postgresql://user:password@host:port/database?schema=name``.

    ``source`` is whose events these are once they are published.
    """

    def __init__(self, url: str, source: str, on_stored: Callable[[], None] = lambda: None) -> None:
        self._source = source
        self._on_stored = on_stored
        self._recorder = _recorder(url)

    def notify(self, on_stored: Callable[[], None]) -> None:
        """Whom to tell when events were stored (the relay)."""
        self._on_stored = on_stored

    def append(self, stream_id: str, expected_version: int, records: Sequence[Record]) -> list[Stored]:
        """Append, all or nothing; raises :class:`VersionConflict` where the stream is not at ``expected_version`` (0: new)."""
        version, previous = self._last(stream_id)
        if version != expected_version:
            raise VersionConflict(stream_id)
        return self._append(stream_id, version, previous, records)

    def extend(self, stream_id: str, records: Sequence[Record]) -> list[Stored]:
        """Append to a stream on which nothing is decided: after whatever is there. Reads its last event only."""
        for _ in range(EXTEND_ATTEMPTS):
            with contextlib.suppress(VersionConflict):
                return self._append(stream_id, *self._last(stream_id), records)
        raise Unavailable("the stream is appended to too often at once", reason="event_store", stream=stream_id)

    def _append(self, stream_id: str, last_version: int, previous: str, records: Sequence[Record]) -> list[Stored]:
        stored: list[Stored] = []
        for version, record in enumerate(records, start=last_version + 1):
            digest = content_hash(content_of(version, record, previous))
            stored.append(Stored(stream_id, version, record, previous, digest))
            previous = digest
        with _translated():
            try:
                self._recorder.insert_events([_to_row(event) for event in stored])
            except IntegrityError as error:
                raise VersionConflict(stream_id) from error
        self._on_stored()
        return stored

    def read(self, stream_id: str, up_to: int | None = None) -> list[Stored]:
        """A stream from its start, checked; raises :class:`InternalFault` where its hash chain is broken."""
        events = self.read_unchecked(stream_id, up_to)
        broken_at = first_broken(stream_id, events)
        if broken_at is not None:
            raise InternalFault("a stored history was altered", reason="broken_chain", stream=stream_id, version=broken_at)
        return events

    def read_unchecked(self, stream_id: str, up_to: int | None = None) -> list[Stored]:
        """As :meth:`read`, for who checks and reports the chain himself."""
        with _translated():
            return [_from_row(row) for row in self._recorder.select_events(stream_id, lte=up_to)]

    def notifications(self, after: int, limit: int) -> list[tuple[int, Stored]]:
        """Events of all streams in the order of their commits, with their positions; no gap closes behind the reader."""
        with _translated():
            return [(row.id, _from_row(row)) for row in self._recorder.select_notifications(after + 1, limit)]

    def position(self, follower: str) -> int:
        """Up to which position a follower has come (0: nowhere)."""
        with _translated():
            return self._recorder.max_tracking_id(follower) or 0

    def save_position(self, follower: str, position: int) -> None:
        """Remember a follower's position; an older one than is known changes nothing."""
        with _translated(), contextlib.suppress(IntegrityError):
            self._recorder.insert_tracking(Tracking(follower, position))

    def pending(self, limit: int) -> list[Pending]:
        """See :class:`chassis.outbox.OutboxSource`."""
        after = self.position(self._outbox)
        return [Pending(self._envelope(event), position) for position, event in self.notifications(after, limit)]

    def mark_sent(self, sent: Sequence[Pending]) -> None:
        """See :class:`chassis.outbox.OutboxSource`."""
        if sent:
            self.save_position(self._outbox, max(pending.mark for pending in sent))

    def check(self) -> None:
        """Raises where the store does not answer (health)."""
        self.position(self._outbox)

    def close(self) -> None:
        """End the connections."""
        self._recorder.datastore.close()

    @property
    def _outbox(self) -> str:
        return f"{self._source}.outbox"

    def _last(self, stream_id: str) -> tuple[int, str]:
        """Version and hash of a stream's last event: what the next one follows."""
        with _translated():
            last = list(self._recorder.select_events(stream_id, desc=True, limit=1))
        return (last[0].originator_version, _from_row(last[0]).hash) if last else (0, first_previous_hash(stream_id))

    def _envelope(self, event: Stored) -> Envelope:
        record = event.record
        return Envelope(
            id=event.id,
            source=self._source,
            type=record.type,
            subject=event.stream_id,
            time=record.time,
            data=dict(record.data),
            traceparent=record.traceparent,
            emission_id=record.data.get("emission_id"),
            cause=record.cause,
            # The network address stays in the history: who may read it is asked first; a queue asks nobody.
            actor={key: value for key, value in record.actor.items() if key != "address"},
        )


def _to_row(event: Stored) -> StoredEvent:
    body = {"id": event.id, **event.content(), "hash": event.hash, "traceparent": event.record.traceparent}
    state = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return StoredEvent(event.stream_id, event.version, event.record.type, state)


def _from_row(row: StoredEvent) -> Stored:
    body = json.loads(bytes(row.state))
    record = Record(
        type=body["type"],
        time=datetime.fromisoformat(body["time"]),
        actor=body["actor"],
        data=body["data"],
        command_id=body["command_id"],
        cause=body["cause"],
        traceparent=body.get("traceparent"),
    )
    return Stored(str(row.originator_id), row.originator_version, record, body["previous_hash"], body["hash"])


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    deadline.bounded(LOCK_SECONDS)
    try:
        yield
    except IntegrityError:
        raise
    except PersistenceError as error:
        raise Unavailable("the event store does not answer", reason="event_store", error=type(error).__name__) from error


def _recorder(url: str) -> Any:
    factory: Any = InfrastructureFactory.construct({"ORIGINATOR_ID_TYPE": "text", "CREATE_TABLE": "n", **_environment(url)})
    if factory.env.get("PERSISTENCE_MODULE") == "eventsourcing.sqlite":
        _make_durable(factory.datastore.pool)
    recorder: Any = factory.process_recorder()
    _create_tables(recorder)
    return recorder


def _environment(url: str) -> dict[str, str]:
    """The library's settings for our URL. PostgreSQL in its stock mode: its database functions leave gaps for followers."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = Path("/" + parts.path.lstrip("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(path),
            "SQLITE_LOCK_TIMEOUT": str(LOCK_SECONDS),
        }
    if parts.scheme != "postgresql":
        raise ValueError("an event store is sqlite:///path or postgresql://user:password@host:port/database")
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_HOST": parts.hostname or "127.0.0.1",
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": unquote(parts.username or ""),
        "POSTGRES_PASSWORD": unquote(parts.password or ""),
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_SCHEMA": parse_qs(parts.query).get("schema", [""])[0],
        "POSTGRES_POOL_SIZE": "2",
        "POSTGRES_MAX_OVERFLOW": "8",
        "POSTGRES_PRE_PING": "y",
        "POSTGRES_LOCK_TIMEOUT": str(LOCK_SECONDS),
        "POSTGRES_CONNECT_TIMEOUT": str(CONNECT_SECONDS),
    }


def _make_durable(pool: Any) -> None:
    """An acknowledged event survives a power cut: each commit reaches the disk (WAL is the library's own choice)."""
    create = pool._create_connection

    def create_durable() -> Any:
        connection = create()
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")
        return connection

    pool._create_connection = create_durable


def _create_tables(recorder: ProcessRecorder) -> None:
    """Create what is missing. Processes that start together may get in one another's way: whoever loses looks again."""
    for attempt in range(START_ATTEMPTS):
        try:
            recorder.max_tracking_id("start")
            return
        except (ProgrammingError, OperationalError):
            if attempt == START_ATTEMPTS - 1:
                raise
        with contextlib.suppress(PersistenceError):
            recorder.create_table()  # type: ignore[attr-defined]
            continue
        time.sleep(0.1)
