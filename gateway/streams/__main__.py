"""Runs the streams: ``python -m gateway.streams``."""

from __future__ import annotations

import threading

from setproctitle import setproctitle

from chassis import logs
from gateway import server, wiring
from gateway.streams.app import create_streams
from gateway.streams.consumer import EventConsumer
from gateway.streams.feed import Feed

GRACE_SECONDS = 2


def main() -> None:
    """Serve until told to stop."""
    settings = wiring.settings()
    logs.configure("streams", settings.process.log_level)
    setproctitle("titular streams")
    feed = Feed()
    consumer = EventConsumer(settings.process.broker_url, feed.add, feed.lose)

    def start_consumer() -> None:
        threading.Thread(target=consumer.run_until_stopped, name="events", daemon=True).start()

    server.serve(
        lambda: create_streams(wiring.build(), feed, consumer.check),
        bind=f"{settings.http_host}:{settings.streams_port}",
        threads=settings.streams_threads,
        after_fork=start_consumer,
        grace_seconds=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
