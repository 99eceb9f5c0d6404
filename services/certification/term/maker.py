"""The term maker as the application's port: a worker process that is restarted when it dies or takes too long."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.logs import get_logger
from contracts.errors import Unavailable
from services.certification.application.ports import LastStamp, PreparedTerm, Stamp, Stamped, ValidationMaterial
from services.certification.term import frames
from services.certification.term.stamp import stamped_at

logger = get_logger(__name__)
TIME_LIMIT_SECONDS = 30.0


class WorkerTermMaker:
    """See :class:`services.certification.application.ports.TermMaker`. One task at a time; further ones wait their turn."""

    def __init__(
        self,
        time_zone: str,
        time_limit: float = TIME_LIMIT_SECONDS,
        env: Mapping[str, str] | None = None,
        opening: Callable[[], None] = lambda: None,
        generation: int | None = None,
    ) -> None:
        """``opening``: called before each start of a worker, which opens the time-stamping key. ``generation``: whose key that
        is, also of a worker that is started later; by default the folder's latest.
        """
        self._opening = opening
        self._time_zone = time_zone
        self._generation = [] if generation is None else [str(generation)]
        self._time_limit = time_limit
        self._env = env
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    def start(self) -> None:
        """Start the worker, which warms itself while the service goes on."""
        with self._turn:
            self._ensure_started()

    def prepare(self, contents: Mapping[str, Any], certificate: bytes) -> PreparedTerm:
        """See the port."""
        answer = self._ask(
            {"task": "prepare", "contents": dict(contents), "certificate": _text(certificate), "time_zone": self._time_zone}
        )
        binary = {name: base64.b64decode(answer[name]) for name in ("document", "signed_attributes")}
        return PreparedTerm(**{**answer, **binary})

    def complete(self, prepared: PreparedTerm, signature: bytes, certificate: bytes) -> Stamped:
        """See the port."""
        body = {
            **asdict(prepared),
            "document": _text(prepared.document),
            "signed_attributes": _text(prepared.signed_attributes),
        }
        answer = self._ask(
            {"task": "complete", "prepared": body, "signature": _text(signature), "certificate": _text(certificate)}
        )
        return _stamped(answer)

    def stamped_at(self, prepared: PreparedTerm, document: bytes) -> datetime:
        """See the port."""
        return stamped_at(document[prepared.reserved_start : prepared.reserved_end])

    def preserve(self, document: bytes, number: int, material: ValidationMaterial) -> Stamped:
        """See the port."""
        packed = {name: [_text(one) for one in those] for name, those in asdict(material).items()}
        answer = self._ask({"task": "preserve", "document": _text(document), "number": number, "material": packed})
        return _stamped(answer)

    def last_stamp(self, document: bytes) -> LastStamp:
        """See the port."""
        answer = self._ask({"task": "last_stamp", "document": _text(document)})
        return LastStamp(**{name: datetime.fromisoformat(answer[name]) for name in ("stamped_at", "renew_at")})

    def check(self) -> None:
        """Raises where the worker cannot be started (health). A task that has the turn has started it, and is bounded itself:
        a busy worker is a well one.
        """
        if self._turn.acquire(blocking=False):
            try:
                self._ensure_started()
            finally:
                self._turn.release()

    def close(self) -> None:
        """End the worker."""
        with self._turn:
            self._end()

    @property
    def process_id(self) -> int | None:
        """The worker's process, while there is one."""
        return self._process.pid if self._process else None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._turn:
            for last in (False, True):
                connection = self._ensure_started()
                try:
                    frames.send(connection, request)
                    answer = frames.receive(connection)
                    break
                except TimeoutError as error:
                    self._end()
                    raise Unavailable("the term's worker took too long", reason="time_limit") from error
                except (EOFError, OSError) as error:  # it died: tasks have no effect outside, so once more on a new one
                    self._end()
                    logger.warning("the term's worker died", error=type(error).__name__)
                    if last:
                        raise Unavailable("the term's worker died", reason="worker_died") from error
                except BaseException:  # broken off at a deadline: the answer to come must not be taken for another's
                    self._end()
                    raise
        if "error" in answer:
            raise Unavailable("the term's worker failed", reason=answer["error"])
        return answer

    def _ensure_started(self) -> socket.socket:
        if self._connection is not None and self._process is not None and self._process.poll() is None:
            return self._connection
        self._end()
        self._opening()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "services.certification.term.worker", str(theirs.fileno()), *self._generation],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self._env} if self._env else None,
            )
        ours.settimeout(self._time_limit)
        self._connection = ours
        return ours

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process = None


def _stamped(answer: Mapping[str, Any]) -> Stamped:
    return Stamped(base64.b64decode(answer["document"]), _stamps(answer["stamps"]), _stamps(answer["earlier"]))


def _stamps(packed: Iterable[Mapping[str, Any]]) -> tuple[Stamp, ...]:
    return tuple(Stamp(**{**stamp, "stamped_at": datetime.fromisoformat(stamp["stamped_at"])}) for stamp in packed)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
