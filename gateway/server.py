"""gunicorn, one process with threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, factory: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._factory = factory
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._factory()


def serve(factory: Callable[[], Flask], *, bind: str, threads: int, after_fork: Callable[[], None], grace_seconds: int) -> None:
    """Serve the application that ``factory`` builds in the worker process; returns when told to stop."""
    options = {
        "bind": bind,
        "workers": 1,  # limits and streams are kept in memory: more processes are more gateways
        "threads": threads,
        "worker_class": "gthread",
        "worker_connections": max(1000, threads * 2),
        "post_fork": lambda _server, _worker: after_fork(),
        "graceful_timeout": grace_seconds,
        "timeout": 120,
        "keepalive": 30,
        "accesslog": None,  # addresses hold no personal data, and still nobody needs them
        "control_socket_disable": True,
        "logger_class": "gateway.server_log.ServerLog",
    }
    _Server(factory, options).run()
