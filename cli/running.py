"""The local stack, running: started for a command, or found as another command started it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from chassis.callers import PooledCaller
from chassis.documents import DocumentStore, connect
from chassis.ledger import COLLECTION, DocumentLedger
from chassis.settings import DocumentSettings
from cli.console import console, show_line
from contracts.actor import Actor
from deploy.local import stack
from deploy.local.configuration import Configuration, load, read
from deploy.local.process import ROOT, StartFailed
from deploy.local.supervisor import Supervisor

CAMPINAS = ("123456", "1º Tabelionato de Notas de Campinas")
GATEWAY_DATABASE = "titular_gateway"  # the prefix that no local stack changes, and the gateway's own name
SANTOS = ("654321", "2º Tabelionato de Notas de Santos")


@dataclass(frozen=True, slots=True)
class SampleAccount:
    """Somebody who can sign in on a local stack."""

    user_id: str
    name: str
    role: str
    office: tuple[str | None, str | None] = (None, None)


SAMPLES = (
    SampleAccount("ana", "Ana Ribeiro", "clerk", CAMPINAS),
    SampleAccount("bruno", "Bruno Teixeira", "clerk", CAMPINAS),
    SampleAccount("celia", "Célia Prado", "clerk", SANTOS),
    SampleAccount("otavio", "Otávio Lima", "operator"),
    SampleAccount("clara", "Clara Nunes", "auditor"),
    SampleAccount("admin", "Administração", "administrator", CAMPINAS),
    SampleAccount("ada", "Ada Moraes", "authority_administrator"),
)


class Running:
    """A started stack."""

    def __init__(self, configuration: Configuration, supervisor: Supervisor, seconds: float) -> None:
        self.configuration = configuration
        self.supervisor = supervisor
        self.seconds = seconds

    def memory(self) -> dict[str, float]:
        """Resident memory by program in MB, children included (proportional where pages are shared)."""
        return self.memory_of(self.supervisor.pids())

    @staticmethod
    def memory_of(groups: Mapping[str, int]) -> dict[str, float]:
        """The same, for the process groups of any stack."""
        return {name: _group_memory(pid) for name, pid in groups.items()}


def _group_memory(group: int) -> float:
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) == group:
                rollup = (folder / "smaps_rollup").read_text()
                total += int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]) / 1024
    return total


@contextlib.contextmanager
def started(data: Path, everything: bool = False, quiet: bool = False) -> Iterator[Running]:
    """Start the stack, and stop it at the end of the block; raises :class:`StartFailed`."""
    with _only_one(data):
        configuration = load(data)
        news = (lambda text: None) if quiet else (lambda text: console.print(f"  {text}", style="dim"))
        supervisor = Supervisor(
            stack.programs(configuration), configuration.log, lambda name, line: show_line(name, line, everything), news
        )
        begun = time.monotonic()
        try:
            supervisor.start()
            add_samples(configuration)
            yield Running(configuration, supervisor, time.monotonic() - begun)
        finally:
            supervisor.stop()


def holder(data: Path) -> int | None:
    """The process that runs a stack on a folder, if one does."""
    with contextlib.suppress(OSError, ValueError):
        found = int((data / "stack.pid").read_text())
        return found if Path(f"/proc/{found}").exists() else None
    return None


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    path = data / "stack.pid"
    running = holder(data)
    if running and running != os.getpid():
        raise StartFailed(f"a stack already runs on {data} (process {running}); stop it first, or set TITULAR_DATA")
    path.write_text(str(os.getpid()))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def add_samples(configuration: Configuration) -> None:
    """Add the sample accounts that are not there yet; their password is in ``stack.json``."""
    marker = configuration.data / "samples-added"
    if marker.exists():
        return
    accounts: list[dict[str, Any]] = [
        {
            "user_id": sample.user_id,
            "name": sample.name,
            "role": sample.role,
            "office_id": sample.office[0],
            "office_name": sample.office[1],
            "password": configuration.secrets["sample_password"],
        }
        for sample in SAMPLES
    ]
    done = subprocess.run(
        [sys.executable, "-m", "gateway.accounts", "load"],
        input=json.dumps(accounts),
        env={**os.environ, **stack.environment(configuration)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StartFailed(f"the sample accounts could not be added:\n{done.stderr[-2000:]}")
    marker.touch()


def read_or_fail(data: Path) -> Configuration:
    """The configuration of a stack; raises :class:`StartFailed` where none has ever been started."""
    try:
        return read(data)
    except FileNotFoundError as error:
        raise StartFailed(f"no stack has been started on {data}; `make up` starts one") from error


@contextlib.contextmanager
def asking(data: Path) -> Iterator[PooledCaller]:
    """Ask the services of a stack that runs; raises :class:`StartFailed` where none has ever been started."""
    caller = PooledCaller(read_or_fail(data).broker_url, size=1)
    try:
        yield caller
    finally:
        caller.close()


@contextlib.contextmanager
def own_ledger(configuration: Configuration) -> Iterator[DocumentLedger]:
    """The gateway's ledger, whose events its relay publishes; raises :class:`StartFailed` where the documents do not answer."""
    url = stack.environment(configuration)["TITULAR_DOCUMENTS_URL"]
    store = DocumentStore(connect(DocumentSettings(url, GATEWAY_DATABASE)), COLLECTION)
    try:
        yield DocumentLedger(store)
    except PyMongoError as error:
        raise StartFailed("the document store does not answer; is the stack running?") from error
    finally:
        store.collection.database.client.close()


def local_operator() -> Actor:
    """Whoever has a shell on the machine, acting as an operator and named as such."""
    return Actor(local_auditor().user_id, "operator", "command line")


def local_auditor() -> Actor:
    """Whoever has a shell on the machine, reading as an auditor and named as such."""
    return Actor(f"cli:{os.environ.get('USER') or os.getuid()}", "auditor", "command line")
