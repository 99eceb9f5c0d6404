"""What the conference's process needs to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow.validate import Length, Range

from chassis.settings import DocumentSettings, ProcessSettings, load_or_exit
from services.conference.model.turn import Turn

PLACE = "{instance}"
SHORTEST_SECRET = 16
INSTANCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
RECORDINGS_IN_CONTAINER = Path("/recordings")


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """Where one SFU is. ``tracks_url``: its track watcher; None: its files are in a folder of this machine."""

    sfu_url: str
    signalling_url: str
    tracks_url: str | None


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked at start. ``instances`` by name; ``recordings`` is the folder as the SFU sees it."""

    process: ProcessSettings
    documents: DocumentSettings
    instances: dict[str, InstanceSettings]
    sfu_api_secret: str
    sfu_token_secret: str
    sfu_admin_key: str
    recordings: Path
    secret: str
    abandoned: timedelta
    abandoned_notice: timedelta
    ice_servers: list[dict[str, Any]]
    turn: Turn | None

    @classmethod
    def read(cls, env: Any) -> Settings:
        """See the service's README for the meaning of each variable."""
        instances = _instances(env)
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, "conference"),
            instances=instances,
            sfu_api_secret=env.str("SFU_API_SECRET", validate=Length(min=16)),
            sfu_token_secret=env.str("SFU_TOKEN_SECRET", validate=Length(min=16)),
            sfu_admin_key=env.str("SFU_ADMIN_KEY", validate=Length(min=16)),
            recordings=_recordings(env, watched=all(one.tracks_url for one in instances.values())),
            secret=env.str("SECRET", validate=Length(min=32)),
            abandoned=timedelta(minutes=env.float("ABANDONED_MINUTES", 30.0, validate=Range(min=0, min_inclusive=False))),
            abandoned_notice=timedelta(minutes=env.float("ABANDONED_NOTICE_MINUTES", 10.0, validate=Range(min=0))),
            ice_servers=env.json("ICE_SERVERS", []),
            turn=_turn(env),
        )


def _instances(env: Any) -> dict[str, InstanceSettings]:
    """By name; ``{instance}`` in an address stands for the name."""
    names = [name.strip() for name in env.str("SFU_INSTANCES", "").split(",")]
    wrong = [name for name in names if not INSTANCE_NAME.fullmatch(name)] if names != [""] else []
    if wrong or len(set(names)) < len(names):
        env.fault("SFU_INSTANCES", "Names of small letters, digits and hyphens, each once, with commas between them.")
    sfu_url, signalling_url, tracks_url = env.str("SFU_URL"), env.str("SIGNALLING_URL"), env.str("TRACKS_URL", "")
    for variable, url in (("SFU_URL", sfu_url), ("SIGNALLING_URL", signalling_url), ("TRACKS_URL", tracks_url)):
        if len(names) > 1 and url is not None and PLACE not in url:
            env.fault(variable, f"With several SFU instances it must hold {PLACE}, which stands for an instance's name.")
    return {
        name: InstanceSettings(
            sfu_url=(sfu_url or "").replace(PLACE, name).rstrip("/"),
            signalling_url=(signalling_url or "").replace(PLACE, name),
            tracks_url=tracks_url.replace(PLACE, name) or None,
        )
        for name in names
    }


def _turn(env: Any) -> Turn | None:
    urls = [url.strip() for url in env.str("TURN_URLS", "").split(",") if url.strip()]
    if any(not url.startswith(("turn:", "turns:")) for url in urls):
        env.fault("TURN_URLS", "Addresses that begin with turn: or turns:, with commas between them.")
    secret = env.str("TURN_SECRET", "")
    if urls and len(secret) < SHORTEST_SECRET:
        env.fault("TURN_SECRET", f"At least {SHORTEST_SECRET} characters, the same as the TURN server's.")
    return Turn(tuple(urls), secret) if urls else None


def _recordings(env: Any, watched: bool) -> Path:
    recordings: Path | None = env.path("RECORDINGS", None)
    if recordings is None and not watched:
        env.fault("RECORDINGS", "Either this folder or TITULAR_TRACKS_URL must say where the recordings are.")
    return recordings or RECORDINGS_IN_CONTAINER


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
