"""``/health/live``, ``/health/ready`` and ``/metrics`` of a process.

Alive is who answers at all: a store that is away is no reason to end the process. Ready is whose checks all pass.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis import deadline

CHECK_SECONDS = 2.0
Check = Callable[[], object]
"""Raises where what it looks at does not work."""


class Probe:
    """Runs one check in a thread of its own, one at a time: a check that hangs neither holds up the answer nor piles up."""

    def __init__(self, check: Check, seconds: float = CHECK_SECONDS) -> None:
        self._check = check
        self._seconds = seconds
        self._lock = threading.Lock()
        self._result = ""
        self._running: threading.Thread | None = None

    def begin(self) -> None:
        """Start the check, unless an earlier one still runs."""
        with self._lock:
            if self._running is None or not self._running.is_alive():
                self._result = f"no answer within {self._seconds:g} s"
                self._running = threading.Thread(target=self._run, name="check", daemon=True)
                self._running.start()

    def result(self, until: float) -> str:
        """``ok`` or what is wrong, waited for until that moment of the monotonic clock."""
        running = self._running
        if running is not None:
            running.join(max(0.0, until - time.monotonic()))
        return self._result

    def _run(self) -> None:
        try:
            with deadline.within(self._seconds):
                self._check()
        except Exception as error:
            self._result = f"{type(error).__name__}: {error}"[:200]
        else:
            self._result = "ok"


class HealthApplication:
    """A WSGI application; ``checks`` are run, all at once and within ``seconds``, at each look at ``/health/ready``."""

    def __init__(self, service: str, checks: Mapping[str, Check], seconds: float = CHECK_SECONDS) -> None:
        self.service = service
        self._seconds = seconds
        self._probes = {name: Probe(check, seconds) for name, check in checks.items()}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO")
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest()]
        if path == "/health/live":
            return self._json(start_response, "200 OK", {"service": self.service, "alive": True})
        if path == "/health/ready":
            results = self._results()
            ready = all(result == "ok" for result in results.values())
            status = "200 OK" if ready else "503 Service Unavailable"
            return self._json(start_response, status, {"service": self.service, "ready": ready, "checks": results})
        return self._json(start_response, "404 Not Found", {"paths": ["/health/live", "/health/ready", "/metrics"]})

    def _results(self) -> dict[str, str]:
        until = time.monotonic() + self._seconds
        for probe in self._probes.values():
            probe.begin()
        return {name: probe.result(until) for name, probe in self._probes.items()}

    @staticmethod
    def _json(start_response: Callable[..., object], status: str, body: dict[str, Any]) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]
