"""Uploads that nobody took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from chassis.objects import MemoryObjectStore
from services.registry.application import INCOMING, Registry, remove_forgotten_uploads


def test_a_forgotten_upload_goes_and_a_fresh_one_stays() -> None:
    objects, later = MemoryObjectStore(), datetime.now(UTC) + timedelta(minutes=30)
    objects.put(INCOMING, "registration/upload", b"x", "image/png")
    registry = Registry(cast(Any, None), objects, lambda: later, lambda: "id", b"secret")
    assert remove_forgotten_uploads(registry, timedelta(hours=1)) == 0
    assert remove_forgotten_uploads(registry, timedelta(minutes=10)) == 1
    assert objects.stored_before(INCOMING, later) == []
