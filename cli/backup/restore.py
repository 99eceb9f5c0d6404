"""Restoring a backup: every byte is checked before anything is touched, and what was there is moved aside, never deleted."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cli.backup import manifest as manifests
from cli.backup.copying import BLOCK, sha256_of
from cli.backup.manifest import CONTENT, BackupFailed, FileEntry, Manifest
from cli.backup.take import SPARE_BYTES
from cli.running import holder
from deploy.local.freeze import processes

NOT_DATA = frozenset({"setup", "log", "backup.lock"})
"""What may lie in a data folder that nobody has used yet."""
NAMED_FAULTS = 20
News = Callable[[str], None]


@dataclass(slots=True)
class Restored:
    """What was restored, and where that went which was there before; seconds by phase."""

    manifest: Manifest
    aside: Path | None
    seconds: dict[str, float] = field(default_factory=dict)


def verify(backup: Path) -> Manifest:
    """Check every file of a backup against its manifest; raises :class:`BackupFailed` that names what is wrong."""
    manifest = manifests.read(backup)
    content = backup / CONTENT
    faults = [fault for name, entry in manifest.files.items() if (fault := _fault(content / name, name, entry))]
    known = set(manifest.files)
    faults += [f"{name} is not in the manifest" for name in sorted(_files(content)) if name not in known]
    if faults:
        more = f"\nand {len(faults) - NAMED_FAULTS} more" if len(faults) > NAMED_FAULTS else ""
        raise BackupFailed(f"{backup} is not whole:\n" + "\n".join(faults[:NAMED_FAULTS]) + more)
    return manifest


def _fault(path: Path, name: str, entry: FileEntry) -> str | None:
    if not path.is_file():
        return f"{name} is missing"
    size = path.stat().st_size
    if size != entry.size:
        return f"{name} has {size} bytes, not {entry.size}"
    return None if sha256_of(path) == entry.sha256 else f"{name} was altered: its SHA-256 is another one"


def _files(content: Path) -> Iterator[str]:
    for place, _, files in os.walk(content):
        for name in files:
            yield str((Path(place) / name).relative_to(content))


def restore(backup: Path, data: Path, replace: bool, news: News) -> Restored:
    """Put a backup's content where ``data`` is; raises :class:`BackupFailed` with ``data`` as it was."""
    data = data.resolve()
    _must_be_free(data, replace)
    begun = time.monotonic()
    manifest = verify(backup)
    verified = time.monotonic()
    news(f"{len(manifest.files)} files, {manifest.size / 1e6:.1f} MB: every SHA-256 is right")
    _check_space(data, manifest)
    fresh = data.parent / f".{data.name}.restoring-{os.getpid()}"
    try:
        _copy_all(backup / CONTENT, fresh, manifest)
        os.sync()
        aside = _exchange(fresh, data)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    copied = time.monotonic()
    return Restored(manifest, aside, {"verify": verified - begun, "copy": copied - verified})


def _must_be_free(data: Path, replace: bool) -> None:
    running = holder(data)
    if running or processes(data):
        raise BackupFailed(f"a stack runs on {data} (process {running}); stop it first")
    if data.exists() and not data.is_dir():
        raise BackupFailed(f"{data} is not a folder")
    occupied = data.exists() and any(path.name not in NOT_DATA for path in data.iterdir())
    if occupied and not replace:
        raise BackupFailed(f"{data} is not empty; choose another folder, or use --replace, which moves it aside")


def _check_space(data: Path, manifest: Manifest) -> None:
    data.parent.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(data.parent).free, manifest.size + SPARE_BYTES
    if free < needed:
        raise BackupFailed(f"{data.parent} has {free / 1e6:.0f} MB free; restoring needs {needed / 1e6:.0f} MB. Nothing was done")


def _copy_all(content: Path, fresh: Path, manifest: Manifest) -> None:
    fresh.mkdir(mode=0o700, parents=True)
    for name in sorted(manifest.folders):
        (fresh / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, entry in manifest.files.items():
        _copy_one(content / name, fresh / name, entry)
    for name, mode in manifest.folders.items():
        (fresh / name).chmod(mode)


def _copy_one(source: Path, target: Path, entry: FileEntry) -> None:
    digest = hashlib.sha256()
    with source.open("rb") as reader, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writer:
        while piece := reader.read(BLOCK):
            digest.update(piece)
            writer.write(piece)
    if digest.hexdigest() != entry.sha256:
        raise BackupFailed(f"{source} was altered while it was being restored")
    os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns))
    target.chmod(entry.mode)


def _exchange(fresh: Path, data: Path) -> Path | None:
    """Put the restored folder in its place; returns where the old one is now."""
    aside = None
    if data.exists():
        aside = data.with_name(f"{data.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z")
        try:
            data.rename(aside)
        except OSError as error:
            raise BackupFailed(f"{data} cannot be moved aside ({error.strerror}); is it a mount point?") from error
    fresh.rename(data)
    if aside and (aside / "setup").is_dir():  # the installer's notes are of this machine, not of the data
        (aside / "setup").rename(data / "setup")
    if aside:
        with contextlib.suppress(OSError):  # it holds something: it stays
            aside.rmdir()
    return aside if aside and aside.exists() else None
