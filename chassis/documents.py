"""Documents that carry their own version, their recent commands' replies and the events that wait to be published.

One ``replace_one`` with a version check stores a change, its events and the answer to its command in one atomic write.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, DuplicateKeyError, ExecutionTimeout, PyMongoError, WaitQueueTimeoutError

from chassis import deadline
from chassis.outbox import Pending
from chassis.settings import DocumentSettings
from contracts.envelope import Envelope
from contracts.errors import Unavailable

KEPT_COMMANDS = 50
ATTEMPTS = 40
LONGEST_PAUSE_SECONDS = 0.1
OPERATION_SECONDS = 10.0
SELECTION_SECONDS = 5.0
"""For so long an operation waits for a store that is away: a restart costs nothing but delay."""
CONNECT_SECONDS = 3.0
POOL_CONNECTIONS = 50
RESERVED = frozenset({"_id", "revision", "waiting", "outbox", "commands"})


def connect(settings: DocumentSettings) -> Database[dict[str, Any]]:
    """The database of a service; connects lazily, every operation has a time limit."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.url,
        tz_aware=True,
        serverSelectionTimeoutMS=round(SELECTION_SECONDS * 1000),
        connectTimeoutMS=round(CONNECT_SECONDS * 1000),
        timeoutMS=round(OPERATION_SECONDS * 1000),
        maxPoolSize=POOL_CONNECTIONS,
        retryWrites=False,
    )
    return client[settings.database]


@contextmanager
def in_time() -> Iterator[None]:
    """Operations of this block end with the work's deadline; a store that does not answer is :class:`Unavailable`."""
    try:
        with pymongo.timeout(deadline.bounded(OPERATION_SECONDS)):
            yield
    except (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError) as error:
        raise _unavailable(error) from error
    except PyMongoError as error:
        if not error.timeout:
            raise
        raise _unavailable(error) from error


def _unavailable(error: PyMongoError) -> Unavailable:
    return Unavailable("the document store does not answer", reason="documents", error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision wants stored: the new state, the events that say so, the answer to the command."""

    state: Mapping[str, Any]
    events: Sequence[Envelope] = ()
    reply: Any = None


@dataclass(frozen=True, slots=True)
class Document:
    """A stored state with its revision."""

    id: str
    state: dict[str, Any]
    revision: int
    commands: dict[str, Any] = field(default_factory=dict)
    outbox: list[dict[str, Any]] = field(default_factory=list)


Decide = Callable[[dict[str, Any] | None], Change | None]
"""From the present state (None: not there) to a change (None: nothing to do); raises typed errors to refuse."""


class DocumentStore:
    """One collection of such documents; also the source of its outbox."""

    def __init__(self, database: Database[dict[str, Any]], name: str, on_stored: Callable[[], None] = lambda: None) -> None:
        self.collection: Collection[dict[str, Any]] = database[name]
        self._on_stored = on_stored

    def prepare(self, indexes: Iterable[Any] = ()) -> None:
        """Make the indexes: each a key or a list of (key, direction)."""
        self.collection.create_index([("waiting", 1)])
        for index in indexes:
            self.collection.create_index(index)

    def notify(self, on_stored: Callable[[], None]) -> None:
        """Whom to tell when events were stored (the relay)."""
        self._on_stored = on_stored

    def get(self, document_id: str) -> dict[str, Any] | None:
        """The state by id."""
        found = self.load(document_id)
        return found.state if found else None

    def load(self, document_id: str) -> Document | None:
        """The state with its revision."""
        with in_time():
            raw = self.collection.find_one({"_id": document_id})
        return _document(raw) if raw else None

    def find(self, query: Mapping[str, Any], sort: Sequence[tuple[str, int]] = (), limit: int = 0) -> list[dict[str, Any]]:
        """States that match; ``query`` should use an index."""
        with in_time():
            cursor = self.collection.find(query, limit=limit)
            if sort:
                cursor = cursor.sort(list(sort))
            return [_document(raw).state for raw in cursor]

    def change(self, document_id: str, decide: Decide, command_id: str | None = None) -> Any:
        """Decide on the present state and store the result; on a lost race decide anew.

        A command id that the document knows changes nothing and returns the first answer.
        """
        for attempt in range(ATTEMPTS):
            _pause(attempt)
            present = self.load(document_id)
            if present and command_id and command_id in present.commands:
                return present.commands[command_id]
            change = decide(present.state if present else None)
            if change is None:
                return None
            with in_time():
                stored = self._store(document_id, present, change, command_id)
            if stored:
                if change.events:
                    self._on_stored()
                return change.reply
        raise Unavailable("the document is changed too often at once", document=document_id)

    def _store(self, document_id: str, present: Document | None, change: Change, command_id: str | None) -> bool:
        clash = RESERVED.intersection(change.state)
        if clash:
            raise ValueError(f"reserved keys in a state: {sorted(clash)}")
        commands = dict(present.commands) if present else {}
        if command_id:
            commands[command_id] = change.reply
        kept = dict(list(commands.items())[-KEPT_COMMANDS:])
        raw = {
            "_id": document_id,
            "revision": (present.revision if present else 0) + 1,
            "commands": [{"id": key, "reply": reply} for key, reply in kept.items()],
            **change.state,
        }
        waiting = [envelope.to_dict() for envelope in change.events]
        if present is None:
            try:
                self.collection.insert_one({**raw, "outbox": waiting, "waiting": len(waiting)})
            except DuplicateKeyError:
                return False
            return True
        # The relay empties the outbox without a new revision: the count tells whether it did so since the look.
        outbox = [*present.outbox, *waiting]
        result = self.collection.replace_one(
            {"_id": document_id, "revision": present.revision, "waiting": len(present.outbox)},
            {**raw, "outbox": outbox, "waiting": len(outbox)},
        )
        return result.matched_count == 1

    def pending(self, limit: int) -> list[Pending]:
        """See :class:`chassis.outbox.OutboxSource`; within a document in order, across documents by event time."""
        found: list[Pending] = []
        with in_time():
            for raw in self.collection.find({"waiting": {"$gt": 0}}, {"outbox": 1}, limit=limit):
                found += [Pending(Envelope.from_dict(body), raw["_id"]) for body in raw["outbox"]]
        return sorted(found, key=lambda pending: pending.envelope.time)[:limit]

    def mark_sent(self, sent: Sequence[Pending]) -> None:
        """See :class:`chassis.outbox.OutboxSource`."""
        by_document: dict[str, set[str]] = {}
        for pending in sent:
            by_document.setdefault(pending.mark, set()).add(pending.envelope.id)
        for document_id, ids in by_document.items():
            self._remove_from_outbox(document_id, ids)

    def _remove_from_outbox(self, document_id: str, ids: set[str]) -> None:
        for attempt in range(ATTEMPTS):
            _pause(attempt)
            with in_time():
                if self._try_to_remove(document_id, ids):
                    return
        raise Unavailable("the document is changed too often at once", document=document_id)

    def _try_to_remove(self, document_id: str, ids: set[str]) -> bool:
        raw = self.collection.find_one({"_id": document_id}, {"outbox": 1, "revision": 1})
        if raw is None:
            return True
        outbox = raw.get("outbox", [])
        rest = [body for body in outbox if body["id"] not in ids]
        result = self.collection.update_one(
            {"_id": document_id, "revision": raw["revision"], "waiting": len(outbox)},
            {"$set": {"outbox": rest, "waiting": len(rest)}},
        )
        return result.matched_count == 1


def _pause(attempt: int) -> None:
    """After a lost race, step aside for a moment of random length, so that the same writers do not meet again."""
    if attempt:
        longest = min(0.002 * 2**attempt, LONGEST_PAUSE_SECONDS)
        time.sleep(random.uniform(0, longest))  # noqa: S311 - not a secret


def _document(raw: dict[str, Any]) -> Document:
    state = {key: value for key, value in raw.items() if key not in RESERVED}
    commands = {entry["id"]: entry["reply"] for entry in raw.get("commands", [])}
    return Document(raw["_id"], state, raw["revision"], commands, raw.get("outbox", []))


class CombinedOutbox:
    """Several stores' outboxes as one source."""

    def __init__(self, *stores: DocumentStore) -> None:
        self._stores = stores

    def pending(self, limit: int) -> list[Pending]:
        """See :class:`chassis.outbox.OutboxSource`."""
        found = [Pending(pending.envelope, (store, pending.mark)) for store in self._stores for pending in store.pending(limit)]
        return sorted(found, key=lambda pending: pending.envelope.time)[:limit]

    def mark_sent(self, sent: Sequence[Pending]) -> None:
        """See :class:`chassis.outbox.OutboxSource`."""
        for store in self._stores:
            own = [Pending(pending.envelope, pending.mark[1]) for pending in sent if pending.mark[0] is store]
            if own:
                store.mark_sent(own)
