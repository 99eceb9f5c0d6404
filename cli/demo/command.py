"""``titular demo``: one whole emission on real parts, shown and checked."""

from __future__ import annotations

import os
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
from cli.demo.site import Site, local
from cli.running import Running, started
from cli.up import show_addresses
from deploy.local.configuration import default_data
from deploy.local.process import StartFailed


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of all data (default: var/).")
@click.option("--record", type=float, default=20, show_default=True, help="Seconds to record.")
@click.option("--keep/--stop", default=None, help="Keep the stack running afterwards (default: at a terminal).")
@click.option("--at", "url", help="The address of an installation that runs already, instead of a stack of our own.")
@click.option("--inbox", help="With --at: the address of its inbox.")
@click.option("--user", default="admin", show_default=True, help="With --at: who signs in (TITULAR_PASSWORD, or asked for).")
@click.option("--authority", type=click.Path(path_type=Path, exists=True), help="With --at: a local root certificate (PEM).")
def demo(
    data: Path, record: float, keep: bool | None, url: str | None, inbox: str | None, user: str, authority: Path | None
) -> None:
    """Run one whole emission in two browsers and check what it leaves behind."""
    try:
        if url:
            if not inbox:
                raise click.UsageError("--inbox is needed with --at: the holder's e-mail and code are read there")
            _elsewhere(Site(url.rstrip("/"), inbox.rstrip("/"), user, _password(), data / "demo", authority), record)
        else:
            _here(data, record, keep)
    except (StartFailed, CheckFailed, FetchFailed, BrowserError, AssertionError, TimeoutError, OSError) as error:
        errors.print(f"The demonstration failed: {error}", style="bold red", markup=False)
        if not url:
            errors.print(f"Logs: {data / 'log'}   What is missing: bin/titular doctor", style="yellow")
        raise SystemExit(1) from error


def _password() -> str:
    return os.environ.get("TITULAR_PASSWORD") or click.prompt("Password", hide_input=True)


def _here(data: Path, record: float, keep: bool | None) -> None:
    begun = time.monotonic()
    console.print("Starting Titular…", style="bold")
    with started(data) as running:
        console.print(f"Ready after {running.seconds:.1f} s.\n", style="bold green")
        result = _demonstrate(local(running.configuration), record)
        _show(result)
        _measured(result, running, time.monotonic() - begun)
        if keep if keep is not None else at_terminal():
            _stay(running)


def _elsewhere(site: Site, record: float) -> None:
    if site.authority:
        # Playwright's own requests are made by Node, which reads this as it starts.
        os.environ["NODE_EXTRA_CA_CERTS"] = str(site.authority)
    _show(_demonstrate(site, record))


def _demonstrate(site: Site, record: float) -> Result:
    shutil.rmtree(site.folder / "latest", ignore_errors=True)
    with chromium(site.flags) as browser:
        return Demonstration(browser, site, new_person(), record).run()


def _show(result: Result) -> None:
    table = Table(
        "program", "artefact", "found", title="\nChecks by other programs", title_justify="left", box=None, padding=(0, 2)
    )
    for check in result.checks:
        table.add_row(f"[green]✓[/green] {check.program}", check.subject, check.found)
    console.print(table)
    console.print(f"\nArtefacts: [bold]{result.folder}[/bold]")
    for path in sorted(result.folder.iterdir()):
        console.print(f"  {path.name}", style="dim")


def _measured(result: Result, running: Running, seconds: float) -> None:
    memory = running.memory()
    own = sum(took for _, _, took in result.timings.steps)
    console.print("\nMeasured", style="bold")
    console.print(f"  start to ready      {running.seconds:7.1f} s")
    console.print(f"  the emission        {own:7.1f} s (of which recorded: {result.figures['recorded_seconds']:.1f} s)")
    console.print(f"  memory of the stack {sum(memory.values()):7.0f} MB in {len(memory)} programs")
    console.print(f"  all in all          {seconds:7.1f} s")
    console.print(f"\nReplay it: bin/titular audit replay {result.emission_id}   (while the stack runs)\n")


def _stay(running: Running) -> None:
    stopping = [False]

    def stop(*_: object) -> None:
        stopping[0] = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    show_addresses(running)
    running.supervisor.watch(lambda: stopping[0])
