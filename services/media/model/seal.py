"""The seal of a recording: a chain of hashes that grows while it is made, so that nothing can be exchanged later unnoticed.

Each link names the one before, the cell that was rendered (SHA-256 of its bytes in the video) and what the track files had
grown by (byte range and SHA-256 of each). The newest link is the chain's head.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class Growth:
    """What a track file had grown by: bytes ``start`` to ``end``, and their SHA-256 (hexadecimal)."""

    track: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Link:
    """One link. ``cell``: the number of a cell and the SHA-256 of its fragment; a later link of a number replaces an earlier."""

    previous: str
    cell: int
    sha256: str
    growth: tuple[Growth, ...] = ()

    @property
    def head(self) -> str:
        """The link's own hash (SHA-256, hexadecimal), over its canonical JSON (sorted keys, no spaces)."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seal:
    """A chain from its beginning."""

    links: tuple[Link, ...] = ()

    @property
    def head(self) -> str:
        """The newest link's hash."""
        return self.links[-1].head if self.links else BEGINNING

    def grown(self, cell: int, sha256: str, growth: Sequence[Growth] = ()) -> Seal:
        """With one more link."""
        return Seal((*self.links, Link(self.head, cell, sha256, tuple(growth))))

    def cells(self) -> Mapping[int, str]:
        """The hash that holds for each cell."""
        return {link.cell: link.sha256 for link in self.links}


def broken_at(seal: Seal) -> int | None:
    """The number of the first link that does not name the one before; None where the chain is whole."""
    previous = BEGINNING
    for number, link in enumerate(seal.links):
        if link.previous != previous:
            return number
        previous = link.head
    return None


def link_to_json(link: Link) -> str:
    """As it is stored."""
    return json.dumps(asdict(link), separators=(",", ":"))


def link_from_json(text: str) -> Link:
    """As it was stored. Raises :class:`ValueError`, :class:`TypeError` or :class:`KeyError` where it is something else."""
    return link_of(json.loads(text))


def link_of(stored: Mapping[str, Any]) -> Link:
    """From its plain form; raises as :func:`link_from_json`."""
    return Link(**{**stored, "growth": tuple(Growth(**each) for each in stored["growth"])})
