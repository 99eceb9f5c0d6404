"""``/health/live``, ``/health/ready`` and ``/metrics`` of a process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], object]
"""Raises where what it looks at does not work."""


class HealthApplication:
    """A WSGI application; ``checks`` are run at each look at ``/health/ready``."""

    def __init__(self, service: str, checks: Mapping[str, Check]) -> None:
        self.service = service
        self.checks = checks

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest()]
        if path == "/health/live":
            return self._json(start_response, "200 OK", {"service": self.service, "alive": True})
        if path == "/health/ready":
            results = {name: self._run(check) for name, check in self.checks.items()}
            ready = all(result == "ok" for result in results.values())
            status = "200 OK" if ready else "503 Service Unavailable"
            return self._json(start_response, status, {"service": self.service, "ready": ready, "checks": results})
        return self._json(start_response, "404 Not Found", {"paths": ["/health/live", "/health/ready", "/metrics"]})

    @staticmethod
    def _run(check: Check) -> str:
        try:
            check()
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:200]
        return "ok"

    @staticmethod
    def _json(start_response: Callable[..., object], status: str, body: dict[str, Any]) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]
