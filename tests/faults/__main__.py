"""``python -m tests.faults --kills 60 --emissions 200 --seed 7``: a run of any size; see docs/guarantees.md."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from tests.faults.report import show, summary
from tests.faults.run import Options, run


@click.command()
@click.option("--kills", default=60, show_default=True, help="SIGKILLs, each process in turn and then at random.")
@click.option("--emissions", default=120, show_default=True, help="Emissions of the load.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same plan of faults and the same load.")
@click.option("--others", default=None, type=int, help="Faults that are no kills (default: a third of the kills).")
@click.option("--workers", default=6, show_default=True, help="Emissions that go on at once.")
@click.option("--pause", default=2.0, show_default=True, help="Seconds of calm after each recovery.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder of the run's data, kept afterwards (default: one of its own)."
)
def main(kills: int, emissions: int, seed: int, others: int | None, workers: int, pause: float, data: Path | None) -> None:
    """Put the product under load, kill and disturb everything, and check that nothing was lost or doubled."""
    console = Console(width=140)
    begun = time.monotonic()
    folder = data or Path(tempfile.mkdtemp(prefix="titular-faults-"))

    def say(text: str) -> None:
        console.print(f"{time.monotonic() - begun:6.0f} s  {text}", markup=False, highlight=False)

    options = Options(kills, emissions, seed, kills // 3 if others is None else others, workers, pause)
    result = run(options, folder, say)
    show(result, console)
    if result.good and data is None:
        shutil.rmtree(folder, ignore_errors=True)
    elif not result.good:
        console.print(f"kept for inspection: {folder}", markup=False)
    figures = summary(result)
    raise SystemExit(0 if result.good and not (figures["lost"] or figures["doubled"] or figures["stuck"]) else 1)


if __name__ == "__main__":
    main()
