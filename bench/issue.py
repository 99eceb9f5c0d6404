"""``make bench-issue ARGS="--emissions 200 --phones 50"``: certificates, answers about them, lists and phones, beside floors."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench import answering, issuing, phone

LIST_RUNS = 3
CERTIFICATES = 20
"""So many are asked about."""


@click.command()
@click.option("--emissions", default=200, show_default=True, help="Emissions through the application, and as many appended.")
@click.option("--workers", default=1, show_default=True, help="Emissions at once.")
@click.option("--phones", default=50, show_default=True, help="Whole ways of a phone, as often plain as slowed down.")
def main(emissions: int, workers: int, phones: int) -> None:
    """Measure, print a table and, last, one JSON object."""
    console = Console(width=140)
    with tempfile.TemporaryDirectory(prefix="titular-bench-") as name:
        parts = {part: Path(name, part) for part in ("issuing", "answering", "plain", "slowed")}
        for folder in parts.values():
            folder.mkdir()
        issued = issuing.measure(parts["issuing"], emissions, workers)
        answered = answering.measure(parts["answering"], CERTIFICATES)
        plain, slowed = (phone.measure(parts[kind], phones, throttled=kind == "slowed") for kind in ("plain", "slowed"))
    listed = max(issuing.list_seconds() for _ in range(LIST_RUNS))
    server = phone.p95(plain.server)
    share = f"{issued.issues / issued.append_floor:.0%} of the floor; {issued.events} events, real documents and objects, no PDF"
    table = Table("measured", "figure", "of what")
    table.add_row("emissions with history", f"{issued.issues:.1f}/s", share)
    own = f"{1 / issued.own_seconds:.0f}/s"
    table.add_row("emissions, own part", own, "of the same, without what is waited for at event store, read model and objects")
    table.add_row("append floor", f"{issued.append_floor:.1f}/s", "the same events, appended without any logic")
    table.add_row("signing floor", f"{issued.signing_floor:.0f}/s", "certificates signed in memory, nothing kept")
    table.add_row(
        "phone, server time",
        f"{server:.2f} s",
        f"p95 of {phones}; all answers of the gateway and the services to one phone, as its browser sees them",
    )
    table.add_row("OCSP", f"{answered:.0f}/s", "through gateway and service, the askers on the same machine")
    table.add_row("list of 100,000", f"{listed:.2f} s", f"the slowest of {LIST_RUNS}")
    console.print(table)
    console.print(phone.table(plain, slowed))
    figures = {
        "issues_per_s": round(issued.issues, 1),
        "own_issues_per_s": round(1 / issued.own_seconds, 1),
        "append_floor_per_s": round(issued.append_floor, 1),
        "signing_floor_per_s": round(issued.signing_floor),
        "phone_server_p95_s": round(server, 2),
        "ocsp_per_s": round(answered),
        "crl_100k_s": round(listed, 2),
    }
    console.print(json.dumps(figures), soft_wrap=True, highlight=False, markup=False)


if __name__ == "__main__":
    main()
