"""Questions of the holder's browser: JSON bodies that carry a token, asked in the holder's name."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from marshmallow import EXCLUDE, ValidationError

from chassis.rpc import flatten_problems
from contracts.errors import InvalidInput
from contracts.operation import Operation, shape_of
from gateway.security import access
from gateway.views import ask, tell


def sent() -> dict[str, Any]:
    """The request's JSON object; :class:`InvalidInput` where it is none."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidInput("a JSON object is needed", reason="invalid")
    return body


def checked(operation: Operation) -> dict[str, Any]:
    """The sent object as the operation wants it: other keys are dropped, faults are named."""
    try:
        loaded: dict[str, Any] = operation.request(unknown=EXCLUDE).load(sent())
    except ValidationError as error:
        raise InvalidInput.of(flatten_problems(error.normalized_messages())) from error
    return loaded


def answer(operation: Operation, *hidden: str, data: dict[str, Any] | None = None) -> Response:
    """Ask or tell in the holder's name and answer with the reply, without the ``hidden`` keys."""
    question = checked(operation) if data is None else data
    put = tell if operation.kind == "command" else ask
    reply = put(operation, access.holder(), **question)
    dumped = shape_of(operation.reply).dump(reply)
    return jsonify({key: value for key, value in dumped.items() if key not in hidden})
