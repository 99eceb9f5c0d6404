"""Copying a folder that lives: once while it changes, then, while it stands still, only what has changed since."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cli.backup.manifest import BackupFailed, FileEntry, Manifest

EXCLUDED = frozenset({"log", "setup", "demo", "stack.pid", "backup.lock", "rabbitmq/log", "recordings/.work"})
"""Logs, the installer's notes, the demonstration's copies, what says that a stack runs, and rendering that begins anew."""
EXCLUDED_SUFFIXES = (".pid", "-shm")
"""Process ids; and SQLite's shared memory, which is made anew from the write-ahead log."""
APPENDED = (("objects/", ".dat"), ("objects/", ".idx"), ("recordings/", ".mjr"), ("recordings/", ".mjr.tmp"))
"""Files that their writers only ever append to: of those that have grown, only the end is read while the stack stands still."""
BLOCK = 1024 * 1024
OVERLAP = 32 * BLOCK
"""Of those, so much before the old end is compared as well: a piece whose writing failed is cut off and overwritten."""
SETTLED_NS = 2_000_000_000
"""A change so short before a look may have the same time as one after it (clocks of file systems tick slowly)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was before it was copied."""

    size: int
    mtime_ns: int
    inode: int
    mode: int
    looked_at_ns: int

    @classmethod
    def at(cls, path: Path) -> Seen:
        """Look now."""
        looked_at = time.time_ns()
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ino, stat.S_IMODE(found.st_mode), looked_at)

    def still(self, now: Seen) -> bool:
        """Whether the file cannot have been written to since."""
        same = (self.size, self.mtime_ns, self.inode) == (now.size, now.mtime_ns, now.inode)
        return same and self.mtime_ns < self.looked_at_ns - SETTLED_NS


@dataclass(slots=True)
class Copied:
    """What was copied so far; ``known`` are the SHA-256 of files that were taken from an earlier backup."""

    files: dict[str, Seen] = field(default_factory=dict)
    folders: dict[str, int] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    bytes_copied: int = 0


def walk(root: Path) -> Iterator[tuple[str, bool]]:
    """Everything to be kept below a folder, as (relative name, whether it is a folder), folders before what they hold."""
    for place, folders, files in os.walk(root, onerror=_vanished_only):
        here = Path(place).relative_to(root)
        folders[:] = [name for name in sorted(folders) if not _excluded(here / name)]
        for name in folders:
            if (root / here / name).is_symlink():
                raise BackupFailed(f"{root / here / name} is a symbolic link; what it points to would not be in the backup")
            yield str(here / name), True
        for name in sorted(files):
            if not _excluded(here / name) and _regular(root / here / name):
                yield str(here / name), False


def _vanished_only(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _excluded(name: Path) -> bool:
    return str(name) in EXCLUDED or name.name.endswith(EXCLUDED_SUFFIXES)


def _regular(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(mode):
        raise BackupFailed(f"{path} is a symbolic link; what it points to would not be in the backup")
    return stat.S_ISREG(mode)


def size_of(root: Path) -> int:
    """Bytes of all files to be kept."""
    total = 0
    for name, is_folder in walk(root):
        if not is_folder:
            try:
                total += (root / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def copy_live(source: Path, target: Path, base: tuple[Path, Manifest] | None) -> Copied:
    """The first pass. What changes or vanishes meanwhile is made good by :func:`catch_up`."""
    done = Copied()
    for name, is_folder in walk(source):
        if is_folder:
            (target / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        try:
            seen = Seen.at(source / name)
            if base and _linked(base, name, seen, target / name):
                done.known[name] = base[1].files[name].sha256
            else:
                done.bytes_copied += _copy(source / name, target / name)
        except FileNotFoundError:
            (target / name).unlink(missing_ok=True)
            continue
        done.files[name] = seen
    return done


def catch_up(source: Path, target: Path, done: Copied) -> int:
    """The second pass, of a source that stands still: copy what has changed, remove what is gone; returns how many files."""
    changed = 0
    present: set[str] = set()
    done.folders.clear()
    for name, is_folder in walk(source):
        present.add(name)
        if is_folder:
            done.folders[name] = stat.S_IMODE((source / name).stat().st_mode)
            (target / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            continue
        now, before = Seen.at(source / name), done.files.get(name)
        if before and before.still(now):
            done.files[name] = now
            continue
        if before is None or name in done.known:
            (target / name).unlink(missing_ok=True)  # never write into an earlier backup's file
            done.known.pop(name, None)
            done.bytes_copied += _copy(source / name, target / name)
        else:
            done.bytes_copied += _refresh(source / name, target / name, _unchanged_up_to(name, before, now))
        done.files[name] = now
        changed += 1
    return changed + _remove_vanished(target, present, done)


def _unchanged_up_to(name: str, before: Seen, now: Seen) -> int:
    appended = any(name.startswith(start) and name.endswith(end) for start, end in APPENDED)
    grown = before.inode == now.inode and now.size >= before.size
    return max(0, before.size - OVERLAP) if appended and grown else 0


def _remove_vanished(target: Path, present: set[str], done: Copied) -> int:
    removed = 0
    for place, folders, files in os.walk(target, topdown=False):
        here = Path(place).relative_to(target)
        for name in files:
            if str(here / name) not in present:
                (target / here / name).unlink()
                done.files.pop(str(here / name), None)
                done.known.pop(str(here / name), None)
                removed += 1
        for name in folders:
            if str(here / name) not in present:
                (target / here / name).rmdir()
    return removed


def _linked(base: tuple[Path, Manifest], name: str, seen: Seen, target: Path) -> bool:
    """Take the file from an earlier backup, if it is the same and still whole there."""
    folder, manifest = base
    entry = manifest.files.get(name)
    if entry is None or (entry.size, entry.mtime_ns) != (seen.size, seen.mtime_ns):
        return False
    if entry.mtime_ns > manifest.taken_at.timestamp() * 1e9 - SETTLED_NS:
        return False
    earlier = folder / name
    if not earlier.exists() or sha256_of(earlier) != entry.sha256:
        return False
    try:
        os.link(earlier, target)
    except OSError:  # another file system, or one without links
        return False
    return True


def _copy(source: Path, target: Path) -> int:
    with source.open("rb") as reader, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writer:
        shutil.copyfileobj(reader, writer, BLOCK)
        return writer.tell()


def _refresh(source: Path, target: Path, begin: int) -> int:
    """Make the target's content the source's from ``begin``, writing only blocks that differ; returns the bytes written."""
    written = 0
    with source.open("rb") as reader, target.open("r+b") as writer:
        reader.seek(begin)
        while wanted := reader.read(BLOCK):
            place = reader.tell() - len(wanted)
            writer.seek(place)
            if writer.read(len(wanted)) != wanted:
                writer.seek(place)
                writer.write(wanted)
                written += len(wanted)
        writer.truncate(reader.tell())
    return written


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def described(target: Path, done: Copied) -> dict[str, FileEntry]:
    """The manifest's entries of what was copied."""
    return {
        name: FileEntry(seen.size, done.known.get(name) or sha256_of(target / name), seen.mode, seen.mtime_ns)
        for name, seen in sorted(done.files.items())
    }
