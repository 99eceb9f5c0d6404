"""Runs one Nameko service as a process: health endpoints, relay, clean stop. Import ``chassis.green`` before this."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

import eventlet
from eventlet import wsgi
from nameko.extensions import DependencyProvider
from nameko.runners import ServiceRunner

from chassis import consuming, logs, reconnection
from chassis.callers import PooledCaller
from chassis.health import Check, HealthApplication
from chassis.lease import Lease, SoleReplica
from chassis.outbox import ConfirmedPublisher, OutboxSource, Relay
from chassis.settings import ProcessSettings

logger = logs.get_logger(__name__)
STOP_SECONDS = 5.0


class Wired(DependencyProvider):  # type: ignore[misc]
    """Gives each worker what the service's composition root built (once per process)."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The composition root's result."""
        return self._build()


class RelayRunner(DependencyProvider):  # type: ignore[misc]
    """Runs the relay of a service's outbox inside its process.

    ``prepare(relay)`` tells the stores whom to wake; ``lease`` says whether it is this replica's turn.
    """

    def __init__(
        self,
        source: Callable[[], OutboxSource],
        prepare: Callable[[Relay], None] = lambda relay: None,
        lease: Callable[[], Lease] = SoleReplica,
    ) -> None:
        self._source = source
        self._prepare = prepare
        self._lease = lease
        self._relay: Relay | None = None

    def start(self) -> None:
        """Begin to relay."""
        name = self.container.service_name
        publisher = ConfirmedPublisher(self.container.config["AMQP_URI"], name)
        self._relay = Relay(self._source(), publisher, name, self._lease())
        self._prepare(self._relay)
        self.container.spawn_managed_thread(self._relay.run, identifier="relay")

    def stop(self) -> None:
        """End after the present batch."""
        if self._relay:
            self._relay.stop()

    def get_dependency(self, worker_ctx: Any) -> Relay | None:
        """The relay, to be woken."""
        return self._relay


class Remote(DependencyProvider):  # type: ignore[misc]
    """Gives each worker a :class:`chassis.rpc.Caller`."""

    caller: PooledCaller

    def setup(self) -> None:
        """One line for the whole process. A service that does not answer may hold half of the workers, not all of them."""
        self.caller = PooledCaller(self.container.config["AMQP_URI"], size=max(1, self.container.max_workers // 2))

    def stop(self) -> None:
        """End the line."""
        self.caller.close()

    def get_dependency(self, worker_ctx: Any) -> PooledCaller:
        """The caller."""
        return self.caller


def configuration(settings: ProcessSettings, workers: int = 10) -> dict[str, Any]:
    """Nameko's configuration."""
    return {
        "AMQP_URI": settings.broker_url,
        "HEARTBEAT": 60,
        "serializer": "json",
        "max_workers": workers,
        "parent_calls_tracked": 2,
    }


class _Started:
    """Not ready before the queues are declared: an event that arrived earlier would find nowhere to wait."""

    done = False

    def check(self) -> None:
        if not self.done:
            raise RuntimeError("starting")


def _leave() -> None:
    """An idle RPC consumer of Nameko can miss its own end. What it holds is unacknowledged and comes again: leaving is safe."""
    logger.info("stopping took too long; leaving")
    os._exit(0)


def run(service: type, settings: ProcessSettings, checks: Mapping[str, Check], workers: int = 10) -> None:
    """Run until SIGTERM or SIGINT."""
    name: str = service.name  # type: ignore[attr-defined]
    logs.configure(name, settings.log_level)
    reconnection.prepare()
    consuming.survive_unreadable_messages()
    started = _Started()
    if settings.health_port:
        listener = eventlet.listen((settings.health_host, settings.health_port), reuse_port=False)
        application = HealthApplication(name, {**checks, "service": started.check, "broker": reconnection.check})
        eventlet.spawn(wsgi.server, listener, application, log_output=False)
    runner = ServiceRunner(config=configuration(settings, workers))
    runner.add_service(service)

    def stop(*_: object) -> None:
        # Stopping waits for workers, which a signal handler on the hub must not.
        eventlet.spawn_n(runner.stop)
        eventlet.spawn_after(STOP_SECONDS, _leave)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runner.start()
    started.done = True
    logger.info("service ready")
    runner.wait()
    logger.info("service stopped")
