"""A service that answers, slowly or not, and keeps what it did: ``python -m tests.support.answering_service``."""

from chassis import green  # noqa: F401, I001 - must come before everything else

import os
import time
from pathlib import Path
from typing import Any

from chassis.rpc import Call, answers
from chassis.runner import run
from chassis.settings import ProcessSettings, load_or_exit
from tests.support.answering import REMEMBER, WAIT


class AnsweringService:
    """Remembers each command id in a file of its own."""

    name = "answering"

    @answers(REMEMBER)
    def remember(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """Idempotent by command id; tells what it remembered first."""
        path = Path(os.environ["ANSWERING_FOLDER"]) / f"command-{call.command_id}"
        if not path.exists():
            path.write_text(data["word"])
        return {"word": path.read_text()}

    @answers(WAIT)
    def wait(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """Answers after so many seconds; leaves a mark when it begins."""
        (Path(os.environ["ANSWERING_FOLDER"]) / f"waits-{call.command_id}").touch()
        time.sleep(data["seconds"])
        return {"word": call.command_id}


if __name__ == "__main__":
    run(AnsweringService, load_or_exit(ProcessSettings.read), {}, workers=2)
