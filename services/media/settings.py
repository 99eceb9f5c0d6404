"""What media's process needs to be told."""

from __future__ import annotations

import os
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
    cells_at_once: int
    followers: int
    instance: str

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
            cells_at_once=env.int("MEDIA_CELLS_AT_ONCE", max(1, (os.cpu_count() or 1) // 2), validate=Range(min=1)),
            followers=env.int("MEDIA_FOLLOWERS", 24, validate=Range(min=1)),
            instance=env.str("MEDIA_INSTANCE", ""),
        )


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
