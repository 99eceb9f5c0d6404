"""Cells in the object store: what was rendered while the recording went on can be watched from the moment of its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chassis.objects import ObjectStore
from services.media.cell_rendering import Cell, head_of

BUCKET = "cells"
NOTE = ".stored"
CONTENT_TYPE = "video/mp4"


class StoredCells:
    """The cells of one recording. What was stored is noted beside the cell, so that a successor need not store it again."""

    def __init__(self, objects: ObjectStore, prefix: str) -> None:
        self._objects = objects
        self._prefix = prefix

    def put(self, cell: Cell) -> dict[str, Any]:
        """Store a cell, once; returns the object's description. Raises :class:`contracts.errors.Unavailable`."""
        note = cell.fragment.with_suffix(NOTE)
        if note.exists():
            known: dict[str, Any] = json.loads(note.read_text())
            return known
        key = f"{self._prefix}/{cell.fragment.name}"
        note.with_suffix(".intent").write_text(key)  # first, so that nothing is stored that nobody knows of
        stored = self._objects.put_file(BUCKET, key, cell.fragment, CONTENT_TYPE)
        fresh = note.with_suffix(".new")
        fresh.write_text(json.dumps(stored))
        fresh.replace(note)
        return stored

    def put_all(self, cells: Sequence[Cell]) -> list[dict[str, Any]]:
        """The parts of the whole video in order: its head, then every cell."""
        folder = cells[0].fragment.parent
        head = head_of(cells)
        key = f"{self._prefix}/head-{cells[-1].name}"
        (folder / "head.intent").write_text(key)
        return [self._objects.put(BUCKET, key, head, CONTENT_TYPE), *map(self.put, cells)]


def keys_in(folder: Path) -> Iterator[str]:
    """The keys of all cells that were stored, or about to be, from a folder of cells."""
    for intent in folder.glob("*.intent"):
        yield intent.read_text()
