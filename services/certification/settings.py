"""Certification's settings, from the environment, checked at start."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from environs import validate

from chassis.settings import DocumentSettings, ObjectSettings, ProcessSettings, load_or_exit
from services.certification.application.tokens import MINIMUM_BYTES
from services.certification.authority.settings import AuthoritySettings
from services.certification.model.policy import Patience, Policy

EVENT_STORE_FORM = r"^(sqlite:///.+|postgresql://.+/.+)$"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the service is told from outside."""

    process: ProcessSettings
    documents: DocumentSettings
    objects: ObjectSettings
    authority: AuthoritySettings
    event_store_url: str
    secret: bytes
    time_zone: ZoneInfo
    policy: Policy
    patience: Patience
    timer_seconds: float

    @classmethod
    def read(cls, env: Any) -> Settings:
        """See the README for names and meaning."""
        positive = validate.Range(min=0, min_inclusive=False)
        zone = env.str("TIME_ZONE", "America/Sao_Paulo", validate=validate.OneOf(available_timezones()))
        policy = Policy(
            emission_life=timedelta(days=env.float("EMISSION_DAYS", 7, validate=positive)),
            link_life=timedelta(hours=env.float("LINK_HOURS", 24, validate=positive)),
            session_life=timedelta(hours=env.float("HOLDER_SESSION_HOURS", 2, validate=positive)),
            sign_within=timedelta(hours=env.float("SIGN_WITHIN_HOURS", 24, validate=positive)),
        )
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, "certification"),
            objects=ObjectSettings.read(env),
            authority=AuthoritySettings.read(env),
            event_store_url=env.str("EVENT_STORE_URL", validate=validate.Regexp(EVENT_STORE_FORM)),
            secret=env.str("SECRET", validate=validate.Length(min=MINIMUM_BYTES)).encode(),
            time_zone=ZoneInfo(zone),
            policy=policy,
            patience=_patience(env),
            timer_seconds=env.float("TIMER_SECONDS", 15, validate=positive),
        )


def _patience(env: Any) -> Patience:
    """After how long what counts as stuck (the README's table)."""
    positive = validate.Range(min=0, min_inclusive=False)
    return Patience(
        room=timedelta(seconds=env.float("STUCK_ROOM_SECONDS", 60, validate=positive)),
        conference=timedelta(seconds=env.float("STUCK_CONFERENCE_SECONDS", 180, validate=positive)),
        video=timedelta(minutes=env.float("STUCK_VIDEO_MINUTES", 10, validate=positive)),
        delivery=timedelta(minutes=env.float("STUCK_DELIVERY_MINUTES", 5, validate=positive)),
        issue=timedelta(seconds=env.float("STUCK_ISSUE_SECONDS", 60, validate=positive)),
        signature_notice=timedelta(hours=env.float("STUCK_SIGNATURE_HOURS", 2, validate=positive)),
    )


@functools.cache
def settings() -> Settings:
    """This process's settings; ends it with a clear message where one is missing or wrong."""
    return load_or_exit(Settings.read)
