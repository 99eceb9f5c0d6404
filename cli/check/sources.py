"""Where the services and stores are that are looked into: the local stack's, or those that the environment names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis import settings
from chassis.settings import ObjectSettings
from deploy.local import stack
from deploy.local.configuration import Configuration


@dataclass(frozen=True, slots=True)
class Sources:
    """Addresses as the services themselves get them; ``recordings`` is None where that folder is on other machines."""

    broker_url: str
    event_store_url: str
    documents_url: str
    documents_prefix: str
    objects: ObjectSettings
    recordings: Path | None

    @classmethod
    def read(cls, env: Any) -> Sources:
        """From ``TITULAR_BROKER_URL``, ``_EVENT_STORE_URL``, ``_DOCUMENTS_URL``, ``_DOCUMENTS_PREFIX``, ``_OBJECTS_…``."""
        return cls(
            broker_url=env.str("BROKER_URL"),
            event_store_url=env.str("EVENT_STORE_URL"),
            documents_url=env.str("DOCUMENTS_URL"),
            documents_prefix=env.str("DOCUMENTS_PREFIX", "titular_"),
            objects=ObjectSettings.read(env),
            recordings=env.path("RECORDINGS", None),
        )


def of_environment() -> Sources:
    """As the environment says; ends with a clear message where a setting is missing."""
    return settings.load_or_exit(Sources.read)


def of_stack(configuration: Configuration) -> Sources:
    """The local stack's."""
    env = stack.environment(configuration)
    objects = ObjectSettings(
        endpoint=env["TITULAR_OBJECTS_ENDPOINT"],
        access_key=env["TITULAR_OBJECTS_ACCESS_KEY"],
        secret_key=env["TITULAR_OBJECTS_SECRET_KEY"],
        secure=False,
        bucket_prefix="titular-",
    )
    return Sources(
        broker_url=env["TITULAR_BROKER_URL"],
        event_store_url=env["TITULAR_EVENT_STORE_URL"],
        documents_url=env["TITULAR_DOCUMENTS_URL"],
        documents_prefix="titular_",
        objects=objects,
        recordings=configuration.recordings,
    )
