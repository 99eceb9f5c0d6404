"""The recorder's files on another machine, asked of the track watcher there. See :mod:`services.conference.watcher`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

from contracts.errors import Unavailable
from services.conference.application.ports import TrackFacts
from services.conference.watcher import facts_from_dict, token_of

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 3.0


class RemoteTracks:
    """See :class:`services.conference.application.ports.Tracks`."""

    def __init__(self, url: str, api_secret: str) -> None:
        self._url = url.rstrip("/")
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token_of(api_secret)}"

    def look(self, room: str) -> TrackFacts:
        """See the port."""
        raw = self._ask(f"/rooms/{quote(room, safe='')}")
        try:
            return facts_from_dict(raw)
        except (KeyError, TypeError, ValueError) as error:
            raise Unavailable("the track watcher answers something else", reason="tracks") from error

    def draining(self) -> bool:
        """See the port."""
        return bool(self._ask("/draining").get("draining"))

    def check(self) -> None:
        """See the port."""
        self._ask("/draining")

    def _ask(self, path: str) -> dict[str, Any]:
        try:
            response = self._http.get(self._url + path, timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except (requests.RequestException, ValueError) as error:
            raise Unavailable("the track watcher does not answer", reason="tracks", error=type(error).__name__) from error
        return answer
