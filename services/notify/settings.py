"""What notify's process needs to be told."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow.validate import Email, OneOf

from chassis.settings import DocumentSettings, ProcessSettings, load_or_exit
from services.notify.channels import SmtpServer


@dataclass(frozen=True, slots=True)
class Settings:
    """Checked at start."""

    process: ProcessSettings
    documents: DocumentSettings
    smtp: SmtpServer
    sms_address: str
    work: Path

    @classmethod
    def read(cls, env: Any) -> Settings:
        """``TITULAR_SMTP_*``, ``TITULAR_SMS_ADDRESS`` (an Apprise URL with ``{number}``), ``TITULAR_NOTIFY_WORK``."""
        return cls(
            process=ProcessSettings.read(env),
            documents=DocumentSettings.read(env, "notify"),
            smtp=SmtpServer(
                host=env.str("SMTP_HOST"),
                port=env.int("SMTP_PORT", 587),
                user=env.str("SMTP_USER", ""),
                password=env.str("SMTP_PASSWORD", ""),
                security=env.str("SMTP_SECURITY", "starttls", validate=OneOf(("none", "starttls", "tls"))),
                sender=env.str("SMTP_SENDER", validate=Email()),
            ),
            sms_address=env.str("SMS_ADDRESS"),
            work=env.path("NOTIFY_WORK", None) or Path(tempfile.gettempdir()) / "titular-notify",
        )


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
