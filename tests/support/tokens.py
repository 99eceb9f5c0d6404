"""A PKCS#11 token of SoftHSM in a folder."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.certification.authority.custody import EachInItsPlace, FileCustody
from services.certification.authority.pkcs11_custody import TokenCustody
from services.certification.authority.settings import TokenAccess
from services.certification.authority.token_session import TokenSession

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL, PIN = "titular-test", "123456"


@dataclass(frozen=True)
class SoftToken:
    """A token. Who uses it needs ``SOFTHSM2_CONF`` in the environment."""

    folder: Path
    access: TokenAccess

    @property
    def env(self) -> dict[str, str]:
        """The settings of a process that uses it."""
        return {
            "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf"),
            "TITULAR_AUTHORITY_PKCS11_MODULE": str(self.access.module),
            "TITULAR_AUTHORITY_PKCS11_TOKEN": self.access.token,
            "TITULAR_AUTHORITY_PKCS11_PIN": self.access.pin,
        }

    def take_out(self) -> None:
        """As if it was pulled."""
        (self.folder / "tokens").rename(self.folder / "elsewhere")
        (self.folder / "tokens").mkdir()

    def put_back(self) -> None:
        """As it was."""
        (self.folder / "tokens").rmdir()
        (self.folder / "elsewhere").rename(self.folder / "tokens")

    def custody(self, passphrase: str = "") -> EachInItsPlace:
        """Keys in it, and in files where they are there."""
        return EachInItsPlace(FileCustody(passphrase), TokenCustody(TokenSession(self.access)))


def soft_token(folder: Path, label: str = LABEL) -> SoftToken:
    """A new token."""
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    argv = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "87654321"]
    subprocess.run(argv, env={**os.environ, "SOFTHSM2_CONF": str(configuration)}, check=True, capture_output=True, timeout=60)
    return SoftToken(folder, TokenAccess(MODULE, label, PIN))
