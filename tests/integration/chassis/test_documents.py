"""Documents with versions, commands and outbox, on the real store."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.clock import new_id
from chassis.documents import Change, DocumentStore, connect
from chassis.settings import DocumentSettings
from contracts.envelope import Envelope
from tests.support.engines import Documents

pytestmark = pytest.mark.integration


@pytest.fixture
def store(document_engine: Documents) -> DocumentStore:
    database = connect(DocumentSettings(document_engine.url, f"documents_{secrets.token_hex(4)}"))
    store = DocumentStore(database, "counters")
    store.prepare()
    return store


def counted(state: dict[str, Any] | None) -> Change:
    number = (state or {"number": 0})["number"] + 1
    moment = datetime(2026, 11, 22, 12, 0, number % 60, tzinfo=UTC)
    return Change({"number": number}, [Envelope(new_id(), "registry", "Counted", "c", moment, {"number": number})], number)


def test_concurrent_changes_are_all_kept(store: DocumentStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: store.change("c", counted), range(40)))
    assert sorted(replies) == list(range(1, 41))
    assert store.get("c") == {"number": 40}
    assert len(store.pending(1000)) == 40


def test_a_repeated_command_changes_nothing(store: DocumentStore) -> None:
    assert [store.change("c", counted, "command-1") for _ in range(3)] == [1, 1, 1]
    assert store.change("c", counted, "command-2") == 2


def test_a_refusal_stores_nothing(store: DocumentStore) -> None:
    def refuse(state: dict[str, Any] | None) -> Change:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.change("c", refuse)
    assert store.get("c") is None


def test_the_outbox_empties_while_the_document_changes(store: DocumentStore) -> None:
    seen: list[str] = []

    def relay() -> None:
        while len(seen) < 30:
            waiting = store.pending(5)
            store.mark_sent(waiting)
            seen.extend(pending.envelope.id for pending in waiting)

    with ThreadPoolExecutor(4) as pool:
        emptied = pool.submit(relay)
        list(pool.map(lambda _: store.change("c", counted), range(30)))
        emptied.result(30)
    assert len(set(seen)) == 30
    assert store.pending(10) == []
