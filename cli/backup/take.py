"""Taking a backup: copy while the stack runs, stop it for a moment, copy what has changed, let it go on, describe."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from cli.backup import manifest as manifests
from cli.backup.copying import Copied, catch_up, copy_live, described, size_of
from cli.backup.manifest import CONTENT, BackupFailed, Manifest
from cli.running import holder
from contracts.certification import AUTHORITY_STREAMS
from deploy.local.freeze import LIMIT_SECONDS, FreezeFailed, Frozen, frozen, processes

SPARE_BYTES = 64 * 1024 * 1024
PARTIAL = ".partial-{name}-{pid}"
EVENTS = "certification/events.sqlite"
COUNTED = """
    SELECT COUNT(*), COUNT(DISTINCT CASE WHEN originator_id NOT LIKE ? THEN originator_id END) FROM stored_events
"""
"""All events, and the streams that are of an emission."""
ROUNDS = 5
News = Callable[[str], None]


@dataclass(slots=True)
class Taken:
    """A finished backup and its figures; seconds by phase."""

    folder: Path
    manifest: Manifest
    copied_bytes: int
    changed_in_freeze: int
    seconds: dict[str, float] = field(default_factory=dict)


def take(data: Path, series: Path, base: Path | None, news: News, limit: float = LIMIT_SECONDS) -> Taken:
    """Make a backup of ``data`` in a new folder within ``series``; raises :class:`BackupFailed`, and then leaves none behind.

    Files that have not changed since ``base`` (default: the newest in ``series``) are shared with it.
    """
    _check_places(data, series)
    base = base or manifests.newest(series)
    earlier = manifests.read(base) if base else None
    with _alone(data):
        _check_space(data, series, earlier)
        with _partial(series) as unfinished:
            taken = _fill(data, unfinished, (base, earlier) if base and earlier else None, news, limit)
            return _finish(taken, series)


def _check_places(data: Path, series: Path) -> None:
    if not (data / "stack.json").exists():
        raise BackupFailed(f"no stack has been started on {data}; there is nothing to back up")
    if series.resolve().is_relative_to(data.resolve()):
        raise BackupFailed(f"{series} lies within {data}: a backup there would be lost together with the data")
    series.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One backup at a time: the end of one's freeze must not end another's."""
    with (data / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise BackupFailed(f"another backup of {data} is being made") from error
        yield


def _check_space(data: Path, series: Path, earlier: Manifest | None) -> None:
    wanted = size_of(data)
    if earlier:  # unchanged files are shared; how many are unchanged shows only while copying
        wanted = max(wanted - earlier.size, wanted // 10)
    free = shutil.disk_usage(series).free
    if free < wanted + SPARE_BYTES:
        needed = (wanted + SPARE_BYTES) / 1e6
        raise BackupFailed(f"{series} has {free / 1e6:.0f} MB free; the backup needs about {needed:.0f} MB. Nothing was done")


@contextlib.contextmanager
def _partial(series: Path) -> Iterator[Path]:
    """A folder that nobody takes for a backup; gone at the end unless it was renamed. Removes what killed backups left."""
    for left in series.glob(PARTIAL.format(name="*", pid="*")):
        if not Path(f"/proc/{left.name.rsplit('-', 1)[1]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    unfinished = series / PARTIAL.format(name=datetime.now(UTC).strftime("%H%M%S"), pid=os.getpid())
    for folder in (unfinished, unfinished / CONTENT):
        folder.mkdir(mode=0o700)
    try:
        yield unfinished
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fill(data: Path, unfinished: Path, base: tuple[Path, Manifest] | None, news: News, limit: float) -> Taken:
    target = unfinished / CONTENT
    begun = time.monotonic()
    within = (base[0] / CONTENT, base[1]) if base else None
    done = copy_live(data, target, within)
    live = time.monotonic() - begun
    news(f"copied {len(done.files)} files while everything ran, {live:.1f} s")
    taken_at, seconds, changed = _cut(data, target, done, limit)
    news(f"stood still for {seconds:.2f} s, {changed} files had changed" if seconds else "the stack does not run: no freeze")
    begun = time.monotonic()
    description = Manifest(
        version=manifests.product_version(),
        taken_at=taken_at,
        frozen_seconds=round(seconds, 3),
        files=described(target, done),
        folders=dict(sorted(done.folders.items())),
        counts=count_events(target / EVENTS),
        base=base[0].name if base else None,
    )
    _check_sizes(target, description)
    manifests.write(unfinished, description)
    os.sync()  # all of it is on the disk before it gets its name
    after = time.monotonic() - begun
    return Taken(unfinished, description, done.bytes_copied, changed, {"live": live, "freeze": seconds, "hashes and disk": after})


def _cut(data: Path, target: Path, done: Copied, limit: float) -> tuple[datetime, float, int]:
    """The second pass; returns the instant of the cut, how long the stack stood still, and how many files had changed."""
    if not processes(data):
        _must_not_run(data)
        taken_at, changed = datetime.now(UTC), catch_up(data, target, done)
        _must_not_run(data)
        return taken_at, 0.0, changed
    try:
        with frozen(data, limit) as held:
            taken_at, changed = _still(held, data, target, done)
            held.check()
    except FreezeFailed as error:
        raise BackupFailed(f"{error}; the stack runs on, try again") from error
    return taken_at, held.seconds, changed


def _still(held: Frozen, data: Path, target: Path, done: Copied) -> tuple[datetime, int]:
    """Copy until nothing new had been started meanwhile (the supervisor runs on, and restarts what has died)."""
    changed = 0
    for _ in range(ROUNDS):
        taken_at = datetime.now(UTC)
        changed += catch_up(data, target, done)
        if not held.stop_all():
            return taken_at, changed
    raise FreezeFailed("programs are being started all the time")


def _must_not_run(data: Path) -> None:
    running = holder(data)
    if running or processes(data):
        raise BackupFailed(
            f"a stack runs on {data} (process {running}) whose programs cannot be stopped for a moment: "
            "it is being started just now, or belongs to another user. Try again, or stop it first"
        )


def count_events(database: Path) -> dict[str, int]:
    """How many events and emissions a copied event store holds; looked at in a copy, since looking writes."""
    if not database.exists():
        return {"events": 0, "emissions": 0}
    with tempfile.TemporaryDirectory(dir=database.parents[2], prefix=".count-") as folder:
        copy = Path(folder) / database.name
        for suffix in ("", "-wal"):
            beside = database.with_name(database.name + suffix)
            if beside.exists():
                shutil.copyfile(beside, copy.with_name(copy.name + suffix))
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            found = connection.execute(COUNTED, (f"{AUTHORITY_STREAMS}%",)).fetchone()
    return {"events": int(found[0]), "emissions": int(found[1])}


def _check_sizes(target: Path, description: Manifest) -> None:
    for name, entry in description.files.items():
        if (target / name).stat().st_size != entry.size:
            raise BackupFailed(f"{name} was not copied whole; the disk may be failing")


def _finish(taken: Taken, series: Path) -> Taken:
    name = manifests.NAME.format(taken.manifest.taken_at)
    final, number = series / name, 1
    while final.exists():
        number += 1
        final = series / f"{name}-{number}"
    taken.folder.rename(final)
    descriptor = os.open(series, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return replace(taken, folder=final)
