"""An event is handled, waits for its next try, or lies dead with its error: never lost."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pika
import pytest

from chassis.clock import new_id
from contracts.envelope import Envelope
from deploy.local.process import Program, answers_http, free_ports
from tests.support import services
from tests.support.engines import Broker, running
from tests.support.events import publish
from tests.support.waiting import until

pytestmark = pytest.mark.integration
QUEUE = "evt-flaky_source-Counted--flaky.on_counted"


@contextlib.contextmanager
def flaky(broker: Broker, folder: Path) -> Iterator[None]:
    (port,) = free_ports(1)
    env = {**services.environment(broker), "FLAKY_FOLDER": str(folder), "TITULAR_HEALTH_PORT": str(port)}
    argv = (sys.executable, "-m", "tests.support.flaky_service")
    with running(Program("flaky", argv, lambda: answers_http(f"http://127.0.0.1:{port}/health/ready"), env), folder):
        yield


def sent(broker: Broker, **data: Any) -> str:
    event_id = new_id()
    publish(broker.url, Envelope(event_id, "flaky_source", "Counted", "c", datetime.now(UTC), data))
    return event_id


def attempts(folder: Path, event_id: str) -> int:
    path = folder / event_id
    return len(path.read_text()) if path.exists() else 0


def dead(broker: Broker) -> list[tuple[str, str]]:
    connection = pika.BlockingConnection(pika.URLParameters(broker.url))
    try:
        channel = connection.channel()
        found = []
        while True:
            method, properties, body = channel.basic_get(f"{QUEUE}.dead")
            if method is None:
                return found
            found.append((body.decode(), properties.headers["x-error"]))
    finally:
        connection.close()  # unacknowledged: they stay


def test_retries_dead_letters_and_a_killed_process(broker: Broker, tmp_path: Path) -> None:
    with flaky(broker, tmp_path):
        well = sent(broker)
        later = sent(broker, fails=1)
        lasting = sent(broker, lasting=True)
        until(lambda: attempts(tmp_path, well) == 1)
        until(lambda: attempts(tmp_path, later) == 2)
        letters = until(lambda: dead(broker))
        assert [(lasting in body, error) for body, error in letters] == [(True, "conflict: never")]
        assert attempts(tmp_path, lasting) == 1
        dies = sent(broker, dies=True)
        until(lambda: attempts(tmp_path, dies) == 1)
    with flaky(broker, tmp_path):
        until(lambda: attempts(tmp_path, dies) == 2)
