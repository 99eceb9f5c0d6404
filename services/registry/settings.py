"""What the registry's process needs to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow.validate import Length, Range

from chassis.settings import DocumentSettings, ObjectSettings, ProcessSettings, load_or_exit


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked at start."""

    process: ProcessSettings
    documents: DocumentSettings
    objects: ObjectSettings
    secret: str
    uploads_kept: timedelta

    @classmethod
    def read(cls, env: Any) -> Settings:
        """``TITULAR_SECRET`` (at least 32 characters) makes ids and hashes unguessable; losing it orphans the people."""
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, "registry"),
            objects=ObjectSettings.read(env),
            secret=env.str("SECRET", validate=Length(min=32)),
            uploads_kept=timedelta(minutes=env.float("UPLOADS_KEPT_MINUTES", 60.0, validate=Range(min=1))),
        )


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
