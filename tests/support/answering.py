"""The operations of the answering service, which belongs to no contract."""

from __future__ import annotations

import sys
from pathlib import Path

from marshmallow import fields

from contracts.operation import Operation, Request, Shape
from deploy.local.process import Program, answers_http, free_ports
from tests.support import services
from tests.support.engines import Broker


class RememberRequest(Request):
    word = fields.String(required=True)


class WaitRequest(Request):
    seconds = fields.Float(required=True)


class WordReply(Shape):
    word = fields.String(required=True)


REMEMBER = Operation("answering", "remember", "command", RememberRequest, WordReply, frozenset({"system"}))
WAIT = Operation("answering", "wait", "query", WaitRequest, WordReply, frozenset({"system"}))
NOBODY = Operation("nobody_at_all", "wait", "query", WaitRequest, WordReply, frozenset({"system"}))


def program(broker: Broker, folder: Path) -> Program:
    """The service as a program; what it remembers is in ``folder``."""
    (port,) = free_ports(1)
    env = {**services.environment(broker), "ANSWERING_FOLDER": str(folder), "TITULAR_HEALTH_PORT": str(port)}
    argv = (sys.executable, "-m", "tests.support.answering_service")
    return Program("answering", argv, lambda: answers_http(f"http://127.0.0.1:{port}/health/ready"), env)
