"""``python -m services.media.verify KEY [--head HASH]``: recompute a recording's seal from what is stored.

``KEY`` names the seal in the bucket of videos; ``HASH`` is the head that the history holds. Prints one JSON object, and ends
with status 1 where anything is not as it was sealed. The object store's settings come from the environment.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from chassis.objects import ObjectStore, S3ObjectStore
from chassis.settings import ObjectSettings, load_or_exit
from contracts.errors import TitularError
from services.media.keeping import BUCKET
from services.media.model.seal import Seal, broken_at, link_of


@dataclass(slots=True)
class Examined:
    """What was found: how many cells and links there are, and each fault in words."""

    cells: int = 0
    links: int = 0
    head: str = ""
    faults: list[str] = field(default_factory=list)


def examine(objects: ObjectStore, key: str, head: str | None = None) -> Examined:
    """Read the seal and all that it names. Raises :class:`contracts.errors.TitularError` where something is not there."""
    found = Examined()
    try:
        manifest = json.loads(objects.get(BUCKET, key))
        seal = Seal(tuple(link_of(link) for link in manifest["links"]))
        sizes = [int(size) for size in manifest["cell_sizes"]]
        stored = {form: manifest[form] for form in ("playable", "original")}
    except (ValueError, TypeError, KeyError) as error:
        found.faults.append(f"the seal cannot be read: {error}")
        return found
    found.cells, found.links, found.head = len(sizes), len(seal.links), seal.head
    found.faults += _chain_faults(seal, manifest["head"], head)
    found.faults += _cell_faults(objects, seal, stored["playable"], sizes)
    found.faults += _file_faults(objects, "original", stored["original"])
    return found


def _chain_faults(seal: Seal, stated: str, expected: str | None) -> Iterator[str]:
    broken = broken_at(seal)
    if broken is not None:
        yield f"link {broken} does not name the one before it"
    if seal.head != stated:
        yield "the seal's head is not the one that it states"
    if expected and seal.head != expected:
        yield "the seal's head is not the one in the history"


def _cell_faults(objects: ObjectStore, seal: Seal, video: Mapping[str, Any], sizes: list[int]) -> Iterator[str]:
    """The cells are the last bytes of the video; before them stands only what a player needs to find them."""
    sealed, position = seal.cells(), int(video["size"]) - sum(sizes)
    yield from _file_faults(objects, "playable", video)
    if len(sizes) != len(sealed):
        yield f"{len(sizes)} cells are in the video, {len(sealed)} were sealed"
    for number, size in enumerate(sizes):
        digest = hashlib.sha256()
        for block in objects.stream(video["bucket"], video["key"], position, size):
            digest.update(block)
        if digest.hexdigest() != sealed.get(number):
            yield f"cell {number} is not as it was sealed"
        position += size


def _file_faults(objects: ObjectStore, form: str, stored: Mapping[str, Any]) -> Iterator[str]:
    digest = hashlib.sha256()
    for block in objects.stream(stored["bucket"], stored["key"]):
        digest.update(block)
    if digest.hexdigest() != stored["sha256"]:
        yield f"the {form} is not as it was stored"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="titular media verify")
    parser.add_argument("key")
    parser.add_argument("--head")
    asked = parser.parse_args()
    try:
        found = examine(S3ObjectStore(load_or_exit(ObjectSettings.read)), asked.key, asked.head)
    except TitularError as error:
        found = Examined(faults=[f"{error.code}: {error.message}"])
    print(json.dumps(asdict(found)))
    sys.exit(1 if found.faults else 0)


if __name__ == "__main__":
    main()
