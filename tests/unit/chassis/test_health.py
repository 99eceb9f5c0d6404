"""Alive is who answers; ready is whose checks pass; a check that hangs holds up nobody."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from chassis import deadline
from chassis.health import HealthApplication
from tests.support.waiting import until


def get(application: HealthApplication, path: str) -> tuple[str, dict[str, Any]]:
    statuses: list[str] = []
    body = b"".join(application({"PATH_INFO": path}, lambda status, _headers: statuses.append(status)))
    return statuses[0], json.loads(body)


def fail() -> None:
    raise ConnectionError("refused")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    opened = threading.Event()
    yield opened
    opened.set()


def test_ready_with_all_checks() -> None:
    application = HealthApplication("some", {"store": lambda: None})
    assert get(application, "/health/ready") == ("200 OK", {"service": "some", "ready": True, "checks": {"store": "ok"}})


def test_a_dead_store_makes_it_unready_and_leaves_it_alive() -> None:
    application = HealthApplication("some", {"store": fail, "other": lambda: None})
    status, body = get(application, "/health/ready")
    assert status.startswith("503")
    assert body["checks"] == {"store": "ConnectionError: refused", "other": "ok"}
    assert get(application, "/health/live")[0] == "200 OK"


def test_a_check_that_hangs_is_named_in_time_and_runs_only_once(gate: threading.Event) -> None:
    runs: list[float | None] = []

    def hang() -> None:
        runs.append(deadline.remaining())
        gate.wait()

    application = HealthApplication("some", {"store": hang, "other": lambda: None}, seconds=0.2)
    begun = time.monotonic()
    for _ in range(3):
        status, body = get(application, "/health/ready")
        assert status.startswith("503")
        assert body["checks"] == {"store": "no answer within 0.2 s", "other": "ok"}
    assert time.monotonic() - begun < 2.0
    assert len(runs) == 1
    assert runs[0] is not None
    gate.set()
    until(lambda: get(application, "/health/ready")[0] == "200 OK")
