"""The authority's settings, which the term's worker needs, too."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASSPHRASE_LENGTH = 12
TOKEN_SETTINGS = ("AUTHORITY_PKCS11_MODULE", "AUTHORITY_PKCS11_TOKEN", "AUTHORITY_PKCS11_PIN")


@dataclass(frozen=True, slots=True)
class TokenAccess:
    """How a PKCS#11 token is reached: its vendor's library, its label, its user's PIN."""

    module: Path
    token: str
    pin: str = field(repr=False)

    @classmethod
    def read(cls, env: Any) -> TokenAccess | None:
        """``TITULAR_AUTHORITY_PKCS11_MODULE``, ``_TOKEN`` and ``_PIN``; None where there is none of them."""
        given = {name: env.str(name, "") for name in TOKEN_SETTINGS}
        if not any(given.values()):
            return None
        for name in TOKEN_SETTINGS:
            if not given[name]:
                others = " and ".join(f"TITULAR_{one}" for one in TOKEN_SETTINGS if given[one])
                env.fault(name, f"Missing beside {others}: set all three for keys in a token, or none for keys in files.")
        module, token, pin = given.values()
        if module and not Path(module).is_file():
            env.fault(TOKEN_SETTINGS[0], f"There is no file {module}: install the token's PKCS#11 library, or mend the path.")
        return cls(Path(module), token, pin)


@dataclass(frozen=True, slots=True)
class AuthoritySettings:
    """Where certificates and keys are, how keys are opened, and under which public address the lists are found."""

    folder: Path
    passphrase: str
    create: bool
    public_url: str
    token: TokenAccess | None = None

    @classmethod
    def read(cls, env: Any) -> AuthoritySettings:
        """``TITULAR_AUTHORITY_FOLDER``, ``_AUTHORITY_PASSWORD``, ``_AUTHORITY_CREATE``, ``TITULAR_PUBLIC_URL``, and the token's.

        With a token, the passphrase is needed for those keys only that lie in files.
        """
        from environs import validate

        token = TokenAccess.read(env)
        long_enough = validate.Length(min=PASSPHRASE_LENGTH)
        return cls(
            folder=env.path("AUTHORITY_FOLDER"),
            passphrase=env.str("AUTHORITY_PASSWORD", validate=long_enough)
            if token is None
            else env.str("AUTHORITY_PASSWORD", None, validate=long_enough) or "",
            create=env.bool("AUTHORITY_CREATE", False),
            public_url=env.str("PUBLIC_URL", validate=validate.URL(require_tld=False)).rstrip("/"),
            token=token,
        )
