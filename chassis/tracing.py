"""The trace id that joins one act's log lines, calls and events (W3C Trace Context)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)
_FORM = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


def new_traceparent() -> str:
    """A fresh trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def current() -> str:
    """The present trace, begun now if there is none."""
    found = _current.get()
    if found is None:
        found = new_traceparent()
        _current.set(found)
    return found


@contextmanager
def traced(traceparent: str | None = None, **names: object) -> Iterator[str]:
    """Work within a trace (a malformed or missing one is replaced); ``names`` go into every log line."""
    trace = traceparent if traceparent and _FORM.match(traceparent) else new_traceparent()
    token = _current.set(trace)
    bound = {key: value for key, value in names.items() if value is not None}
    with structlog.contextvars.bound_contextvars(trace_id=trace.split("-")[1], **bound):
        try:
            yield trace
        finally:
            _current.reset(token)
