"""What a backup says of itself: when, of what, and the size and SHA-256 of each file."""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from deploy.local.process import ROOT

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_SUM = "manifest.sha256"
CONTENT = "data"
NAME = "titular-{:%Y%m%dT%H%M%S}Z"
PATTERN = "titular-*Z*"


class BackupFailed(Exception):
    """A backup could not be made, or is not whole; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: bytes, SHA-256 (hexadecimal), permissions, and the original's time of change (ns since the epoch)."""

    size: int
    sha256: str
    mode: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A backup's description. ``counts`` are of the cut; ``frozen_seconds`` is 0 where the stack did not run."""

    version: str
    taken_at: datetime
    frozen_seconds: float
    files: Mapping[str, FileEntry]
    folders: Mapping[str, int]
    counts: Mapping[str, int] = field(default_factory=dict)
    base: str | None = None

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.files.values())


def product_version() -> str:
    """The version of this checkout."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and, beside it, its own SHA-256."""
    body = {"format": FORMAT, **asdict(manifest), "taken_at": manifest.taken_at.isoformat()}
    content = json.dumps(body, indent=1, ensure_ascii=False).encode()
    _write_private(folder / MANIFEST, content)
    _write_private(folder / MANIFEST_SUM, f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}\n".encode())


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def read(folder: Path) -> Manifest:
    """The manifest of a backup; raises :class:`BackupFailed` where there is none, or none that can be trusted."""
    try:
        content = (folder / MANIFEST).read_bytes()
        promised = (folder / MANIFEST_SUM).read_text().split()[0]
    except (OSError, IndexError) as error:
        raise BackupFailed(f"{folder} is not a backup: {MANIFEST} and {MANIFEST_SUM} cannot be read") from error
    if hashlib.sha256(content).hexdigest() != promised:
        raise BackupFailed(f"{folder / MANIFEST} was altered: its SHA-256 is not the one in {MANIFEST_SUM}")
    body: dict[str, Any] = json.loads(content)
    if body.pop("format") != FORMAT:
        raise BackupFailed(f"{folder} was made by another version of this program, in a form that this one does not know")
    files = {name: FileEntry(**entry) for name, entry in body.pop("files").items()}
    return Manifest(**{**body, "files": files, "taken_at": datetime.fromisoformat(body["taken_at"])})


def newest(series: Path) -> Path | None:
    """The newest whole backup in a folder of backups."""
    whole = [path for path in series.glob(PATTERN) if (path / MANIFEST).exists()]
    return max(whole, key=lambda path: path.name, default=None)
