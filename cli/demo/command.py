"""``titular demo``: one whole emission on real parts, shown and checked."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import click
from playwright.sync_api import Error as BrowserError
from rich.table import Table

from cli.console import at_terminal, console, errors
from cli.demo.artefacts import FetchFailed
from cli.demo.browsers import chromium
from cli.demo.checks import CheckFailed
from cli.demo.person import new_person
from cli.demo.script import Demonstration, Result
from cli.running import Running, started
from cli.up import show_addresses
from deploy.local.configuration import default_data
from deploy.local.process import StartFailed


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of all data (default: var/).")
@click.option("--record", type=float, default=20, show_default=True, help="Seconds to record.")
@click.option("--keep/--stop", default=None, help="Keep the stack running afterwards (default: at a terminal).")
def demo(data: Path, record: float, keep: bool | None) -> None:
    """Run one whole emission in two browsers and check what it leaves behind."""
    begun = time.monotonic()
    console.print("Starting Titular…", style="bold")
    try:
        with started(data) as running:
            console.print(f"Ready after {running.seconds:.1f} s.\n", style="bold green")
            result = _demonstrate(running, record)
            _show(result, running, time.monotonic() - begun)
            if keep if keep is not None else at_terminal():
                _stay(running)
    except (StartFailed, CheckFailed, FetchFailed, BrowserError, AssertionError, TimeoutError) as error:
        errors.print(f"The demonstration failed: {error}", style="bold red", markup=False)
        errors.print(f"Logs: {data / 'log'}   What is missing: bin/titular doctor", style="yellow")
        raise SystemExit(1) from error


def _demonstrate(running: Running, record: float) -> Result:
    shutil.rmtree(running.configuration.data / "demo" / "latest", ignore_errors=True)
    with chromium() as browser:
        return Demonstration(browser, running.configuration, new_person(), record).run()


def _show(result: Result, running: Running, seconds: float) -> None:
    table = Table(
        "program", "artefact", "found", title="\nChecks by other programs", title_justify="left", box=None, padding=(0, 2)
    )
    for check in result.checks:
        table.add_row(f"[green]✓[/green] {check.program}", check.subject, check.found)
    console.print(table)
    memory = running.memory()
    console.print("\nMeasured", style="bold")
    own = sum(took for _, _, took in result.timings.steps)
    console.print(f"  start to ready      {running.seconds:7.1f} s")
    console.print(f"  the emission        {own:7.1f} s (of which recorded: {result.figures['recorded_seconds']:.1f} s)")
    console.print(f"  memory of the stack {sum(memory.values()):7.0f} MB in {len(memory)} programs")
    console.print(f"  all in all          {seconds:7.1f} s")
    console.print(f"\nArtefacts: [bold]{result.folder}[/bold]")
    for path in sorted(result.folder.iterdir()):
        console.print(f"  {path.name}", style="dim")
    console.print(f"Replay it: bin/titular audit replay {result.emission_id}   (while the stack runs)\n")


def _stay(running: Running) -> None:
    stopping = [False]

    def stop(*_: object) -> None:
        stopping[0] = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    show_addresses(running)
    running.supervisor.watch(lambda: stopping[0])
