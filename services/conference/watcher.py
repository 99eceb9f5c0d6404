"""The track watcher: answers over HTTP, beside one SFU instance, what the conference asks of its recorder's files.

``GET /rooms/<room>`` gives all facts of a room, ``GET /draining`` whether the instance will be stopped; both want the bearer
token that :func:`token_of` derives. ``/health/live``, ``/health/ready`` and ``/metrics`` are as in every process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from chassis.health import HealthApplication
from contracts.errors import Unavailable
from services.conference.application.ports import TrackFacts
from services.conference.tracks import TrackFolder

SERVICE = "recorder"
ROOM = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
"""No dot and no slash: a room's name can lead nowhere but into its folder."""
SLOW_CLIENT_SECONDS = 5.0
StartResponse = Callable[..., object]


def token_of(api_secret: str) -> str:
    """What a question must bear: derived, so that the SFU's own secret never travels here."""
    return hmac.new(api_secret.encode(), b"titular/recorder/1", hashlib.sha256).hexdigest()


def facts_to_dict(facts: TrackFacts) -> dict[str, Any]:
    """As it travels."""
    return {
        "media_bytes": facts.media_bytes,
        "begun_at": facts.begun_at.isoformat() if facts.begun_at else None,
        "written_until": facts.written_until.isoformat() if facts.written_until else None,
        "settled": facts.settled,
    }


def facts_from_dict(raw: dict[str, Any]) -> TrackFacts:
    """From what travelled; raises KeyError, TypeError or ValueError where it is something else."""
    begun, until = raw["begun_at"], raw["written_until"]
    return TrackFacts(
        media_bytes=int(raw["media_bytes"]),
        begun_at=datetime.fromisoformat(begun) if begun else None,
        written_until=datetime.fromisoformat(until) if until else None,
        settled=bool(raw["settled"]),
    )


class WatcherApplication:
    """A WSGI application over one instance's folder."""

    def __init__(self, tracks: TrackFolder, api_secret: str) -> None:
        self._tracks = tracks
        self._expected = f"Bearer {token_of(api_secret)}".encode()
        self._health = HealthApplication(SERVICE, {"recordings": tracks.check})

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ.get("PATH_INFO", "")
        if path.startswith("/health/") or path == "/metrics":
            return self._health(environ, start_response)
        given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, self._expected):
            return _answer(start_response, "401 Unauthorized", {"error": "who asks?"})
        try:
            return self._told(path, start_response)
        except (OSError, Unavailable) as error:
            return _answer(start_response, "503 Service Unavailable", {"error": str(error)})

    def _told(self, path: str, start_response: StartResponse) -> Iterable[bytes]:
        if path == "/draining":
            self._tracks.check()
            return _answer(start_response, "200 OK", {"draining": self._tracks.draining()})
        room = path.removeprefix("/rooms/")
        if room == path or not ROOM.fullmatch(room):
            return _answer(start_response, "404 Not Found", {"error": "no such page"})
        self._tracks.check()  # a folder that is away is not a room without files
        return _answer(start_response, "200 OK", facts_to_dict(self._tracks.look(room)))


def _answer(start_response: StartResponse, status: str, body: dict[str, Any]) -> Iterable[bytes]:
    content = json.dumps(body).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each question, so that a slow asker holds up nobody else."""

    daemon_threads = True


class _Handler(WSGIRequestHandler):
    """Quiet, and rid of clients who say nothing."""

    timeout = SLOW_CLIENT_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library names it so
        """Questions come several times a second: they are not worth a line each."""

    def address_string(self) -> str:
        """The address; its name is not looked up."""
        return str(self.client_address[0])


def server(host: str, port: int, application: WatcherApplication) -> WSGIServer:
    """Listens; ``serve_forever`` answers."""
    return make_server(host, port, application, server_class=_Server, handler_class=_Handler)
