"""The gateway as a program uses it: signed in, asking again with the same key until an answer comes."""

from __future__ import annotations

import re
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter

PATIENCE_SECONDS = 240.0
REQUEST_SECONDS = 45.0
PAUSE_SECONDS = 0.5
CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')


class Refused(Exception):
    """An answer that asking again would not change."""

    def __init__(self, status: int, body: str, path: str) -> None:
        super().__init__(f"{status} {path}: {body[:300]}")
        self.status = status


class GaveUp(Exception):
    """No answer within patience: an emission that is stuck."""


class FromAddress(HTTPAdapter):
    """Connects from an address of its own: limits count by address, and each person has one."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """See :class:`requests.adapters.HTTPAdapter`."""
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)  # type: ignore[no-untyped-call]


@dataclass
class Answers:
    """How the gateway answered, over all clients."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    slowest_ok: float = 0.0
    seconds: list[float] = field(default_factory=list)
    """How long each answer took that was no refusal to serve."""


class Client:
    """One person's browser or program."""

    def __init__(self, url: str, answers: Answers, address: str = "127.0.0.1") -> None:
        self._url = url
        self._answers = answers
        self._http = requests.Session()
        self._http.mount("http://", FromAddress(address))
        self._account: tuple[str, str] | None = None
        self._token = ""

    def sign_in(self, user_id: str, password: str) -> None:
        """As somebody of the staff; once more by itself when the session is gone."""
        self._account = (user_id, password)
        form = {"csrf_token": self._token_of("/entrar"), "user_id": user_id, "password": password}
        answer = self._patiently("POST", "/entrar", data=form, allow_redirects=False)
        if answer.status_code != 302:
            raise Refused(answer.status_code, answer.text, "/entrar")
        self._token = self._token_of("/")

    def open_page(self, path: str) -> None:
        """Look at a page, for its token."""
        self._token = self._token_of(path)

    def look(self, path: str) -> None:
        """Look at a page or a part of one, as a browser does."""
        answer = self._patiently("GET", path)
        if answer.status_code != 200:
            raise Refused(answer.status_code, answer.text, path)

    def get(self, path: str, tolerated: tuple[int, ...] = ()) -> dict[str, Any] | None:
        """Ask; None for a tolerated refusal."""
        answer = self._patiently("GET", path)
        if answer.status_code in tolerated:
            return None
        return self._read(answer, path)

    def post(self, path: str, body: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        """Give one command (or ask by POST), however often it has to be sent."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._read(self._patiently("POST", path, json=body, headers=headers, **options), path)

    def upload(self, path: str, kind: str, filename: str, content: bytes) -> dict[str, Any]:
        """Attach one file."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        files = {"file": (filename, content)}
        return self._read(self._patiently("POST", path, data={"kind": kind}, files=files, headers=headers), path)

    def _token_of(self, path: str) -> str:
        found = CSRF.search(self._patiently("GET", path).text)
        if found is None:
            raise Refused(200, "no token on the page", path)
        return found.group(1)

    def _patiently(self, method: str, path: str, **options: Any) -> requests.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            begun = time.monotonic()
            answer = self._once(method, path, **options)
            if answer is not None:
                self._answers.statuses[answer.status_code] += 1
                if answer.status_code < 500 and answer.status_code != 429:
                    self._answers.seconds.append(time.monotonic() - begun)
                    self._answers.slowest_ok = max(self._answers.slowest_ok, self._answers.seconds[-1])
                    return answer
            time.sleep(PAUSE_SECONDS)
        raise GaveUp(f"{method} {path} was not answered within {PATIENCE_SECONDS:.0f} s")

    def _once(self, method: str, path: str, **options: Any) -> requests.Response | None:
        headers = {**options.pop("headers", {}), "X-CSRFToken": self._token}
        try:
            return self._http.request(method, self._url + path, headers=headers, timeout=REQUEST_SECONDS, **options)
        except requests.RequestException:
            self._answers.broken += 1
            return None

    @staticmethod
    def _read(answer: requests.Response, path: str) -> dict[str, Any]:
        if answer.status_code >= 300:
            raise Refused(answer.status_code, answer.text, path)
        body: dict[str, Any] = answer.json()
        return body
