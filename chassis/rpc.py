"""Operations over Nameko's RPC: question and answer as data, typed errors on both sides.

A question travels as ``{"data", "actor", "command_id", "traceparent", "expires_in_ms"}``; an answer as ``{"value"}`` or
``{"error"}``. How long a question waits in the queue is bounded by the broker (its AMQP expiration); what is left of
``expires_in_ms`` is measured by the service's own clock, from the moment when the question reaches it.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from marshmallow import ValidationError
from nameko.rpc import Rpc

from chassis import deadline, metrics
from chassis.clock import new_id
from chassis.logs import get_logger
from chassis.tracing import current, traced
from contracts.actor import Actor
from contracts.errors import Forbidden, InternalFault, InvalidInput, TitularError, error_from_dict
from contracts.operation import Operation, shape_of

logger = get_logger(__name__)
Method = TypeVar("Method", bound=Callable[..., Any])
DEFAULT_SECONDS = 30.0
"""For a question that does not say how long it may take, and the longest for any."""
WORKING_SHARE = 0.95
"""The rest of its time is for the answer's way back: a service that says what is wrong with it beats one that is silent."""
GRACE_SECONDS = 20.0
"""After its time a question starts nothing new; only after so much more is it broken off."""
RECEIVED_AT = "received_at"


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, and under which command id (a repeated id must change nothing and answer the same)."""

    actor: Actor
    command_id: str
    traceparent: str


class Caller(Protocol):
    """Asks another service."""

    def __call__(
        self, operation: Operation, data: Mapping[str, Any], *, actor: Actor, command_id: str | None = None
    ) -> dict[str, Any]:
        """The reply, or the typed error of the other side; :class:`Unavailable` where it does not answer in time."""


def question(operation: Operation, data: Mapping[str, Any], actor: Actor, command_id: str | None = None) -> dict[str, Any]:
    """The message that asks ``operation``; values must be JSON-ready or of the types that the schema serialises."""
    return {
        "data": shape_of(operation.request).dump(data),
        "actor": actor.to_dict(),
        "command_id": command_id or new_id(),
        "traceparent": current(),
    }


def read_answer(operation: Operation, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The loaded reply (dates as dates); raises the typed error of the answer."""
    if "error" in answer:
        raise error_from_dict(answer["error"])
    loaded: dict[str, Any] = shape_of(operation.reply).load(answer["value"])
    return loaded


def answer(operation: Operation, method: Callable[[Call, dict[str, Any]], Any], message: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one question: check its shape and the actor's role, call, serialise, turn errors into data."""
    started = time.monotonic()
    outcome = "ok"
    emission_id = (message.get("data") or {}).get("emission_id")
    with traced(message.get("traceparent"), operation=operation.name, emission_id=emission_id) as trace:
        try:
            with deadline.within(time_left(message)):
                return {"value": _answer_in_time(operation, method, message, trace)}
        except TitularError as error:
            outcome = error.code
            log = logger.warning if error.status >= 500 else logger.info
            log("operation refused", code=error.code, reason=error.reason, field=error.field)
            return {"error": error.to_dict()}
        except Exception:
            outcome = InternalFault.code
            logger.exception("operation failed")
            return {"error": InternalFault("the operation failed; see the logs", trace_id=trace.split("-")[1]).to_dict()}
        finally:
            elapsed = time.monotonic() - started
            metrics.CALLS.labels(operation.service, operation.name, outcome).observe(elapsed)


def time_left(message: Mapping[str, Any]) -> float:
    """Seconds until nobody waits for the answer any more; negative where that moment has passed."""
    given = message.get("expires_in_ms")
    seconds = min(given / 1000, DEFAULT_SECONDS) * WORKING_SHARE if isinstance(given, int | float) else DEFAULT_SECONDS
    now = time.monotonic()
    received: float = message.get(RECEIVED_AT, now)
    return seconds - (now - received)


def _answer_in_time(
    operation: Operation, method: Callable[[Call, dict[str, Any]], Any], message: Mapping[str, Any], trace: str
) -> dict[str, Any]:
    deadline.bounded(DEFAULT_SECONDS)  # a command that nobody waits for any more would be a surprise: it is refused
    actor = Actor.from_dict(message.get("actor") or {})
    if actor.role not in operation.roles:
        raise Forbidden(f"{actor.role} may not {operation.name}", reason="role")
    call = Call(actor, str(message.get("command_id") or new_id()), trace)
    dumped: dict[str, Any] = shape_of(operation.reply).dump(method(call, _load(operation, message.get("data") or {})))
    return dumped


def _load(operation: Operation, data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = shape_of(operation.request).load(data)
    except ValidationError as error:
        raise InvalidInput.of(flatten_problems(error.normalized_messages())) from error
    return loaded


def flatten_problems(messages: Mapping[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    """Marshmallow's nested messages as one entry per field, with dotted names."""
    problems: list[dict[str, Any]] = []
    for key, value in messages.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            problems += flatten_problems(value, f"{path}.")
        else:
            text = str(value[0] if isinstance(value, list) and value else value)
            reason = "missing" if "required" in text.lower() else "invalid"
            problems.append({"field": path, "reason": reason, "message": text})
    return problems


class TimedRpc(Rpc):  # type: ignore[misc]
    """Nameko's RPC entrypoint, which notes when a question came: it may wait for a free worker."""

    def handle_message(self, body: Any, message: Any) -> None:
        """See Nameko."""
        if isinstance(body, dict):
            for asked in body.get("args") or ():
                if isinstance(asked, dict):
                    asked[RECEIVED_AT] = time.monotonic()
        super().handle_message(body, message)


def answers(operation: Operation) -> Callable[[Method], Method]:
    """Make a service's method ``(self, call, data) -> reply`` the RPC entrypoint of ``operation``; the names must agree."""

    def decorate(method: Method) -> Method:
        @functools.wraps(method)
        def entrypoint(self: Any, message: Mapping[str, Any]) -> dict[str, Any]:
            def limited(call: Call, data: dict[str, Any]) -> Any:
                with deadline.interrupted_after((deadline.remaining() or 0) + GRACE_SECONDS):
                    return method(self, call, data)

            return answer(operation, limited, message)

        if method.__name__ != operation.name:
            raise TypeError(f"{method.__name__} answers {operation.name}")
        entrypoint_as_rpc: Method = TimedRpc.decorator(entrypoint)
        return entrypoint_as_rpc

    return decorate
