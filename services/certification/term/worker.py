"""``python -m services.certification.term.worker <descriptor>``: renders and completes terms for the service that started it.

A process of its own, because rendering is heavy and signing is asyncio: neither mixes with the service's event loop.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import logging
import os
import socket
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.settings import load_or_exit
from services.certification.application.ports import PreparedTerm, ValidationMaterial
from services.certification.authority import files, generations
from services.certification.authority.keys import custody_of, or_exit
from services.certification.authority.settings import AuthoritySettings
from services.certification.term import definite_lengths, frames, long_term, signing
from services.certification.term.document import stamp_pdf, term_pdf
from services.certification.term.timestamps import LocalTimeStamper, TimeStampingService


class TermWorker:
    """What the worker can do; one request at a time."""

    def __init__(self, authority: AuthoritySettings, generation: int | None = None) -> None:
        definite_lengths.install()
        folder = authority.folder
        stamps = generation or generations.latest(folder)
        self._root = files.load_certificate(folder, "root").public_bytes(Encoding.DER)
        self._issuing = [files.load_certificate(folder, generations.named("issuing", n)) for n in generations.all_of(folder)]
        stamping = files.load_issuer(folder, generations.named("timestamping", stamps), custody_of(authority))
        self._stamping = TimeStampingService(stamping, (self._issuing[stamps - 1].public_bytes(Encoding.DER),))
        self._stamper = LocalTimeStamper(self._stamping)
        # In memory, but with the path that the library wants: a killed worker leaves no file behind.
        self._stamp = Path(f"/proc/self/fd/{os.memfd_create('stamp')}")

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request by its ``task``. ``stamps``: signed for it; ``earlier``: for tasks that failed before it."""
        if request["task"] == "prepare":
            return asyncio.run(self._prepare(request))
        if request["task"] == "complete":
            return self._stamped(self._complete(request))
        if request["task"] == "preserve":
            return self._stamped(self._preserve(request))
        if request["task"] == "last_stamp":
            stamp = long_term.last_stamp(base64.b64decode(request["document"]))
            return {name: moment.isoformat() for name, moment in asdict(stamp).items()}
        return {"ready": True}

    def _stamped(self, task: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
        before = len(self._stamping.signed)
        answer = asyncio.run(task)
        signed = [{**asdict(stamp), "stamped_at": stamp.stamped_at.isoformat()} for stamp in self._stamping.signed]
        self._stamping.signed.clear()
        return {**answer, "stamps": signed[before:], "earlier": signed[:before]}

    async def _prepare(self, request: Mapping[str, Any]) -> dict[str, Any]:
        contents = request["contents"]
        document = term_pdf(contents, ZoneInfo(request["time_zone"]))
        certificate = base64.b64decode(request["certificate"])
        holder = contents["holder"]["social_name"] or contents["holder"]["name"]
        self._stamp.write_bytes(stamp_pdf(holder, contents["certificate"]["serial"]))
        prepared = await signing.prepare(document, certificate, self._chain(certificate), holder, self._stamp)
        return {
            **asdict(prepared),
            "document": _text(prepared.document),
            "signed_attributes": _text(prepared.signed_attributes),
        }

    async def _complete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        body = request["prepared"]
        binary = {name: base64.b64decode(body[name]) for name in ("document", "signed_attributes")}
        prepared = PreparedTerm(**{**body, **binary})
        signature, certificate = base64.b64decode(request["signature"]), base64.b64decode(request["certificate"])
        document = await signing.complete(prepared, signature, certificate, self._chain(certificate), self._stamper)
        return {"document": _text(document)}

    async def _preserve(self, request: Mapping[str, Any]) -> dict[str, Any]:
        material = {name: tuple(base64.b64decode(one) for one in those) for name, those in request["material"].items()}
        document = base64.b64decode(request["document"])
        longer = await long_term.preserve(document, request["number"], ValidationMaterial(**material), self._stamper)
        return {"document": _text(longer)}

    def _chain(self, certificate: bytes) -> tuple[bytes, bytes]:
        """The generation that issued a holder's certificate, and the root."""
        issuer = x509.load_der_x509_certificate(certificate).issuer
        (issuing,) = (one for one in self._issuing if one.subject == issuer)
        return issuing.public_bytes(Encoding.DER), self._root


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def warm() -> None:
    """Load fonts and libraries before the first holder waits for them, and spare them all later collections of garbage."""
    stamp_pdf("Titular", "0")
    gc.collect()
    gc.freeze()


def serve(connection: socket.socket, worker: TermWorker) -> None:
    """Answer requests until the service closes the connection. A fault is answered, and the next request is taken."""
    while True:
        try:
            request = frames.receive(connection)
        except (EOFError, OSError):
            return
        try:
            answer = worker.answer(request)
        except Exception as error:
            logging.getLogger(__name__).exception("task failed")
            answer = {"error": type(error).__name__}
        frames.send(connection, answer)


def main() -> None:
    """Serve on the socket whose descriptor is the first argument. The second, if any, is the generation that stamps."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    authority = load_or_exit(AuthoritySettings.read)
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.setblocking(True)  # a cooperative parent made it non-blocking
    with contextlib.closing(connection):
        with or_exit():
            worker = TermWorker(authority, int(sys.argv[2]) if len(sys.argv) > 2 else None)
        warm()
        serve(connection, worker)


if __name__ == "__main__":
    main()
