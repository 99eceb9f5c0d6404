"""gunicorn's messages in our own form of log."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):  # type: ignore[misc]
    """Leaves formatting and output to the root logger."""

    def setup(self, cfg: Any) -> None:
        """See gunicorn's Logger."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)
