"""Seals a recording while it is made: each rendered cell, with what the tracks had grown by, becomes a link on disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from chassis.objects import sha256_of_file
from services.media.cell_rendering import Cell
from services.media.model.seal import Growth, Link, Seal, link_from_json, link_to_json
from services.media.tracks import TEMPORARY, opened

BLOCK = 1 << 20


class Sealing:
    """The chain of one recording, a line per link; a torn last line (a crash) is as if it had never been written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seal = _read(path)

    def add(self, cell: Cell, tracks: Iterable[Path]) -> None:
        """One more link, on disk when this returns; none where the cell is sealed already as it is."""
        digest = sha256_of_file(cell.fragment)
        if self.seal.cells().get(cell.number) == digest:
            return
        grown = self.seal.grown(cell.number, digest, self._growth(tracks))
        self._append(grown.links[-1])
        self.seal = grown

    def _growth(self, tracks: Iterable[Path]) -> tuple[Growth, ...]:
        sealed = {growth.track: growth.end for link in self.seal.links for growth in link.growth}
        found = []
        for path in sorted(tracks):
            name = path.name.removesuffix(TEMPORARY)
            start = sealed.get(name, 0)
            end, digest = _hash_from(path, start)
            if end > start:
                found.append(Growth(name, start, end, digest))
        return tuple(found)

    def _append(self, link: Link) -> None:
        with self._path.open("ab") as file:
            file.write(link_to_json(link).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _read(path: Path) -> Seal:
    if not path.exists():
        return Seal()
    whole = path.read_bytes().rpartition(b"\n")[0]
    path.write_bytes(whole + b"\n" if whole else b"")
    return Seal(tuple(link_from_json(line) for line in whole.decode().splitlines()))


def _hash_from(path: Path, start: int) -> tuple[int, str]:
    """Where the file ends now, and the hash of what lies between."""
    digest, end = hashlib.sha256(), start
    with opened(path) as file:
        file.seek(start)
        while block := file.read(BLOCK):
            digest.update(block)
            end += len(block)
    return end, digest.hexdigest()
