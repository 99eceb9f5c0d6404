"""``/health/live``, ``/health/ready`` and ``/metrics`` of the gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from chassis.health import HealthApplication
from gateway.security.access import parts

PATHS = ("/health", "/metrics")


def init_app(app: Flask) -> None:
    """Answer beside the pages: without session, limits or redirects."""
    checks = {
        "documents": lambda: parts(app).accounts.get("health"),
        "broker": parts(app).dead_letters.check,
    }
    health = HealthApplication("gateway", checks)

    def whole_path(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        environ = {**environ, "PATH_INFO": environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), "SCRIPT_NAME": ""}
        return health(environ, start_response)

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, dict.fromkeys(PATHS, whole_path))  # type: ignore[method-assign]
