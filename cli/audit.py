"""``titular audit``: an emission's history, replayed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from cli.console import console, errors
from cli.running import asking, local_auditor
from contracts import certification
from contracts.errors import TitularError
from deploy.local.configuration import default_data
from deploy.local.process import StartFailed


@click.group()
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of the stack's data.")
@click.pass_context
def audit(context: click.Context, data: Path) -> None:
    """Read an emission's history."""
    context.obj = data


def _history(data: Path, emission_id: str, up_to: int | None = None) -> dict[str, Any]:
    try:
        with asking(data) as ask:
            return ask(certification.GET_HISTORY, {"emission_id": emission_id, "up_to": up_to}, actor=local_auditor())
    except TitularError as error:
        raise click.ClickException(f"{error.code}: {error.message}") from error
    except StartFailed as error:
        raise click.ClickException(str(error)) from error


@audit.command()
@click.argument("emission_id")
@click.pass_obj
def show(data: Path, emission_id: str) -> None:
    """The events of an emission: when, who, what, why."""
    history = _history(data, emission_id)
    table = Table("version", "time", "event", "actor", "cause", "hash", box=None, padding=(0, 1))
    for entry in history["entries"]:
        table.add_row(
            str(entry["version"]),
            f"{entry['time']:%Y-%m-%d %H:%M:%S.%f}"[:-3],
            entry["type"],
            _actor(entry["actor"]),
            (entry.get("cause") or "")[:8],
            entry["hash"][:12],
        )
    console.print(table)
    _say_integrity(history)


@audit.command()
@click.argument("emission_id")
@click.option("--up-to", type=int, help="Only to this version.")
@click.pass_obj
def replay(data: Path, emission_id: str, up_to: int | None) -> None:
    """The state after each event, as the history gives it."""
    whole = _history(data, emission_id, up_to)
    table = Table("version", "event", "state", "conference", "video", "certificate", box=None, padding=(0, 1))
    for entry in whole["entries"]:
        state = _history(data, emission_id, entry["version"])["state"]
        certificate = (state.get("certificate") or {}).get("status", "")
        table.add_row(str(entry["version"]), entry["type"], state["state"], state["conference"], state["video"], certificate)
    console.print(table)
    _say_integrity(whole)


@audit.command()
@click.argument("emission_id")
@click.pass_obj
def verify(data: Path, emission_id: str) -> None:
    """Recompute the hash chain; ends with status 1 where it is broken."""
    history = _history(data, emission_id)
    _say_integrity(history)
    raise SystemExit(0 if history["intact"] else 1)


def _say_integrity(history: Mapping[str, Any]) -> None:
    count = len(history["entries"])
    if history["intact"]:
        console.print(f"Intact: {count} events, last hash {history['entries'][-1]['hash']}", style="green")
    else:
        errors.print(f"BROKEN at version {history['broken_at']} of {count}", style="bold red")


def _actor(actor: Mapping[str, Any]) -> str:
    name = actor.get("name") or actor.get("user_id") or "?"
    return f"{name} ({actor.get('role')})"
