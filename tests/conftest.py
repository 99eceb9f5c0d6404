"""Engines as fixtures: whoever asks for one gets a real one, shared by the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import engines


@pytest.fixture(scope="session")
def engine_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the engines keep their data and logs."""
    return tmp_path_factory.mktemp("engines")


@pytest.fixture(scope="session")
def broker_engine(engine_folder: Path) -> Iterator[engines.Broker]:
    """RabbitMQ, started once."""
    with engines.broker(engine_folder) as running:
        yield running


@pytest.fixture(scope="module")
def broker(broker_engine: engines.Broker) -> engines.Broker:
    """RabbitMQ without the events that other modules' services left waiting."""
    engines.forget_waiting_events(broker_engine)
    return broker_engine


@pytest.fixture(scope="session")
def document_engine(engine_folder: Path) -> Iterator[engines.Documents]:
    """The document store."""
    with engines.documents(engine_folder) as running:
        yield running


@pytest.fixture(scope="session")
def postgres(engine_folder: Path) -> Iterator[engines.Postgres]:
    """PostgreSQL."""
    with engines.postgres(engine_folder) as running:
        yield running


@pytest.fixture(scope="session")
def object_engine(engine_folder: Path) -> Iterator[engines.Objects]:
    """The object store."""
    with engines.objects(engine_folder) as running:
        yield running


@pytest.fixture(scope="session")
def sfu(engine_folder: Path) -> Iterator[engines.Sfu]:
    """Janus."""
    with engines.sfu(engine_folder) as running:
        yield running


@pytest.fixture(scope="session")
def inbox(engine_folder: Path) -> Iterator[engines.Inbox]:
    """The inbox."""
    with engines.inbox(engine_folder) as running:
        yield running
