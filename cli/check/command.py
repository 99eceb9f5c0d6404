"""``titular check``: walk everything and say what is missing."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import click
from pymongo.errors import PyMongoError
from rich.table import Table

from chassis.callers import PooledCaller
from chassis.objects import S3ObjectStore
from cli.check import stores
from cli.check.emissions import GRACE, EmissionChecker
from cli.check.objects import ObjectChecker
from cli.check.report import Report
from cli.check.sources import Sources, of_environment, of_stack
from cli.console import console, errors
from cli.running import local_auditor
from contracts.errors import TitularError
from deploy.local.configuration import Configuration, default_data, read

SETTLE_SECONDS = 60.0
POLL_SECONDS = 0.25


@click.command()
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of the stack's data.")
@click.option("--environment", is_flag=True, help="Look where the TITULAR_… settings of the environment say (production).")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def check(data: Path, environment: bool, as_json: bool) -> None:
    """Check every history and everything that it names; ends with status 1 if anything is missing.

    The stack must run: most is asked of the services, the rest read from the stores.
    """
    try:
        report = run(of_environment() if environment else of_stack(read(data)))
    except FileNotFoundError as error:
        raise click.ClickException(f"no stack has been started on {data}; `make up` starts one") from error
    except (TitularError, PyMongoError) as error:
        raise click.ClickException(f"the check could not be finished, is the stack running? {error}") from error
    if as_json:
        click.echo(json.dumps(report.to_dict(), indent=1))
    else:
        show(report)
    raise SystemExit(0 if report.whole else 1)


def check_running(configuration: Configuration) -> Report:
    """The check of a local stack that runs, once what was under way has arrived."""
    sources = of_stack(configuration)
    return run(sources, timedelta(0) if settle(sources) else GRACE)


def settle(sources: Sources, seconds: float = SETTLE_SECONDS) -> bool:
    """Wait until no event is on its way; false where some still are after that time."""
    events = stores.open_events(sources)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if not stores.waiting_events(events, sources) and not stores.waiting_messages(sources):
                return True
            time.sleep(POLL_SECONDS)
    finally:
        events.close()
    return False


def run(sources: Sources, grace: timedelta = GRACE) -> Report:
    """Check everything; raises :class:`TitularError` where a service or store does not answer.

    ``grace``: for how long another service may not yet have heard of an event without being reported.
    """
    begun = time.monotonic()
    report = Report()
    events = stores.open_events(sources)
    caller = PooledCaller(sources.broker_url, size=1)
    try:
        objects = ObjectChecker(S3ObjectStore(sources.objects), report)
        emissions = EmissionChecker(caller, local_auditor(), objects, report, grace)
        emission_ids, uses = stores.stream_ids(events)
        for emission_id in emission_ids:
            emissions.check(emission_id)
        for stream_id in uses:
            stores.check_uses(events, stream_id, report)
        stores.check_documents(sources, events, emissions.named, objects, report)
        stores.check_event_outbox(events, report)
        stores.check_queues(sources, report)
    finally:
        caller.close()
        events.close()
    report.seconds = round(time.monotonic() - begun, 3)
    return report


def show(report: Report) -> None:
    """A table of what was looked at, then what is wrong."""
    table = Table("", "what", "looked at", "wrong", box=None, padding=(0, 2))
    for area, number in report.checked.items():
        wrong = report.wrong(area)
        mark = "[red]✗[/red]" if wrong else "[green]✓[/green]"
        table.add_row(mark, area, str(number), f"[red]{wrong}[/red]" if wrong else "0")
    console.print(table)
    for finding in report.findings:
        errors.print(f"{finding.area}: emission {finding.emission_id or '-'}: {finding.what}", style="red", markup=False)
    if report.whole:
        console.print(f"Everything is there ({report.seconds:.1f} s).", style="bold green")
    else:
        errors.print(f"{len(report.findings)} things are missing or not as they should be.", style="bold red")
