"""Where private keys live: a port, and its keeping in encrypted files. The other keeping is :mod:`.pkcs11_custody`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from contracts.errors import Unavailable

ROUNDS = 1_000_000
PASSPHRASE_VARIABLE = "TITULAR_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret


class CustodyFault(Unavailable):
    """A key cannot be used now; the message names the setting and the mend.

    ``reason``: module, token, pin, session (the token does not answer), key (it is not there) or passphrase.
    """


class Custody(Protocol):
    """Keeps private keys, each of which has a certificate ``<name>.pem`` in the authority's folder."""

    @property
    def renews_keys(self) -> bool:
        """Whether a key that is to live on with another certificate is made anew: not where it cannot be stolen."""

    def generate(self, folder: Path, name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """A new key for a certificate to come, kept already when this returns."""

    def holds(self, folder: Path, name: str) -> bool:
        """Whether the key of ``<name>.pem`` is there; raises :class:`CustodyFault` where that cannot be known."""

    def load(self, folder: Path, name: str, certificate: x509.Certificate) -> ec.EllipticCurvePrivateKey:
        """The certificate's key; raises :class:`CustodyFault`."""

    def discard(self, folder: Path, name: str, key: ec.EllipticCurvePrivateKey) -> None:
        """Forget a key that was generated for something that was not finished."""

    def place(self, folder: Path, name: str) -> str:
        """Where the key lives, for people to read."""

    def check(self) -> None:
        """Raises :class:`CustodyFault` where keys cannot be used now (health)."""


class FileCustody:
    """Keys in files ``<name>.key``: PKCS#8 by PBES2 with PBKDF2, a million rounds, AES-256 (RFC 8018)."""

    renews_keys = True

    def __init__(self, passphrase: str) -> None:
        self._passphrase = passphrase

    def generate(self, folder: Path, name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """See the port."""
        if not self._passphrase:
            raise CustodyFault(f"{name}.key is to be a file: set TITULAR_AUTHORITY_PASSWORD.", reason="passphrase")
        key = ec.generate_private_key(curve)
        encrypted = encrypt_key(key, self._passphrase)
        descriptor = os.open(key_file(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(encrypted)
        return key

    def holds(self, folder: Path, name: str) -> bool:
        """See the port."""
        return key_file(folder, name).exists()

    def load(self, folder: Path, name: str, certificate: x509.Certificate) -> ec.EllipticCurvePrivateKey:
        """See the port."""
        path = key_file(folder, name)
        try:
            key = load_pem_private_key(path.read_bytes(), self._passphrase.encode())
        except FileNotFoundError as error:
            raise CustodyFault(f"There is no {path}: put the key's file back, or name where it is.", reason="key") from error
        except (TypeError, ValueError) as error:
            raise CustodyFault(f"TITULAR_AUTHORITY_PASSWORD does not open {path}.", reason="passphrase") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise CustodyFault(f"{path} is not the key of {name}.pem: put the right file there.", reason="key")
        return key

    def discard(self, folder: Path, name: str, key: ec.EllipticCurvePrivateKey) -> None:
        """See the port."""
        key_file(folder, name).unlink(missing_ok=True)

    def place(self, folder: Path, name: str) -> str:
        """See the port."""
        return f"file {key_file(folder, name).name}, encrypted by the passphrase"

    def check(self) -> None:
        """See the port. Keys were read at the start."""


class EachInItsPlace:
    """New keys go to the token; a key whose file lies beside its certificate is used from there.

    So the root's key may be a file that is taken away, and an authority that began with files keeps working beside a token.
    """

    renews_keys = False

    def __init__(self, files: FileCustody, token: Custody) -> None:
        self._files = files
        self._token = token

    def generate(self, folder: Path, name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """See the port."""
        return self._token.generate(folder, name, curve)

    def holds(self, folder: Path, name: str) -> bool:
        """See the port."""
        return self._of(folder, name).holds(folder, name)

    def load(self, folder: Path, name: str, certificate: x509.Certificate) -> ec.EllipticCurvePrivateKey:
        """See the port."""
        return self._of(folder, name).load(folder, name, certificate)

    def discard(self, folder: Path, name: str, key: ec.EllipticCurvePrivateKey) -> None:
        """See the port."""
        self._token.discard(folder, name, key)

    def place(self, folder: Path, name: str) -> str:
        """See the port."""
        return self._of(folder, name).place(folder, name)

    def check(self) -> None:
        """See the port."""
        self._token.check()

    def _of(self, folder: Path, name: str) -> Custody:
        return self._files if self._files.holds(folder, name) else self._token


def key_file(folder: Path, name: str) -> Path:
    """Where a key lies that is kept in a file."""
    return folder / f"{name}.key"


def encrypt_key(key: ec.EllipticCurvePrivateKey, passphrase: str) -> bytes:
    """The key as encrypted PKCS#8 PEM. By OpenSSL: the library's own encryption has 2,048 rounds only."""
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    argv = ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", str(ROUNDS)]
    result = subprocess.run(
        [*argv, "-passout", f"env:{PASSPHRASE_VARIABLE}"],
        input=plain,
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, PASSPHRASE_VARIABLE: passphrase},
    )
    return result.stdout
