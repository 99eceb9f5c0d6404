"""What people read at the terminal."""

from __future__ import annotations

import json
import sys
import zlib
from typing import Any

from rich.console import Console

COLOURS = ("cyan", "green", "yellow", "blue", "magenta", "bright_cyan", "bright_green", "bright_yellow", "bright_blue")
QUIET = frozenset({"event", "level", "logger", "timestamp", "service", "trace_id"})

WIDTH_UNWATCHED = 160  # where nobody watches, lines go to a log and need not fit a window

console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_UNWATCHED)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def at_terminal() -> bool:
    """Whether a person watches."""
    return sys.stdout.isatty()


def show_line(program: str, line: str, everything: bool = False) -> None:
    """One line of a program's output; JSON logs as a sentence, routine lines only where everything is wanted."""
    entry = _entry(line)
    if entry is None:
        if everything:
            _print(program, line, "white")
        return
    level = str(entry.get("level", "info"))
    if level in {"debug", "info"} and not everything:
        return
    details = " ".join(f"{key}={value}" for key, value in entry.items() if key not in {*QUIET, "exception"})
    _print(program, f"{entry.get('event', '')}  {details}", {"error": "red", "warning": "yellow"}.get(level, "white"))


def _entry(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return entry


def _print(program: str, text: str, style: str) -> None:
    colour = COLOURS[zlib.crc32(program.encode()) % len(COLOURS)]
    console.print(f"{program:>14} │ ", style=colour, end="", markup=False)
    console.print(text, style=style, markup=False)
