"""The gateway's settings, from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from environs import validate

from chassis.settings import DocumentSettings, ObjectSettings, ProcessSettings

DATABASE = "gateway"
SHORTEST_SECRET = 32


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Addresses are absolute URLs without a closing slash; the secret signs sessions and references."""

    process: ProcessSettings
    documents: DocumentSettings
    objects: ObjectSettings
    secret: str
    public_url: str
    streams_url: str
    signalling_origin: str | None
    inbox_url: str | None
    http_host: str
    http_port: int
    http_threads: int
    streams_port: int
    streams_threads: int
    trusted_proxies: int
    time_zone: str

    @property
    def secure(self) -> bool:
        """Whether the public address is HTTPS, so that cookies are sent over it alone."""
        return urlsplit(self.public_url).scheme == "https"

    @classmethod
    def read(cls, env: Any) -> GatewaySettings:
        """See the README's table of settings."""
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, DATABASE),
            objects=ObjectSettings.read(env),
            secret=env.str("SECRET", validate=validate.Length(min=SHORTEST_SECRET)),
            public_url=env.str("PUBLIC_URL").rstrip("/"),
            streams_url=env.str("STREAMS_URL").rstrip("/"),
            signalling_origin=env.str("SIGNALLING_ORIGIN", "") or None,
            inbox_url=env.str("INBOX_URL", "") or None,
            http_host=env.str("HTTP_HOST", "127.0.0.1"),
            http_port=env.int("HTTP_PORT", 8000),
            http_threads=env.int("HTTP_THREADS", 32),
            streams_port=env.int("STREAMS_PORT", 8001),
            streams_threads=env.int("STREAMS_THREADS", 600),
            trusted_proxies=env.int("TRUSTED_PROXIES", 0),
            time_zone=env.str("TIME_ZONE", "America/Sao_Paulo"),
        )
