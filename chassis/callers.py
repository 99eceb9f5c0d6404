"""How a question reaches its service: from a Nameko worker, or from a threaded process by a pool of connections."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.rpc import Caller, question, read_answer
from contracts.actor import Actor
from contracts.errors import TitularError, Unavailable
from contracts.operation import Operation

TIMEOUT_SECONDS = 15.0


class WorkerCaller:
    """For Nameko workers: asks through the container's own reply queue, with a deadline."""

    def __init__(self, proxy: Any, timeout: float = TIMEOUT_SECONDS) -> None:
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
                answer = getattr(self._proxy[operation.service], operation.name)(message)
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
        message = question(operation, data, actor, command_id)
        try:
            with self._proxy(operation.service) as proxy:
                answer = getattr(getattr(proxy, operation.service), operation.name)(message)
        except TitularError:
            raise
        except Exception as error:
            raise Unavailable(f"{operation.service} does not answer", service=operation.service) from error
        return read_answer(operation, answer)

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
