"""The authority's settings, which the term's worker needs, too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSPHRASE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """Where the keys lie, how they are opened, and under which public address the lists are found."""

    folder: Path
    passphrase: str
    create: bool
    public_url: str

    @classmethod
    def read(cls, env: Any) -> AuthoritySettings:
        """``TITULAR_AUTHORITY_FOLDER``, ``_AUTHORITY_PASSWORD``, ``_AUTHORITY_CREATE``, ``TITULAR_PUBLIC_URL``."""
        from environs import validate

        return cls(
            folder=env.path("AUTHORITY_FOLDER"),
            passphrase=env.str("AUTHORITY_PASSWORD", validate=validate.Length(min=PASSPHRASE_LENGTH)),
            create=env.bool("AUTHORITY_CREATE", False),
            public_url=env.str("PUBLIC_URL", validate=validate.URL(require_tld=False)).rstrip("/"),
        )
