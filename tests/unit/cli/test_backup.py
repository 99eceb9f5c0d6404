"""Copies of a folder that changes, manifests, and what is refused."""

from __future__ import annotations

import os
import shutil
import time
from collections import namedtuple
from pathlib import Path

import pytest

from chassis.clock import now
from chassis.event_store import EventStore
from chassis.stored_events import Record
from cli.backup import manifest as manifests
from cli.backup.copying import BLOCK, catch_up, copy_live
from cli.backup.manifest import CONTENT, BackupFailed
from cli.backup.restore import restore, verify
from cli.backup.take import Taken, count_events, take

LONG_AGO = time.time_ns() - 3_600_000_000_000
SILENT = print


def put(path: Path, content: bytes, age: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    if age:
        os.utime(path, ns=(LONG_AGO, LONG_AGO))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    put(folder / "stack.json", b"{}")
    put(folder / "documents" / "store.wt", b"a" * 3 * BLOCK)
    put(folder / "objects" / "store" / "1.dat", b"b" * 2 * BLOCK)
    put(folder / "log" / "media.log", b"a line")
    put(folder / "rabbitmq" / "node.pid", b"1")
    (folder / "recordings").mkdir()
    return folder


def taken(data: Path, series: Path, base: Path | None = None) -> Taken:
    return take(data, series, base, SILENT)


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_changes_while_it_is_copied_is_caught_up(data: Path, tmp_path: Path) -> None:
    # given a first pass
    target = tmp_path / "copy"
    put(data / "recordings" / "gone.mjr", b"x")
    put(data / "certification" / "events.sqlite", b"12345")
    target.mkdir()
    done = copy_live(data, target, None)

    # when files are changed in place, appended to, added and removed, and one is changed within the clock's tick
    with (data / "documents" / "store.wt").open("r+b") as file:
        file.seek(BLOCK + 7)
        file.write(b"changed")
    with (data / "objects" / "store" / "1.dat").open("ab") as file:
        file.write(b"appended")
    put(data / "recordings" / "room" / "new.mjr", b"new")
    (data / "recordings" / "gone.mjr").unlink()
    put(data / "certification" / "events.sqlite", b"54321", age=False)

    # then the second pass makes the copy equal, without logs and process ids
    before = done.bytes_copied
    assert catch_up(data, target, done) == 5
    wanted = {name: content for name, content in content_of(data).items() if name not in {"log/media.log", "rabbitmq/node.pid"}}
    assert content_of(target) == wanted
    assert done.bytes_copied - before < 4 * BLOCK

    # and what stood still is not touched again
    for path in data.rglob("*"):
        os.utime(path, ns=(LONG_AGO, LONG_AGO))
    catch_up(data, target, done)
    assert catch_up(data, target, done) == 0


def test_a_backup_is_restored_as_it_was(data: Path, tmp_path: Path) -> None:
    (data / "stack.json").chmod(0o600)
    made = taken(data, tmp_path / "series")
    done = restore(made.folder, tmp_path / "other", False, SILENT)
    assert content_of(tmp_path / "other") == content_of(made.folder / CONTENT)
    assert (tmp_path / "other" / "recordings").is_dir()
    assert (tmp_path / "other" / "stack.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "other" / "documents" / "store.wt").stat().st_mtime_ns == LONG_AGO
    assert done.aside is None
    assert all(path.stat().st_mode & 0o077 == 0 for path in (made.folder, *made.folder.rglob("*")))


def test_unchanged_files_are_shared_and_never_written_to(data: Path, tmp_path: Path) -> None:
    # given a backup
    series = tmp_path / "series"
    first = taken(data, series)

    # when another follows after one file has changed
    put(data / "objects" / "store" / "1.dat", b"c" * 2 * BLOCK, age=False)
    second = taken(data, series)

    # then what is unchanged is the same file on disk, and both are whole
    shared = [(one / CONTENT / "documents" / "store.wt").stat().st_ino for one in (first.folder, second.folder)]
    assert shared[0] == shared[1]
    assert second.manifest.base == first.folder.name
    verify(first.folder)
    verify(second.folder)
    assert (first.folder / CONTENT / "objects/store/1.dat").read_bytes() == b"b" * 2 * BLOCK


def test_a_decayed_file_of_an_earlier_backup_is_not_shared(data: Path, tmp_path: Path) -> None:
    first = taken(data, tmp_path / "series")
    decayed = first.folder / CONTENT / "documents" / "store.wt"
    decayed.write_bytes(b"z" * 3 * BLOCK)
    second = taken(data, tmp_path / "series")
    assert (second.folder / CONTENT / "documents" / "store.wt").read_bytes() == b"a" * 3 * BLOCK


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda content: (content / "documents" / "store.wt").write_bytes(b"b" + b"a" * (3 * BLOCK - 1)), "store.wt was altered"),
        (lambda content: (content / "documents" / "store.wt").write_bytes(b"short"), "store.wt has 5 bytes"),
        (lambda content: (content / "stack.json").unlink(), "stack.json is missing"),
        (lambda content: (content / "more").write_bytes(b""), "more is not in the manifest"),
        (lambda content: (content.parent / "manifest.json").write_text("{}"), "manifest.json was altered"),
        (lambda content: (content.parent / "manifest.json").unlink(), "is not a backup"),
    ],
)
def test_a_spoilt_backup_is_refused_by_name_and_nothing_is_touched(data: Path, tmp_path: Path, spoil: object, said: str) -> None:
    made = taken(data, tmp_path / "series")
    spoil(made.folder / CONTENT)  # type: ignore[operator]
    before = content_of(data)
    with pytest.raises(BackupFailed, match=said):
        restore(made.folder, data, True, SILENT)
    assert content_of(data) == before
    assert [path.name for path in tmp_path.iterdir() if "var" in path.name] == ["var"]


def test_what_is_there_is_moved_aside_and_never_deleted(data: Path, tmp_path: Path) -> None:
    made = taken(data, tmp_path / "series")
    put(data / "documents" / "later", b"later")
    put(data / "setup" / "python", b"1")
    with pytest.raises(BackupFailed, match="is not empty"):
        restore(made.folder, data, False, SILENT)
    done = restore(made.folder, data, True, SILENT)
    assert done.aside is not None
    assert (done.aside / "documents" / "later").read_bytes() == b"later"
    assert not (data / "documents" / "later").exists()
    assert (data / "setup" / "python").exists()


def test_places_that_make_no_sense_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="lies within"):
        taken(data, data / "backups")
    with pytest.raises(BackupFailed, match="nothing to back up"):
        taken(tmp_path / "never", tmp_path / "series")
    (data / "recordings" / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(BackupFailed, match="symbolic link"):
        taken(data, tmp_path / "series")
    assert list((tmp_path / "series").iterdir()) == []


def test_a_full_disk_is_noticed_before_anything_is_copied(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 9, 1))
    with pytest.raises(BackupFailed, match="0 MB free"):
        taken(data, tmp_path / "series")
    assert list((tmp_path / "series").iterdir()) == []


def test_what_a_killed_backup_left_is_no_backup_and_is_removed(data: Path, tmp_path: Path) -> None:
    # given the leavings of a process that is no more
    left = tmp_path / "series" / ".partial-120000-999999999"
    put(left / CONTENT / "stack.json", b"{}")
    assert manifests.newest(tmp_path / "series") is None

    # then the next backup removes them
    taken(data, tmp_path / "series")
    assert not left.exists()


def test_two_backups_at_once_are_refused(data: Path, tmp_path: Path) -> None:
    def meanwhile(text: str) -> None:
        with pytest.raises(BackupFailed, match="another backup"):
            taken(data, tmp_path / "series")

    take(data, tmp_path / "series", None, meanwhile)


def test_a_stack_whose_programs_cannot_be_found_is_not_copied(data: Path, tmp_path: Path) -> None:
    (data / "stack.pid").write_text(str(os.getpid()))
    with pytest.raises(BackupFailed, match="cannot be stopped"):
        taken(data, tmp_path / "series")


def test_uses_of_keys_are_counted_as_events_and_no_emissions(tmp_path: Path) -> None:
    database = tmp_path / "data" / "certification" / "events.sqlite"
    events = EventStore(f"sqlite://{database}", "certification")
    made = Record("KeyOpened", now(), {"role": "system"}, {"key": "ocsp"})
    events.append("e-1", 0, [made, made])
    events.extend("authority/ocsp/2026-11", [made])
    events.close()
    assert count_events(database) == {"events": 3, "emissions": 1}
    assert count_events(tmp_path / "none.sqlite") == {"events": 0, "emissions": 0}
