"""The journal as a table (CSV, RFC 4180) that spreadsheet programs open."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

HEADINGS = ("time", "key", "use", "emission_id", "details", "stream", "version", "sha256")
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell must not begin with: a spreadsheet program would compute it (OWASP, CSV injection)."""


def row_of(use: Mapping[str, Any]) -> tuple[str, ...]:
    """One use of a key; times are UTC."""
    data = {name: value for name, value in use["data"].items() if name not in ("key", "emission_id")}
    details = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return (
        use["time"].isoformat(),
        use["key"],
        use["type"],
        use["data"].get("emission_id") or "",
        details,
        use["stream_id"],
        str(use["version"]),
        use["hash"],
    )


def line(cells: Sequence[str]) -> str:
    """One line of the table; a cell that could be taken for a formula gets an apostrophe before it."""
    written = io.StringIO()
    csv.writer(written).writerow([f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell for cell in cells])
    return written.getvalue()
