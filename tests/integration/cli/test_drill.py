"""The drill: an office works, a backup is taken, everything is killed, the backup is restored elsewhere, nothing is missing."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pika
import pytest

from chassis.event_store import EventStore
from cli.backup import manifest as manifests
from cli.backup.restore import verify
from cli.check.command import run, settle
from cli.check.sources import of_stack
from cli.check.stores import stream_ids
from contracts import certification
from contracts.errors import TitularError
from deploy.local.configuration import Configuration, read
from deploy.local.freeze import processes
from deploy.local.process import ROOT
from tests.support.office import OfficeAtWork
from tests.support.people import OFFICE
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
TITULAR = str(ROOT / "bin" / "titular")


@dataclass
class Stack:
    """`titular up` on a folder, as an operator runs it."""

    data: Path
    process: subprocess.Popen[bytes]

    @property
    def configuration(self) -> Configuration:
        return read(self.data)

    def kill(self) -> None:
        """The power goes: every process at once, none is asked."""
        for pid in (self.process.pid, *processes(self.data)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not processes(self.data), what="the end of all processes")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("drill")
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen([TITULAR, "up", "--data", str(folder / "var")], stdout=log, stderr=log, start_new_session=True)
    running = Stack(folder / "var", process)
    try:
        until(lambda: "Ready after" in (folder / "up.log").read_text(), 90, "the stack's start")
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="module")
def office(stack: Stack) -> Iterator[OfficeAtWork]:
    """An office whose day has begun: a completed emission, and one with a video."""
    at_work = OfficeAtWork(stack.configuration)
    recorded = at_work.record()
    at_work.complete_in_person()
    until(lambda: at_work.has_video(recorded), 60, "the video")
    settle(of_stack(stack.configuration))
    yield at_work
    at_work.close()


@dataclass
class Work:
    """What a clerk does all the time, and when each emission was acknowledged (seconds since the epoch)."""

    office: OfficeAtWork
    acknowledged: dict[str, float] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)

    def go_on(self) -> None:
        """Register and start until told to stop, or until the stack is gone."""
        with contextlib.suppress(TitularError, OSError):
            while not self.stopped.is_set():
                _, registration_id = self.office.register()
                emission_id = self.office.start(registration_id)
                self.acknowledged[emission_id] = time.time()


def titular(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([TITULAR, *arguments], capture_output=True, text=True, check=False)
    print(done.stdout)
    print(done.stderr)
    return done


def test_the_check_names_what_is_missing(stack: Stack, office: OfficeAtWork) -> None:
    # given a stack where everything is there
    sources = of_stack(stack.configuration)
    assert run(sources, timedelta(0)).findings == []
    history = completed_history(office)

    # when the signed term of an emission is deleted
    prepared = next(entry for entry in history["entries"] if entry["type"] == "TermPrepared")
    key = f"{history['emission_id']}/signed/{prepared['data']['document_sha256']}.pdf"
    content = office.objects.get("terms", key)
    office.objects.remove("terms", key)

    # then the check says which, and ends with status 1
    done = titular("check", "--data", str(stack.data))
    assert done.returncode == 1
    assert f"objects: emission {history['emission_id']}: terms/{key} is missing" in done.stderr

    # and when it is put back altered, that shows as well
    office.objects.put("terms", key, content + b"x", "application/pdf")
    (finding,) = run(sources).findings
    assert f"has {len(content) + 1} bytes" in finding.what
    office.objects.put("terms", key, content, "application/pdf")
    assert run(sources).whole


def test_the_check_names_what_lies_dead(stack: Stack, office: OfficeAtWork) -> None:
    queue = "evt-media-VideoProcessed--certification.on_video_processed.dead"
    with pika.BlockingConnection(pika.URLParameters(stack.configuration.broker_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", queue, b'{"type": "VideoProcessed", "emissionid": "e-1"}')
        until(lambda: channel.queue_declare(queue, passive=True).method.message_count == 1, what="the dead letter")
        (finding,) = run(of_stack(stack.configuration)).findings
        assert (finding.area, finding.emission_id) == ("queues", "e-1")
        channel.queue_purge(queue)


def test_the_drill(stack: Stack, office: OfficeAtWork, tmp_path: Path) -> None:
    # given an office that works while the backup is taken
    work = Work(office)
    clerk = threading.Thread(target=work.go_on)
    clerk.start()
    until(lambda: len(work.acknowledged) >= 3, what="work")
    begun = time.time()
    done = titular("backup", "--data", str(stack.data), "--to", str(tmp_path / "backups"))
    backup_seconds = time.time() - begun
    assert done.returncode == 0, done.stderr

    # when the work has gone on for a while, everything is killed
    before = len(work.acknowledged)
    until(lambda: len(work.acknowledged) >= before + 3, what="work after the freeze")
    stack.kill()
    killed_at = time.time()
    work.stopped.set()
    clerk.join(30)

    # and the backup is restored to another folder, the stack started there and checked
    backup = manifests.newest(tmp_path / "backups")
    assert backup is not None
    begun = time.time()
    restored = titular("restore", str(backup), "--data", str(tmp_path / "var"))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "Everything is there" in restored.stdout

    # then everything acknowledged before the cut is there
    manifest = manifests.read(backup)
    cut = manifest.taken_at.timestamp()
    events = EventStore(f"sqlite://{tmp_path}/var/certification/events.sqlite", "certification")
    present = set(stream_ids(events)[0])
    events.close()
    due = {emission_id for emission_id, at in work.acknowledged.items() if at < cut}
    assert len(due) >= 3
    assert due <= present
    assert manifest.counts["emissions"] <= len(present)
    later = set(work.acknowledged) - present
    serves = re.search(r"serves again ([\d.]+) s", restored.stdout)
    assert serves
    print(f"stood still {manifest.frozen_seconds:.3f} s; backup {backup_seconds:.1f} s, {manifest.size / 1e6:.1f} MB")
    print(f"RPO at the cut: 0 of {len(due)} emissions lost; killed {killed_at - cut:.1f} s later, {len(later)} started since")
    print(f"RTO: serves again after {serves[1]} s, checked after {time.time() - begun:.1f} s")

    # and a byte that decays in the backup is found, and named
    decayed = backup / "data" / "certification" / "events.sqlite-wal"
    content = bytearray(decayed.read_bytes())
    content[len(content) // 2] ^= 1
    decayed.write_bytes(content)
    with pytest.raises(manifests.BackupFailed, match="certification/events.sqlite-wal was altered".replace(".", "[.]")):
        verify(backup)


def completed_history(office: OfficeAtWork) -> dict[str, Any]:
    (emission,) = office.ask(certification.LIST_EMISSIONS, {"state": "completed"}, actor=OFFICE)["emissions"]
    return office.ask(certification.GET_HISTORY, {"emission_id": emission["emission_id"], "up_to": None}, actor=OFFICE)
