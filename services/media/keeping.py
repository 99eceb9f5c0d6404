"""What is kept of a recording: files in the object store, read back, with the seal's head beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chassis.objects import ObjectStore, sha256_of_file
from contracts.errors import Unavailable
from services.media.model.gaps import Gap
from services.media.model.seal import Seal

BUCKET = "videos"
SEAL_NOTE = "seal"


@dataclass(frozen=True, slots=True)
class Kept:
    """Stores one recording's files below ``prefix``; ``head`` is the seal's."""

    objects: ObjectStore
    prefix: str
    head: str

    def store(self, path: Path, content_type: str) -> dict[str, Any]:
        """Store a file under a key that names its content, then read it back: the tracks will be removed relying on it."""
        digest = sha256_of_file(path)
        key = f"{self.prefix}/{path.stem}-{digest[:16]}{path.suffix}"
        stored = self.objects.put_file(BUCKET, key, path, content_type, {SEAL_NOTE: self.head})
        read_back = hashlib.sha256()
        for block in self.objects.stream(BUCKET, key):
            read_back.update(block)
        if read_back.hexdigest() != digest:
            raise Unavailable("the object store holds other bytes than it was given", object=key)
        return stored


def manifest_of(
    seal: Seal, sizes: Sequence[int], playable: Mapping[str, Any], original: Mapping[str, Any], gaps: Sequence[Gap]
) -> str:
    """The seal as it is kept: its links, the video's cells (``sizes`` in bytes, from its end backwards), and its gaps."""
    return json.dumps(
        {
            "head": seal.head,
            "links": [asdict(link) for link in seal.links],
            "cell_sizes": list(sizes),
            "playable": dict(playable),
            "original": dict(original),
            "gaps": [asdict(gap) for gap in gaps],
        },
        separators=(",", ":"),
    )
