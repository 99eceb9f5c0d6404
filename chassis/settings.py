"""Settings from the environment, checked at start: one message lists every fault.

For any setting ``TITULAR_X``, ``TITULAR_X_FILE`` may name a file that holds its value instead (a mounted secret).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from environs import Env, EnvValidationError
from marshmallow.validate import Range

T = TypeVar("T")
PREFIX = "TITULAR_"
FILE_SUFFIX = "_FILE"


class SettingsError(Exception):
    """One or more settings are missing or wrong; the text has a line for each."""


class _FileEnv(Env):  # type: ignore[misc]
    """Reads a variable's value from the file that ``<variable>_FILE`` names, without the line's end that editors add.

    The library's own ``FileAwareEnv`` keeps that line's end, hides a variable that is set as well, and stops at its first fault.
    """

    def __init__(self) -> None:
        super().__init__(eager=False, prefix=PREFIX)
        self.faults: dict[str, list[str]] = {}

    def fault(self, name: str, text: str) -> None:
        """Note what is wrong with a variable (without its prefix) that cannot be found by looking at it alone."""
        self.faults.setdefault(PREFIX + name, []).append(text)

    def _get_value(self, env_key: str, default: Any) -> Any:
        named = os.environ.get(env_key + FILE_SUFFIX)
        if not named:
            return super()._get_value(env_key, default)
        if env_key in os.environ:
            self.faults[env_key] = [f"Set beside {env_key}{FILE_SUFFIX}: only one of them can hold."]
            return default
        try:
            return Path(named).read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
            self.faults[env_key] = [f"{env_key}{FILE_SUFFIX} names {named}, which cannot be read: {why}."]
            return default


def load(read: Callable[[Env], T]) -> T:
    """Build settings by ``read``; raises :class:`SettingsError` that lists every fault at once."""
    env = _FileEnv()
    result: T | None = None
    failure: Exception | None = None
    try:
        result = read(env)
    except (TypeError, ValueError, AttributeError) as error:  # built from a value that is missing
        failure = error
    faults: dict[str, list[Any]] = {}
    try:
        env.seal()
    except EnvValidationError as error:
        faults = dict(error.error_messages)
    faults |= env.faults
    if faults:
        lines = [f"  {name}: {' '.join(map(str, said))}" for name, said in sorted(faults.items())]
        raise SettingsError("These settings are missing or wrong:\n" + "\n".join(lines)) from failure
    if failure is not None or result is None:
        raise SettingsError(f"The settings cannot be used: {failure}")
    return result


def load_or_exit(read: Callable[[Env], T]) -> T:
    """As :func:`load`, for a process's start: prints the faults and ends with status 2."""
    try:
        return load(read)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """What every process needs: the broker, where to answer health questions, how much to log."""

    broker_url: str
    health_host: str
    health_port: int
    log_level: str
    replica: str = ""
    """This process's name among the replicas of its service; empty: it is the only one."""

    @classmethod
    def read(cls, env: Any) -> ProcessSettings:
        """``TITULAR_BROKER_URL``, ``_HEALTH_HOST``, ``_HEALTH_PORT`` (0: none), ``_LOG_LEVEL``, ``_REPLICA``."""
        return cls(
            broker_url=env.str("BROKER_URL"),
            health_host=env.str("HEALTH_HOST", "127.0.0.1"),
            health_port=env.int("HEALTH_PORT", 0),
            log_level=env.str("LOG_LEVEL", "INFO").upper(),
            replica=env.str("REPLICA", ""),
        )


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """Where documents are kept (MongoDB's wire)."""

    url: str
    database: str

    @classmethod
    def read(cls, env: Any, database: str) -> DocumentSettings:
        """``TITULAR_DOCUMENTS_URL``; ``TITULAR_DOCUMENTS_PREFIX`` goes before the database's name."""
        return cls(url=env.str("DOCUMENTS_URL"), database=env.str("DOCUMENTS_PREFIX", "titular_") + database)


@dataclass(frozen=True, slots=True)
class ObjectSettings:
    """Where bytes are kept (S3)."""

    endpoint: str
    access_key: str
    secret_key: str
    secure: bool
    bucket_prefix: str
    retention_days: int = 0
    """For how long evidence cannot be deleted or overwritten by anybody (S3 Object Lock, COMPLIANCE); 0: no lock."""

    @classmethod
    def read(cls, env: Any) -> ObjectSettings:
        """``TITULAR_OBJECTS_ENDPOINT`` (host:port), ``_ACCESS_KEY``, ``_SECRET_KEY``, ``_SECURE``, ``_BUCKET_PREFIX``,
        ``_RETENTION_DAYS``.
        """
        return cls(
            endpoint=env.str("OBJECTS_ENDPOINT"),
            access_key=env.str("OBJECTS_ACCESS_KEY"),
            secret_key=env.str("OBJECTS_SECRET_KEY"),
            secure=env.bool("OBJECTS_SECURE", False),
            bucket_prefix=env.str("OBJECTS_BUCKET_PREFIX", "titular-"),
            retention_days=env.int("OBJECTS_RETENTION_DAYS", 0, validate=Range(min=0, max=36_500)),
        )
