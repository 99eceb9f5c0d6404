"""What notify's process needs to be told."""

from __future__ import annotations

from dataclasses import dataclass
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

    @classmethod
    def read(cls, env: Any) -> Settings:
        """``TITULAR_SMTP_*`` and ``TITULAR_SMS_ADDRESS`` (an Apprise URL with ``{number}``)."""
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
        )


def load() -> Settings:
    """From the environment; ends the process with a clear message where something is wrong."""
    return load_or_exit(Settings.read)
