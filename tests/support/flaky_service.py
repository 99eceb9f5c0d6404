"""A service whose handler fails as the event tells it to: ``python -m tests.support.flaky_service``."""

from chassis import green  # noqa: F401, I001 - must come before everything else

import os
from pathlib import Path
from typing import Any

from marshmallow import fields

from chassis import events
from chassis.rpc import Call, answers, logger
from chassis.runner import run
from chassis.settings import ProcessSettings, load_or_exit
from contracts.envelope import Envelope
from contracts.errors import Conflict
from contracts.operation import Request, Shape, event, query
from contracts.topology import Subscription


class CountedData(Shape):
    """How the handler shall fare."""

    fails = fields.Integer()
    lasting = fields.Boolean()
    dies = fields.Boolean()
    dies_always = fields.Boolean()


COUNTED = event("flaky_source", "Counted", CountedData)
ANSWER = query("flaky", "answer", Request, Shape, "system")
SUBSCRIPTION = Subscription("flaky", "on_counted", "flaky_source", "Counted")
events.SUBSCRIPTIONS = (*events.SUBSCRIPTIONS, SUBSCRIPTION)


class FlakyService:
    """Appends each attempt to a file, then fails or succeeds."""

    name = "flaky"

    @events.handles(COUNTED)
    def on_counted(self, envelope: Envelope) -> None:
        """``data``: fails (how often before it succeeds), lasting (whether the error will not pass), dies, dies_always."""
        path = Path(os.environ["FLAKY_FOLDER"]) / envelope.id
        attempts = len(path.read_text()) if path.exists() else 0
        path.write_text("x" * (attempts + 1))
        logger.info("attempt", number=attempts + 1)
        if envelope.data.get("lasting"):
            raise Conflict("never")
        if envelope.data.get("dies_always"):
            os._exit(9)
        if envelope.data.get("dies") and attempts == 0:
            os._exit(9)
        if attempts < envelope.data.get("fails", 0):
            raise RuntimeError("not yet")

    @answers(ANSWER)
    def answer(self, _call: Call, _data: dict[str, Any]) -> dict[str, Any]:
        """Shows that the process answers."""
        return {}


if __name__ == "__main__":
    run(FlakyService, load_or_exit(ProcessSettings.read), {})
