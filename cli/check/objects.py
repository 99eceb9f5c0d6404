"""Whether stored bytes are there and have the size and SHA-256 that was recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.objects import ObjectStore
from cli.check.report import Report
from contracts.errors import NotFound

DESCRIBED = frozenset({"bucket", "key", "sha256"})


class ObjectChecker:
    """Reads every object once, whoever speaks of it."""

    def __init__(self, store: ObjectStore, report: Report) -> None:
        self._store = store
        self._report = report
        self._known: dict[tuple[str, str, str], bool] = {}

    def check(self, described: Mapping[str, Any], emission_id: str | None) -> None:
        """``described``: bucket, key, sha256 and perhaps size (contracts.registry.StoredObject)."""
        identity = (described["bucket"], described["key"], described["sha256"])
        if identity in self._known:
            return
        self._report.count("objects")
        fault = self._fault(described)
        self._known[identity] = fault is None
        if fault:
            self._report.miss("objects", f"{described['bucket']}/{described['key']} {fault}", emission_id)

    def _fault(self, described: Mapping[str, Any]) -> str | None:
        digest, size = hashlib.sha256(), 0
        try:
            for piece in self._store.stream(described["bucket"], described["key"]):
                digest.update(piece)
                size += len(piece)
        except NotFound:
            return "is missing"
        if described.get("size") not in (None, size):
            return f"has {size} bytes, not {described['size']}"
        return None if digest.hexdigest() == described["sha256"] else "was altered: its SHA-256 is another one"


def descriptions(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every description of a stored object within a document."""
    if isinstance(value, Mapping):
        if value.keys() >= DESCRIBED:
            yield value
        for inner in value.values():
            yield from descriptions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from descriptions(inner)
