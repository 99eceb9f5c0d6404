"""How long a recording's video is still waited for, in the figures that the emission's page says."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

LATE_SECONDS = 90
"""Behind by more than this, the page says that nothing is lost."""
COUNTED_IN_SECONDS = 90
"""Longer times are said in minutes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Times as people read them. ``ready``: after the end while the recording is ``going_on``, else from now; None: not known."""

    going_on: bool
    late: bool
    behind: str
    ready: str | None
    ahead: int


def progress_of(recordings: Iterable[dict[str, Any]]) -> Progress | None:
    """Of the newest recording, where its video cannot be watched yet."""
    newest = next(iter(recordings), None)
    found = newest.get("progress") if newest else None
    if not (newest and found):
        return None
    return Progress(
        going_on=newest["state"] == "recording",
        late=found["behind_seconds"] > LATE_SECONDS,
        behind=_time(found["behind_seconds"]),
        ready=None if found["ready_seconds"] is None else _time(found["ready_seconds"]),
        ahead=found["recordings_ahead"],
    )


def _time(seconds: float) -> str:
    """In whole seconds, or whole minutes where it is long; rather more than less."""
    if seconds < COUNTED_IN_SECONDS:
        return str(_("%(number)s s", number=math.ceil(seconds)))
    return str(_("%(number)s min", number=math.ceil(seconds / 60)))
