"""How a question reaches its service: from a Nameko worker, or from a threaded process by a pool of connections."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chassis.rpc import Caller, question, read_answer
from contracts.actor import Actor
from contracts.errors import TitularError, Unavailable
from contracts.operation import Operation

TIMEOUT_SECONDS = 10.0


class WorkerCaller:
    """For Nameko workers: asks through the container's own reply queue, with a deadline."""

    def __init__(self, proxy: Callable[[str], Any], timeout: float = TIMEOUT_SECONDS) -> None:
        self._proxy = proxy
        self._timeout = timeout

    def __call__(
        self, operation: Operation, data: Mapping[str, Any], *, actor: Actor, command_id: str | None = None
    ) -> dict[str, Any]:
        """See :class:`chassis.rpc.Caller`."""
        import eventlet
        from nameko.exceptions import UnknownService

        message = question(operation, data, actor, command_id)
        try:
            with eventlet.Timeout(self._timeout):
                answer = getattr(self._proxy(operation.service), operation.name)(message)
        except (eventlet.Timeout, UnknownService, OSError) as error:
            raise Unavailable(f"{operation.service} does not answer", service=operation.service) from error
        return read_answer(operation, answer)


class PooledCaller:
    """For threaded processes: one proxy is one connection and is never shared by two threads at once.

    A proxy that failed in any way is thrown away, because its reply queue may hold a late answer.
    """

    def __init__(self, broker_url: str, size: int = 8, timeout: float = TIMEOUT_SECONDS) -> None:
        self._config = {"AMQP_URI": broker_url, "serializer": "json"}
        self._timeout = timeout
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        self._free = threading.BoundedSemaphore(size)

    def __call__(
        self, operation: Operation, data: Mapping[str, Any], *, actor: Actor, command_id: str | None = None
    ) -> dict[str, Any]:
        """See :class:`chassis.rpc.Caller`."""
        return read_answer(operation, self._ask(operation, question(operation, data, actor, command_id)))

    def raw(self, operation: Operation, data: Mapping[str, Any], actor: Actor, command_id: str | None = None) -> dict[str, Any]:
        """As a call, but ``data`` travels as it is: what a person typed, for the service to check and name the faults."""
        message = {**question(operation, {}, actor, command_id), "data": dict(data)}
        return read_answer(operation, self._ask(operation, message))

    def _ask(self, operation: Operation, message: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            with self._proxy(operation.service) as proxy:
                answer: Mapping[str, Any] = getattr(getattr(proxy, operation.service), operation.name)(message)
                return answer
        except TitularError:
            raise
        except Exception as error:
            raise Unavailable(f"{operation.service} does not answer", service=operation.service) from error

    @contextlib.contextmanager
    def _proxy(self, service: str) -> Iterator[Any]:
        if not self._free.acquire(timeout=self._timeout):
            raise Unavailable("too many questions are waiting", service=service)
        try:
            held = self._take()
            try:
                yield held[1]
            except BaseException:
                with contextlib.suppress(Exception):
                    held[0].stop()
                raise
            self._idle.put(held)
        finally:
            self._free.release()

    def _take(self) -> tuple[Any, Any]:
        from nameko.standalone.rpc import ClusterRpcProxy

        with contextlib.suppress(queue.Empty):
            held: tuple[Any, Any] = self._idle.get_nowait()
            return held
        proxy = ClusterRpcProxy(self._config, timeout=self._timeout)
        return proxy, proxy.start()

    def close(self) -> None:
        """End the idle connections."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait()[0].stop()


_: type[Caller] = PooledCaller
