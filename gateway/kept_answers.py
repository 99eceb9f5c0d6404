"""Answers about certificates kept for a moment, so that many who ask the same need one answer (RFC 5019, 5)."""

from __future__ import annotations

import base64
import binascii
import io
import threading
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from chassis.clock import now

KEPT = timedelta(seconds=30)  # a revocation shows after that at the latest
SHORT_LIVED = timedelta(minutes=1)  # about what is on hold, which ends at any moment
LARGEST_NUMBER = 10_000
NONCE = bytes.fromhex("06092b0601050507300102")  # the extension's object identifier: such an answer is for one question

OCSP_REQUEST = "application/ocsp-request"
OCSP_RESPONSE = "application/ocsp-response"
HEADERS = (("Content-Type", OCSP_RESPONSE), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))

Answer = tuple[bytes, datetime]


class KeptAnswers:
    """By request; the oldest go first where there are too many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Answer, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, request: str) -> Answer | None:
        """The response (DER) to a request (base64) and its next update."""
        found = self._kept.get(request)
        return found[0] if found is not None and now() < found[1] else None

    def keep(self, request: str, response: bytes, next_update: datetime) -> None:
        """Keep a response, unless it is for one question only or soon to be another."""
        moment = now()
        if next_update - moment <= SHORT_LIVED or _has_nonce(request):
            return
        with self._lock:
            self._kept[request] = ((response, next_update), moment + KEPT)
            self._kept.move_to_end(request)
            while len(self._kept) > LARGEST_NUMBER:
                self._kept.popitem(last=False)


def _has_nonce(request: str) -> bool:
    try:
        return NONCE in base64.b64decode(request)
    except (binascii.Error, ValueError):
        return True


class KeptAnswersFirst:
    """WSGI: answers posted requests whose answer is kept, before all else of the gateway, which takes many times longer."""

    def __init__(self, application: WSGIApplication, kept: KeptAnswers, address: str, largest: int) -> None:
        self._application = application
        self._kept = kept
        self._address = address
        self._largest = largest

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """See PEP 3333."""
        if environ["PATH_INFO"] != self._address or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or ""
        if environ.get("CONTENT_TYPE") != OCSP_REQUEST or not length.isdecimal() or int(length) > self._largest:
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(length))
        kept = self._kept.find(base64.b64encode(body).decode())
        if kept is None:
            environ["wsgi.input"] = io.BytesIO(body)
            return self._application(environ, start_response)
        headers = [*HEADERS, ("Content-Length", str(len(kept[0])))]
        start_response("200 OK", headers)
        return [kept[0]]
