"""One connection that carries questions to services and brings their answers, for any number of threads.

It speaks the RPC of Nameko 2.14: a JSON body ``{"args", "kwargs"}`` to the topic exchange ``nameko-rpc`` under
``<service>.<method>``, answered by ``{"result", "error"}`` to the queue named in ``reply_to``. Nameko's own client serves one
thread, waits without an end on a broker that hangs, and must be thrown away after each time-out.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pika
from kombu.utils import json
from pika.exceptions import AMQPError

from chassis.logs import get_logger

logger = get_logger(__name__)
EXCHANGE = "nameko-rpc"
HEARTBEAT_SECONDS = 15
CONNECT_SECONDS = 3.0
RECONNECT_SECONDS = (0.1, 0.2, 0.5)
POLL_SECONDS = 1.0
TRANSIENT = 1  # AMQP delivery mode: a question does not outlive the broker, whoever asked asks again


class LineLost(Exception):
    """The connection broke while the answer was awaited, or there is none. The question may or may not have arrived."""


class NotRouted(Exception):
    """No such service has ever declared its queue."""


class NoAnswer(Exception):
    """The time is over; ``seconds`` says how long it was waited. The broker drops the question if it still waits there."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:.1f} s")
        self.seconds = seconds


class _Awaited:
    """The place where one answer is put."""

    def __init__(self) -> None:
        self._arrived = threading.Event()
        self._answer: Any = None
        self._error: Exception | None = None

    def put(self, answer: Any = None, error: Exception | None = None) -> None:
        self._answer, self._error = answer, error
        self._arrived.set()

    def take(self, seconds: float) -> Any:
        if not self._arrived.wait(seconds):
            raise NoAnswer(seconds)
        if self._error:
            raise self._error
        return self._answer


class QuestionLine:
    """Connects at the first question, connects again by itself. Its thread ends with :meth:`close` or the process."""

    def __init__(self, broker_url: str) -> None:
        self._parameters = pika.URLParameters(broker_url)
        self._parameters.heartbeat = HEARTBEAT_SECONDS
        self._parameters.socket_timeout = CONNECT_SECONDS
        self._parameters.stack_timeout = CONNECT_SECONDS
        self._parameters.blocked_connection_timeout = CONNECT_SECONDS
        self._state = threading.Condition()
        self._thread: threading.Thread | None = None
        self._connection: Any = None
        self._channel: Any = None
        self._reply_to = ""
        self._awaited: dict[str, _Awaited] = {}
        self._away_since = time.monotonic()
        self._closed = False

    def ask(self, service: str, method: str, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """The body of the answer; raises :class:`LineLost`, :class:`NotRouted` or :class:`NoAnswer`.

        The question waits in the service's queue no longer than its asker does.
        """
        correlation_id, awaited = str(uuid.uuid4()), _Awaited()
        with self._state:
            connection = self._connection
            if connection is None:
                raise LineLost("no connection to the broker")
            self._awaited[correlation_id] = awaited
        body = json.dumps({"args": [dict(message)], "kwargs": {}}).encode()
        publish = functools.partial(self._publish, f"{service}.{method}", body, correlation_id, round(seconds * 1000))
        try:
            connection.add_callback_threadsafe(publish)
            answer: dict[str, Any] = awaited.take(seconds)
            return answer
        except AMQPError as error:
            self._wait_until_noticed(connection)
            raise LineLost(type(error).__name__) from error
        finally:
            with self._state:
                self._awaited.pop(correlation_id, None)

    def wait_until_connected(self, seconds: float) -> bool:
        """Whether there is a connection, now or within ``seconds``."""
        with self._state:
            if self._thread is None and not self._closed:
                self._away_since = time.monotonic()
                self._thread = threading.Thread(target=self._run, name="questions", daemon=True)
                self._thread.start()
            return self._state.wait_for(lambda: self._connection is not None or self._closed, seconds) and not self._closed

    def away_for(self) -> float:
        """For how many seconds there has been no connection (0: there is one)."""
        with self._state:
            return 0.0 if self._connection is not None else time.monotonic() - self._away_since

    def close(self) -> None:
        """End the connection; whoever waits gets :class:`LineLost`."""
        with self._state:
            self._closed = True
            connection, thread = self._connection, self._thread
            self._state.notify_all()
        if connection is not None:
            with contextlib.suppress(AMQPError):
                connection.add_callback_threadsafe(lambda: None)  # lets the loop look up
        if thread is not None:
            thread.join(CONNECT_SECONDS)

    def _wait_until_noticed(self, broken: Any) -> None:
        with self._state:
            self._state.wait_for(lambda: self._connection is not broken, POLL_SECONDS)

    def _publish(self, routing_key: str, body: bytes, correlation_id: str, expiration: int) -> None:
        properties = pika.BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=TRANSIENT,
            reply_to=self._reply_to,
            correlation_id=correlation_id,
            expiration=str(max(1, expiration)),
            headers={},
        )
        self._channel.basic_publish(EXCHANGE, routing_key, body, properties, mandatory=True)

    def _run(self) -> None:
        failures = 0
        while not self._closed:
            try:
                self._connect()
                if failures:
                    logger.info("line to the broker stands again", tries=failures)
                failures = 0
                while not self._closed:
                    self._connection.process_data_events(time_limit=POLL_SECONDS)
            except Exception as error:
                # Whatever went wrong, the remedy is a new connection; who waits is told, and asks again if there is time.
                if not failures:
                    logger.warning("line to the broker lost", error=f"{type(error).__name__}: {error}"[:200])
                self._lose()
                with self._state:
                    self._state.wait_for(lambda: self._closed, RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
                failures += 1
        self._lose()

    def _connect(self) -> None:
        connection = pika.BlockingConnection(self._parameters)
        channel = connection.channel()
        channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
        queue = f"rpc.reply-{uuid.uuid4()}"
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        channel.queue_bind(queue, EXCHANGE, routing_key=queue)
        channel.add_on_return_callback(self._on_return)
        channel.basic_consume(queue, self._on_answer, auto_ack=True, exclusive=True)
        with self._state:
            self._connection, self._channel, self._reply_to = connection, channel, queue
            self._state.notify_all()

    def _lose(self) -> None:
        with self._state:
            connection, self._connection, self._channel = self._connection, None, None
            if connection is not None:
                self._away_since = time.monotonic()
                self._state.notify_all()
            awaited, self._awaited = list(self._awaited.values()), {}
        for one in awaited:
            one.put(error=LineLost("the connection broke"))
        if connection is not None and connection.is_open:
            with contextlib.suppress(AMQPError, OSError):
                connection.close()

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        self._put(properties.correlation_id, error=NotRouted())

    def _on_answer(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        try:
            answer, error = json.loads(body), None
        except ValueError:
            answer, error = None, LineLost("an answer that is no JSON")
        self._put(properties.correlation_id, answer, error)

    def _put(self, correlation_id: str, answer: Any = None, error: Exception | None = None) -> None:
        with self._state:
            awaited = self._awaited.get(correlation_id)
        if awaited is not None:  # else it came too late
            awaited.put(answer, error)
