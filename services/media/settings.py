"""What media's process needs to be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow.validate import Range

from chassis.settings import DocumentSettings, ObjectSettings, ProcessSettings, load_or_exit


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked at start."""

    process: ProcessSettings
    documents: DocumentSettings
    objects: ObjectSettings
    recordings: Path
    work: Path
    threads: int
    jobs: int

    @classmethod
    def read(cls, env: Any) -> Settings:
        """See the service's README for the meaning of each variable."""
        recordings: Path = env.path("RECORDINGS")
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, "media"),
            objects=ObjectSettings.read(env),
            recordings=recordings,
            work=env.path("MEDIA_WORK", None) or recordings / ".work",
            threads=env.int("MEDIA_THREADS", 2, validate=Range(min=1)),
            jobs=env.int("MEDIA_JOBS", 1, validate=Range(min=1)),
        )


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
