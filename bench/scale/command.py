"""``make bench-scale ARGS="--offices 5700 --load 10 --seed 1"``: a national day, and the machines that it takes."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench.scale.figures import MEASURED, Assumptions, Measured
from bench.scale.nation import Demand, simulate
from bench.scale.network import Layout
from bench.scale.outcome import Outcome, figures, judge
from bench.scale.plot import draw
from bench.scale.sizing import sized

MEASURE_HELP = "Measure the service times on a stack of its own, by so many emissions (24), and rewrite measured.json."


@click.command()
@click.option("--offices", default=5700, show_default=True, type=click.IntRange(min=1), help="Notary offices.")
@click.option("--load", default=1.0, show_default=True, type=click.FloatRange(min=0, min_open=True), help="Times today's load.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same figures.")
@click.option("--sized-for", default=None, type=float, help="Keep the layout of that load, whatever --load asks of it.")
@click.option(
    "--one-machine", "cores", default=None, type=click.IntRange(min=1), help="Everything on one machine of so many cores."
)
@click.option("--plot", default=None, type=click.Path(path_type=Path, dir_okay=False), help="Draw the day as SVG into this file.")
@click.option("--measure", default=None, is_flag=False, flag_value=24, type=int, help=MEASURE_HELP)
@click.option("--compare", is_flag=True, help="Compare the model with the load that was measured, and do no more.")
def main(
    offices: int,
    load: float,
    seed: int,
    sized_for: float | None,
    cores: int | None,
    plot: Path | None,
    measure: int | None,
    compare: bool,
) -> None:
    """Simulate, print a table and, last, one JSON object."""
    console = Console(width=140)
    if measure:
        from bench.scale.measure import measure_all

        measure_all(MEASURED, measure, lambda text: console.print(text, markup=False, highlight=False))
        return
    if compare:
        show_comparison(console)
        return
    begun = time.monotonic()
    assumptions, measured = Assumptions.read(), Measured.read()
    demand = Demand(offices, load, seed)
    if cores:
        layout = Layout.one_machine(cores, assumptions, measured)
    else:
        layout = sized(replace(demand, load=sized_for or load), assumptions, measured)
    outcome = judge(demand, simulate(demand, layout, assumptions, measured), assumptions, measured)
    show(outcome, console)
    if plot:
        plot.write_text(draw(outcome.simulated))
    # The time that it took goes beside the figures, not into them: they are the same for the same seed.
    console.print(f"simulated in {time.monotonic() - begun:.1f} s", highlight=False)
    console.print(json.dumps(figures(outcome, assumptions)), soft_wrap=True, highlight=False, markup=False)


def show(outcome: Outcome, console: Console) -> None:
    """The table of resources, and what is full first."""
    table = Table("resource", "servers", "", "used at peak", "wait p50 (ms)", "wait p99 (ms)", "cores busy", "USD a month")
    for row in outcome.rows:
        waits = (f"{row.wait_p50 * 1000:.1f}", f"{row.wait_p99 * 1000:.1f}")
        cores, money = (f"{row.cores:.2f}", f"{row.usd:.0f}") if row.cores else ("", "")
        table.add_row(row.name, str(row.servers), row.unit, f"{row.utilisation:.1%}", *waits, cores, money)
    console.print(table)
    groups = ", ".join(f"{count} {name}" for name, count in outcome.bill.groups.items())
    console.print(f"machines: {groups}; busiest office: {outcome.simulated.busiest_office} emissions", highlight=False)
    first = outcome.bottleneck
    console.print(f"full first if only the load grows: {first.name}, used to {first.utilisation:.0%}", highlight=False)


def show_comparison(console: Console) -> None:
    """The measured operating point beside the predicted one; last, one JSON object."""
    from bench.scale.operating_point import predict

    measured = Measured.read()
    predicted = predict(measured.operating_point, Assumptions.read(), measured)
    table = Table("operating point", "measured", "predicted")
    for name, value in predicted.items():
        table.add_row(name, f"{measured.operating_point[name]:g}", f"{value:g}")
    console.print(table)
    console.print(
        json.dumps({"measured": dict(measured.operating_point), "predicted": predicted}), soft_wrap=True, highlight=False
    )
