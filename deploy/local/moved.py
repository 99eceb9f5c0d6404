"""What the engines have written down about their own place, put right where their folder was moved or restored elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

STRINGS = rb'"(?:[^"\\]|\\.)*"'
PLACE = re.compile(rb"(data_dir =>\s*)" + STRINGS + rb"(?:\s*" + STRINGS + rb")*")


def settle_queues(nodes: Path) -> int:
    """Tell each quorum queue that its files lie where they lie; returns how many did not know. The broker must not run.

    RabbitMQ (Ra) keeps the absolute path in ``<data_dir>/<queue>/config``, an Erlang term, and opens that path. In a
    restored folder the queues would not start, or would write into the original's files where that is still there.
    """
    settled = 0
    for path in nodes.glob("*/*/*/*/config"):
        before = path.read_bytes()
        after = _placed(before, _erlang_string(str(path.parent.parent)))
        if after != before:
            fresh = path.with_suffix(".new")
            fresh.write_bytes(after)
            fresh.replace(path)
            settled += 1
    return settled


def _placed(term: bytes, place: bytes) -> bytes:
    return PLACE.sub(lambda found: found[1] + place, term)


def _erlang_string(text: str) -> bytes:
    """A string literal of Erlang's, ASCII alone: whatever encoding the file is read in, it means the same."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return ('"' + "".join(letter if letter.isascii() else f"\\x{{{ord(letter):X}}}" for letter in escaped) + '"').encode()
