"""``titular up``: the whole product on this machine, until Ctrl+C."""

from __future__ import annotations

import signal
from pathlib import Path

import click
from rich.table import Table

from cli.console import console, errors
from cli.running import SAMPLES, Running, started
from deploy.local.configuration import Configuration, default_data
from deploy.local.process import StartFailed


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of all data (default: var/).")
@click.option("--verbose", is_flag=True, help="Show every log line, not only warnings and errors.")
def up(data: Path, verbose: bool) -> None:
    """Start everything and keep it running; restart what dies."""
    stopping = [False]

    def stop(*_: object) -> None:
        stopping[0] = True

    console.print("Starting Titular…", style="bold")
    try:
        with started(data, verbose) as running:
            signal.signal(signal.SIGINT, stop)
            signal.signal(signal.SIGTERM, stop)
            show_addresses(running)
            running.supervisor.watch(lambda: stopping[0])
            console.print("Stopping…", style="bold")
    except StartFailed as error:
        errors.print(str(error), style="red", markup=False)
        errors.print("`titular doctor` shows what is missing.", style="yellow")
        raise SystemExit(1) from error


def show_addresses(running: Running) -> None:
    """What to open, and as whom."""
    configuration = running.configuration
    console.print(f"\nReady after {running.seconds:.1f} s, {sum(running.memory().values()):.0f} MB.\n", style="bold green")
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, address in addresses(configuration).items():
        table.add_row(name, f"[link={address}]{address}[/link]")
    console.print(table)
    accounts = Table("account", "role", "office", box=None, padding=(0, 2), title="Sample accounts", title_justify="left")
    for sample in SAMPLES:
        accounts.add_row(sample.user_id, sample.role, sample.office[1] or "")
    console.print(accounts)
    console.print(f"Password of all of them: [bold]{configuration.secrets['sample_password']}[/bold]")
    console.print(f"Logs: {configuration.data / 'log'}   Stop: Ctrl+C\n", style="dim")


def addresses(configuration: Configuration) -> dict[str, str]:
    """The addresses that people open."""
    return {
        "Clerks, operations, audit": configuration.public_url,
        "E-mail and SMS received": configuration.inbox_url,
        "API": f"{configuration.public_url}/api/",
        "Manuals": f"{configuration.public_url}/ajuda/videoconferencia",
    }
