"""How long a page may take in all: what it asks of services and stores ends by then, whatever hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from chassis import deadline

PAGE_SECONDS = 20.0


def init_app(app: Flask, seconds: float = PAGE_SECONDS) -> None:
    """Bound every request of the application. A body that is streamed afterwards is not counted."""
    answer = app.wsgi_app

    def bounded(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        with deadline.within(seconds):
            return answer(environ, start_response)  # type: ignore[arg-type]

    app.wsgi_app = bounded  # type: ignore[method-assign]
