"""``titular doctor``: what this machine lacks, and how to mend it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table

from cli.console import console
from deploy.local import engines
from deploy.local.process import ROOT

APT = "sudo apt-get install --no-install-recommends {0}   (or: make setup)"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be there. ``look`` returns what was found, or None."""

    name: str
    look: Callable[[], str | None]
    mend: str


def _program(name: str) -> Callable[[], str | None]:
    return lambda: shutil.which(name)


def _file(path: Path) -> Callable[[], str | None]:
    return lambda: str(path) if path.exists() else None


def _space() -> str | None:
    free = shutil.disk_usage(ROOT).free / 1e9
    return f"{free:.1f} GB free" if free > 2 else None


def _python() -> str | None:
    found = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = sys.version_info >= (3, 11) and importlib.util.find_spec("nameko") is not None
    return f"{found} with the libraries" if wanted else None


def needs() -> list[Need]:
    """Everything that the product stands on."""
    built = ROOT / "gateway" / "static" / "built"
    return [
        Need("Python 3.11", _python, "make setup"),
        Need("RabbitMQ", _file(Path("/usr/lib/rabbitmq/bin/rabbitmq-server")), APT.format("rabbitmq-server")),
        Need("Janus", _program("janus"), APT.format("janus")),
        Need("janus-pp-rec", _program("janus-pp-rec"), APT.format("janus-tools")),
        Need("ffmpeg", _program("ffmpeg"), APT.format("ffmpeg")),
        Need("Chromium (demo, tests)", _program("chromium"), APT.format("chromium")),
        Need("pdfsig (demo, tests)", _program("pdfsig"), APT.format("poppler-utils")),
        Need("PostgreSQL (tests)", _file(Path("/usr/lib/postgresql/15/bin/postgres")), APT.format("postgresql")),
        Need("SeaweedFS", _file(engines.ENGINES / "weed"), "make setup"),
        Need("SecantusDB", _file(engines.ENGINES / "secantusd-py"), "make setup"),
        Need("inbox", _file(ROOT / "deploy" / "local" / "inbox" / "node_modules" / "maildev"), "make setup"),
        Need("built pages", _file(built), "make setup"),
        Need("disk space", _space, "free at least 2 GB"),
        Need("network address", _address, "bring up a network interface; the video room does not work on loopback alone"),
    ]


def _address() -> str | None:
    found = engines.host_address()
    return found if not found.startswith("127.") else None


@click.command()
def doctor() -> None:
    """Say what is missing on this machine and how to mend it."""
    table = Table("", "what", "found", "mend", box=None, padding=(0, 2))
    missing = 0
    for need in needs():
        found = need.look()
        missing += found is None
        mark = "[green]✓[/green]" if found else "[red]✗[/red]"
        table.add_row(mark, need.name, found or "[red]missing[/red]", "" if found else need.mend)
    console.print(table)
    raise SystemExit(1 if missing else 0)
