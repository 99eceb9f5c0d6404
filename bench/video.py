"""``make bench-video ARGS="--minutes 1,10 --rooms 1"``: from the end of a meeting to its video, beside the naive way."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench import report, room
from bench.meetings import Ended, hold
from bench.naive import Encoded, encode
from bench.report import Row
from services.media.model.cells import CELL_SECONDS
from tests.support import engines

MEGABYTE = 1_000_000


def _numbers(_context: click.Context, _parameter: click.Parameter, value: str) -> list[float]:
    try:
        return [float(one) for one in value.split(",")]
    except ValueError as error:
        raise click.BadParameter("numbers, separated by commas") from error


@click.command()
@click.option("--minutes", default="1,10", callback=_numbers, show_default=True, help="Lengths of the meetings.")
@click.option("--rooms", default="1", callback=_numbers, show_default=True, help="Meetings at once that end together.")
@click.option("--crowded-minutes", default=60.0, show_default=True, help="Longest of which several are held at once.")
@click.option("--ends", default=3, show_default=True, help="Runs of meetings up to two minutes, each ending at another moment.")
@click.option("--sfu/--no-sfu", default=True, show_default=True, help="Measure the room at the SFU too (needs a browser).")
@click.option("--write", "written", is_flag=True, help="Write the page in docs/measurements anew.")
def main(minutes: list[float], rooms: list[float], crowded_minutes: float, ends: int, sfu: bool, written: bool) -> None:
    """Measure, print a table and, last, one JSON object."""
    console = Console(width=140)
    meetings = [(length, int(count)) for length in minutes for count in rooms if count == 1 or length <= crowded_minutes]
    with tempfile.TemporaryDirectory(prefix="titular-bench-") as name:
        folder = Path(name)
        ended: list[Ended] = []
        with engines.objects(folder) as store:
            env = {
                "TITULAR_OBJECTS_ENDPOINT": store.endpoint,
                "TITULAR_OBJECTS_ACCESS_KEY": store.access_key,
                "TITULAR_OBJECTS_SECRET_KEY": store.secret_key,
            }
            for length, count in meetings:
                for number in range(ends if length <= 2 else 1):
                    phase = CELL_SECONDS * number / max(1, ends)
                    ended += hold(folder, env, length, count, phase)
                    console.print(f"{length:g} min, {count} rooms: playable after {ended[-1].ready:.2f} s", highlight=False)
        naive = [encode(folder, length, count) for length, count in meetings]
        at_sfu = room.measure(folder / "room") if sfu else None
    rows = _rows(ended, naive)
    _show(console, rows)
    figures = _figures(ended, naive)
    if at_sfu:
        figures |= {"record_to_durable_s": round(max(at_sfu.durable), 2), "rooms_per_core": round(at_sfu.rooms_per_core)}
    if written:
        report.write(rows, _in_words(figures), f'make bench-video ARGS="{" ".join(sys.argv[1:])}"')
    console.print(json.dumps(figures), soft_wrap=True, highlight=False, markup=False)


def _rows(ended: list[Ended], naive: list[Encoded]) -> list[Row]:
    rows = []
    for length, count in sorted({(one.minutes, one.rooms) for one in ended}):
        those = [one for one in ended if (one.minutes, one.rooms) == (length, count)]
        cpu = statistics.mean(one.cpu for one in those) / length
        size = statistics.mean(one.size for one in those) / MEGABYTE / length * 10
        rows.append(
            Row(length, _rooms(count), len(those), max(one.ready for one in those), max(one.done for one in those), cpu, size)
        )
    for one in naive:
        size = one.size / MEGABYTE / one.minutes * 10
        rows.append(Row(one.minutes, f"naive, {_rooms(one.rooms)}", one.rooms, one.ready, one.ready, one.cpu / one.minutes, size))
    return sorted(rows, key=lambda row: row.minutes)


def _rooms(count: int) -> str:
    return "1 room" if count == 1 else f"{count} rooms at once"


def _show(console: Console, rows: list[Row]) -> None:
    table = Table("meeting", "ends", "playable after (s)", "all stored after (s)", "CPU s/min", "MB/10 min")
    for row in rows:
        numbers = (f"{row.ready:.2f}", f"{row.done:.2f}", f"{row.cpu:.1f}", f"{row.size:.1f}")
        table.add_row(row.name, str(row.ends), *numbers)
    console.print(table)


def _in_words(figures: dict[str, Any]) -> list[str]:
    by_rooms = ", ".join(f"{ratio} ({_rooms(int(count))})" for count, ratio in figures["cpu_ratio_by_rooms"].items())
    words = [f"Processor time against the naive way, longest meetings: {by_rooms}."]
    if "rooms_per_core" in figures:
        durable, rooms = figures["record_to_durable_s"], figures["rooms_per_core"]
        words.append(f"From asking for the recording until media are on disk: {durable} s at worst of {room.RECORDINGS}.")
        words.append(f"Recorded two-person rooms that the SFU would carry on a core, from its processor time for one: {rooms}.")
    return [line for word in words for line in (word, "")]


def _figures(ended: list[Ended], naive: list[Encoded]) -> dict[str, Any]:
    ready = sorted(one.ready for one in ended if one.rooms == 1) or sorted(one.ready for one in ended)
    lengths = sorted({one.minutes for one in ended})
    longest = [one for one in ended if one.minutes == lengths[-1]]
    ratios = _ratios(ended, naive)
    return {
        "ready_p99_s": round(_quantile(ready, 99), 2),
        "ready_s_by_minutes": {f"{length:g}": _worst(ended, minutes=length) for length in lengths},
        "ready_s_by_rooms": {str(count): _worst(ended, rooms=count) for count in sorted({one.rooms for one in ended})},
        "cpu_ratio_to_naive": round(statistics.mean(ratios.values()), 2),
        "cpu_ratio_by_rooms": {str(count): round(ratio, 2) for count, ratio in ratios.items()},
        "mb_per_10_min": round(statistics.mean(one.size / MEGABYTE / one.minutes * 10 for one in longest), 1),
    }


def _ratios(ended: list[Ended], naive: list[Encoded]) -> dict[int, float]:
    """Processor time against the naive way's, of the longest meetings of so many rooms at once."""
    longest = {one.rooms: one for one in sorted(naive, key=lambda one: one.minutes)}
    return {
        rooms: statistics.mean(one.cpu for one in ended if (one.minutes, one.rooms) == (other.minutes, rooms)) / other.cpu
        for rooms, other in longest.items()
    }


def _worst(ended: list[Ended], minutes: float | None = None, rooms: int | None = None) -> float:
    those = [one for one in ended if minutes in {None, one.minutes} and rooms in {None, one.rooms}]
    return round(max(one.ready for one in those), 2)


def _quantile(ordered: list[float], percent: int) -> float:
    if len(ordered) < 2:
        return max(ordered, default=0.0)
    return statistics.quantiles(ordered, n=100, method="inclusive")[percent - 1]


if __name__ == "__main__":
    main()
