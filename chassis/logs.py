"""JSON logs, one object a line, with trace and emission ids and without personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

PERSONAL = frozenset(
    (
        *("address", "birth_date", "code", "cpf", "data", "display_name", "email", "father_name", "holder_name"),
        *("link", "mobile", "mother_name", "name", "nonce", "password", "phone", "secret", "session", "signature"),
        *("spouse_name", "token"),
    )
)


def drop_personal(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last guard: keys that could hold personal data or secrets never reach a log."""
    for key in PERSONAL.intersection(entry):
        entry[key] = "[withheld]"
    return entry


def configure(service: str, level: str = "INFO") -> None:
    """Set up structlog and the standard library's logging for a process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        drop_personal,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # pika writes ten lines of errors for each refused connection; whoever uses it says the same in one.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    for noisy in ("amqp", "urllib3", "fontTools", "weasyprint", "pyhanko"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger by module name."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
