"""Services as the processes that they are, for integration tests."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from chassis.callers import PooledCaller
from deploy.local.process import Program, answers_http, free_ports
from tests.support.engines import Broker, Documents, Objects, running

SECRET = "integration-test-secret-of-32-chars-or-more"


def environment(broker: Broker, documents: Documents | None = None, objects: Objects | None = None) -> dict[str, str]:
    """Settings that every service understands; databases and buckets of its own for each call."""
    unique = secrets.token_hex(4)
    env = {"TITULAR_BROKER_URL": broker.url, "TITULAR_SECRET": SECRET, "TITULAR_LOG_LEVEL": "INFO"}
    if documents:
        env |= {"TITULAR_DOCUMENTS_URL": documents.url, "TITULAR_DOCUMENTS_PREFIX": f"t{unique}_"}
    if objects:
        env |= {
            "TITULAR_OBJECTS_ENDPOINT": objects.endpoint,
            "TITULAR_OBJECTS_ACCESS_KEY": objects.access_key,
            "TITULAR_OBJECTS_SECRET_KEY": objects.secret_key,
            "TITULAR_OBJECTS_BUCKET_PREFIX": f"t{unique}-",
        }
    return env


@contextlib.contextmanager
def service(name: str, env: Mapping[str, str], folder: Path) -> Iterator[None]:
    """``python -m services.<name>`` until the end of the block, ready before it begins."""
    with running(program(name, env), folder):
        yield


def program(name: str, env: Mapping[str, str]) -> Program:
    """``python -m services.<name>``, which is ready once it says so."""
    (port,) = free_ports(1)
    return Program(
        name,
        (sys.executable, "-m", f"services.{name}"),
        lambda: answers_http(f"http://127.0.0.1:{port}/health/ready"),
        {**env, "TITULAR_HEALTH_PORT": str(port)},
    )


@contextlib.contextmanager
def caller(broker: Broker) -> Iterator[PooledCaller]:
    """Asks services as the gateway does."""
    pool = PooledCaller(broker.url, size=4)
    try:
        yield pool
    finally:
        pool.close()
