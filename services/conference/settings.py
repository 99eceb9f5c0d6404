"""What the conference's process needs to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow.validate import Length, Range

from chassis.settings import DocumentSettings, ProcessSettings, load_or_exit


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked at start."""

    process: ProcessSettings
    documents: DocumentSettings
    sfu_url: str
    sfu_api_secret: str
    sfu_token_secret: str
    sfu_admin_key: str
    signalling_url: str
    recordings: Path
    secret: str
    abandoned: timedelta
    ice_servers: list[dict[str, Any]]

    @classmethod
    def read(cls, env: Any) -> Settings:
        """See the service's README for the meaning of each variable."""
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, "conference"),
            sfu_url=env.str("SFU_URL"),
            sfu_api_secret=env.str("SFU_API_SECRET", validate=Length(min=16)),
            sfu_token_secret=env.str("SFU_TOKEN_SECRET", validate=Length(min=16)),
            sfu_admin_key=env.str("SFU_ADMIN_KEY", validate=Length(min=16)),
            signalling_url=env.str("SIGNALLING_URL"),
            recordings=env.path("RECORDINGS"),
            secret=env.str("SECRET", validate=Length(min=32)),
            abandoned=timedelta(minutes=env.float("ABANDONED_MINUTES", 30.0, validate=Range(min=0, min_inclusive=False))),
            ice_servers=env.json("ICE_SERVERS", []),
        )


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
