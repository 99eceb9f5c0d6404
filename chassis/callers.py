"""How a question reaches its service and comes back in time, or fails soon and clearly. For threads and greenthreads alike.

Each way of failing has its reason in the :class:`Unavailable` that is raised:

========== ==========================================================================================================
no_answer  the service took longer than the question may take
not_running the service has never been there
broker     the broker is out of reach
busy       as many questions as one caller may have open already wait for this service
circuit    the service has not answered several times in a row; ``retry_after`` seconds until the next try
too_late   the time for the whole work, of which this question is a part, has passed
========== ==========================================================================================================
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from chassis import deadline, metrics
from chassis.circuit import Circuit
from chassis.question_line import LineLost, NoAnswer, NotRouted, QuestionLine
from chassis.rpc import Caller, question, read_answer
from contracts.actor import Actor
from contracts.errors import InternalFault, Unavailable
from contracts.operation import Operation

TIMEOUT_SECONDS = 10.0
PLACES = 8
PLACE_SECONDS = 1.0
"""How long a question waits for a place: the others of its service are answered in milliseconds, or the service is ill."""
PATIENCE_SECONDS = 10.0
"""For so long after the broker was lost questions wait for its return; later ones fail at once."""
SHORT_PATIENCE_SECONDS = 1.0
RETRY_AFTER_SECONDS = 3
TELLING_SECONDS = 2.0
"""A question that had less time than this says nothing about the service."""


class PooledCaller:
    """One connection for all questions, and for each service a pool of places (a bulkhead) and a circuit.

    A question whose connection broke is asked again, within its time and with the same command id, so that a broker that
    comes back in time costs nothing but delay. One whose service died waits in the queue for its return.
    """

    def __init__(
        self, broker_url: str, size: int = PLACES, timeout: float = TIMEOUT_SECONDS, line: QuestionLine | None = None
    ) -> None:
        self._line = line or QuestionLine(broker_url)
        self._size = size
        self._timeout = timeout
        self._lock = threading.Lock()
        self._ways: dict[str, _Way] = {}

    def __call__(
        self, operation: Operation, data: Mapping[str, Any], *, actor: Actor, command_id: str | None = None
    ) -> dict[str, Any]:
        """See :class:`chassis.rpc.Caller`."""
        return read_answer(operation, self._ask(operation, question(operation, data, actor, command_id)))

    def raw(self, operation: Operation, data: Mapping[str, Any], actor: Actor, command_id: str | None = None) -> dict[str, Any]:
        """As a call, but ``data`` travels as it is: what a person typed, for the service to check and name the faults."""
        message = {**question(operation, {}, actor, command_id), "data": dict(data)}
        return read_answer(operation, self._ask(operation, message))

    def close(self) -> None:
        """End the connection."""
        self._line.close()

    def _ask(self, operation: Operation, message: Mapping[str, Any]) -> Mapping[str, Any]:
        service = operation.service
        try:
            with deadline.within(self._timeout):
                return self._through(self._way(service), operation, message)
        except NoAnswer as error:
            failure = Unavailable(f"{service} does not answer", reason="no_answer", service=service)
            raise self._counted(failure) from error
        except NotRouted as error:
            failure = Unavailable(f"{service} does not run", reason="not_running", service=service)
            raise self._counted(failure) from error
        except Unavailable as error:
            error.details.setdefault("service", service)
            raise self._counted(error) from error.__cause__

    def _through(self, way: _Way, operation: Operation, message: Mapping[str, Any]) -> Mapping[str, Any]:
        with way.circuit.guarding(), way.place():
            body = self._until_answered(operation, message)
        fault = body.get("error")
        if fault:
            raise InternalFault(f"{operation.service}: {fault.get('exc_type')}", service=operation.service)
        answer: Mapping[str, Any] = body["result"]
        return answer

    def _until_answered(self, operation: Operation, message: Mapping[str, Any]) -> dict[str, Any]:
        while True:
            self._await_line()
            left = deadline.bounded(self._timeout)
            timed = {**message, "expires_in_ms": round(left * 1000)}
            with contextlib.suppress(LineLost):
                return self._line.ask(operation.service, operation.name, timed, left)

    def _await_line(self) -> None:
        """Soon after a loss wait for the broker's return; later ones are told at once that it is away."""
        patience = max(SHORT_PATIENCE_SECONDS, PATIENCE_SECONDS - self._line.away_for())
        left = deadline.remaining()
        if not self._line.wait_until_connected(patience if left is None else min(patience, left)):
            raise Unavailable("the broker is out of reach", reason="broker", retry_after=RETRY_AFTER_SECONDS)

    def _way(self, service: str) -> _Way:
        with self._lock:
            if service not in self._ways:
                self._ways[service] = _Way(service, self._size)
            return self._ways[service]

    @staticmethod
    def _counted(error: Unavailable) -> Unavailable:
        metrics.UNANSWERED.labels(error.details["service"], error.reason).inc()
        return error


class _Way:
    """The circuit and the places of one service."""

    def __init__(self, service: str, size: int) -> None:
        self._service = service
        self._places = threading.BoundedSemaphore(size)
        self.circuit = Circuit(service, _speaks_against)

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=deadline.bounded(PLACE_SECONDS)):
            raise Unavailable("too many questions are waiting", reason="busy", service=self._service, retry_after=1)
        try:
            yield
        finally:
            self._places.release()


def _speaks_against(error: BaseException) -> bool:
    return isinstance(error, NotRouted) or (isinstance(error, NoAnswer) and error.seconds >= TELLING_SECONDS)


_: type[Caller] = PooledCaller
