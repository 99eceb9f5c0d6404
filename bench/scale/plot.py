"""A day as a picture (SVG)."""

from __future__ import annotations

from collections.abc import Sequence

from bench.scale.day import HALF_HOUR, HOUR
from bench.scale.nation import Simulated
from bench.scale.network import ROOMS
from bench.scale.stations import SLOT_SECONDS

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 320, 60, 40, 40
COLOURS = {"emissions begun an hour": "#14613f", "rooms in use": "#a15c00", "processors rendering": "#2f5d8a"}


def draw(day: Simulated) -> str:
    """Emissions begun an hour, rooms in use, and processors that render, from an hour before opening to one after closing."""
    first, last = int((day.day.opens - HOUR) / SLOT_SECONDS), int((day.day.closes + HOUR) / SLOT_SECONDS)
    slots = range(first, last)
    lines: dict[str, list[float]] = {
        "emissions begun an hour": [day.day.rate(slot * SLOT_SECONDS) for slot in slots],
        "rooms in use": [float(day.network.places[ROOMS].most[slot]) for slot in slots],
        "processors rendering": [2 * sum(one.busy[slot] for one in day.network.rendering) / SLOT_SECONDS for slot in slots],
    }
    top = max(max(values) for values in lines.values()) or 1.0
    parts = [_axis(first, last, top)]
    for number, (name, values) in enumerate(lines.items()):
        parts.append(_line(values, top, COLOURS[name]))
        parts.append(f'<text x="{LEFT + 230 * number}" y="20" fill="{COLOURS[name]}">{name}</text>')
    shape = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    background = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
    return f'<svg {shape} font-family="sans-serif" font-size="14" fill="#1c2429">{background}{"".join(parts)}</svg>\n'


def _line(values: Sequence[float], top: float, colour: str) -> str:
    width, height = WIDTH - LEFT - 20, HEIGHT - TOP - BOTTOM
    points = " ".join(
        f"{LEFT + width * number / max(1, len(values) - 1):.1f},{TOP + height * (1 - value / top):.1f}"
        for number, value in enumerate(values)
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _axis(first: int, last: int, top: float) -> str:
    width, bottom = WIDTH - LEFT - 20, HEIGHT - BOTTOM
    found = [f'<line x1="{LEFT}" y1="{bottom}" x2="{WIDTH - 20}" y2="{bottom}" stroke="#8a949a"/>']
    step = int(2 * HALF_HOUR / SLOT_SECONDS)
    for slot in range(first, last, step):
        x = LEFT + width * (slot - first) / (last - 1 - first)
        found.append(f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{int(slot * SLOT_SECONDS // HOUR)} h</text>')
    for share in (0.0, 0.5, 1.0):
        y = TOP + (bottom - TOP) * (1 - share)
        found.append(f'<text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end">{top * share:.0f}</text>')
    return "".join(found)
