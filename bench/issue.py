"""``make bench-issue ARGS="--emissions 200 --phones 50"``: certificates, answers about them and lists, beside their floors."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench import answering, issuing

LIST_RUNS = 3


@click.command()
@click.option("--emissions", default=200, show_default=True, help="Emissions through the application, and as many appended.")
@click.option("--workers", default=1, show_default=True, help="Emissions at once.")
@click.option("--phones", default=50, show_default=True, help="Whole ways of a phone through the running service.")
def main(emissions: int, workers: int, phones: int) -> None:
    """Measure, print a table and, last, one JSON object."""
    console = Console(width=140)
    with tempfile.TemporaryDirectory(prefix="titular-bench-") as name:
        made = Path(name, "issuing")
        made.mkdir()
        issued = issuing.measure(made, emissions, workers)
        asked = Path(name, "answering")
        asked.mkdir()
        answered = answering.measure(asked, phones)
    listed = max(issuing.list_seconds() for _ in range(LIST_RUNS))
    p95 = statistics.quantiles(answered.phones, n=20, method="inclusive")[-1]
    share = f"{issued.issues / issued.append_floor:.0%} of the floor; {issued.events} events, real documents and objects, no PDF"
    table = Table("measured", "figure", "of what")
    table.add_row("emissions with history", f"{issued.issues:.1f}/s", share)
    own = f"{1 / issued.own_seconds:.0f}/s"
    table.add_row("emissions, own part", own, "of the same, without what is waited for at event store, read model and objects")
    table.add_row("append floor", f"{issued.append_floor:.1f}/s", "the same events, appended without any logic")
    table.add_row("signing floor", f"{issued.signing_floor:.0f}/s", "certificates signed in memory, nothing kept")
    table.add_row("phone, server time", f"{p95:.2f} s", f"p95 of {phones}; the service's answers with the term as PDF, by RPC")
    table.add_row("OCSP", f"{answered.ocsp:.0f}/s", "through gateway and service, the askers on the same machine")
    table.add_row("list of 100,000", f"{listed:.2f} s", f"the slowest of {LIST_RUNS}")
    console.print(table)
    figures = {
        "issues_per_s": round(issued.issues, 1),
        "own_issues_per_s": round(1 / issued.own_seconds, 1),
        "append_floor_per_s": round(issued.append_floor, 1),
        "signing_floor_per_s": round(issued.signing_floor),
        "phone_server_p95_s": round(p95, 2),
        "ocsp_per_s": round(answered.ocsp),
        "crl_100k_s": round(listed, 2),
    }
    console.print(json.dumps(figures), soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    main()
