"""A peer that takes the connection and never says a word: everything that talks to one ends with its time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from chassis import deadline
from chassis.callers import PooledCaller
from chassis.documents import DocumentStore, connect
from chassis.objects import S3ObjectStore
from chassis.settings import DocumentSettings, ObjectSettings
from contracts.actor import system
from contracts.errors import Unavailable
from tests.support.answering import REMEMBER


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a listener that accepts nothing: the system completes the handshake, and that is all."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


def refusal(work: Callable[[], object], seconds: float = 1.0) -> tuple[str | None, float]:
    begun = time.monotonic()
    with pytest.raises(Unavailable) as raised, deadline.within(seconds):
        work()
    return raised.value.reason, time.monotonic() - begun


def test_documents(silent: int) -> None:
    store = DocumentStore(connect(DocumentSettings(f"mongodb://127.0.0.1:{silent}/?directConnection=true", "d")), "things")
    reason, took = refusal(lambda: store.get("one"))
    assert reason == "documents"
    assert took < 2.5


def test_objects(silent: int) -> None:
    store = S3ObjectStore(ObjectSettings(f"127.0.0.1:{silent}", "key", "secret", False, "p-"))
    reason, took = refusal(lambda: store.get("bucket", "one"))
    assert reason == "objects"
    assert took < 2.5
    reason, took = refusal(lambda: store.put("bucket", "one", b"x", "text/plain"))
    assert reason == "objects"
    assert took < 2.5


def test_the_broker(silent: int) -> None:
    ask = PooledCaller(f"amqp://guest:guest@127.0.0.1:{silent}/")
    reason, took = refusal(lambda: ask(REMEMBER, {"word": "x"}, actor=system("test")))
    ask.close()
    assert reason == "broker"
    assert took < 2.5
