"""The measurements as a page with a plot: ``docs/measurements/video.md`` and ``video.svg``."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "measurements"
HOW = """\
On two shared cores, everything on one machine. Meetings are recorded tracks of two people at 640×480, written into growing
files as the recorder does, the last 20 s at their own pace. *Naive*: when the meeting has ended, `janus-pp-rec` for each
track, then one `ffmpeg` at the same quality (x264 veryfast, CRF 23); of several rooms all at once. *Playable*: from the end
until the whole video can be watched; *all stored*: until the one object, the preserved original and the poster are stored and
read back. Processor time is that of the whole job, evidence check included."""
WIDTH, BAR, GAP, LEFT = 760, 22, 10, 240


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Seconds, seconds of processor a minute, megabytes for ten minutes."""

    minutes: float
    way: str
    ends: int
    ready: float
    done: float
    cpu: float
    size: float

    @property
    def name(self) -> str:
        """As the plot calls it."""
        return f"{self.minutes:g} min, {self.way}"


def write(rows: Sequence[Row], others: Sequence[str], command: str) -> None:
    """Write the page and its plot. ``others``: further figures in words; ``command``: what has measured them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "video.svg").write_text(_plot(rows))
    lines = [
        "# From a meeting's end to its video",
        "",
        f"Measured by `{command}`.",
        "",
        HOW,
        "",
        "![seconds from the end until the video can be watched](video.svg)",
        "",
        "| meeting | ends | playable after (s, worst) | all stored after (s, worst) | CPU s a minute | MB for 10 min |",
        "|---|---|---|---|---|---|",
        *(f"| {r.name} | {r.ends} | {r.ready:.2f} | {r.done:.2f} | {r.cpu:.1f} | {r.size:.1f} |" for r in rows),
        "",
        *others,
    ]
    (FOLDER / "video.md").write_text("\n".join(lines).rstrip() + "\n")


def _plot(rows: Sequence[Row]) -> str:
    longest = max(row.ready for row in rows)
    height = len(rows) * (BAR + GAP) + GAP
    bars = []
    for number, row in enumerate(rows):
        top = GAP + number * (BAR + GAP)
        width = max(2, round((WIDTH - LEFT - 90) * row.ready / longest))
        color = "#a15c00" if row.way.startswith("naive") else "#14613f"
        bars.append(f'<text x="{LEFT - 10}" y="{top + 16}" text-anchor="end">{html.escape(row.name)}</text>')
        bars.append(f'<rect x="{LEFT}" y="{top}" width="{width}" height="{BAR}" fill="{color}"/>')
        bars.append(f'<text x="{LEFT + width + 8}" y="{top + 16}">{row.ready:.1f} s</text>')
    background = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    style = 'font-family="sans-serif" font-size="14" fill="#1c2429"'
    shape = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
    return f"<svg {shape} {style}>{background}{''.join(bars)}</svg>\n"
