"""Opaque references in addresses: a CPF must stand in no URL, hence in no log, history or bookmark."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contracts.errors import NotFound


class References:
    """Deterministic authenticated encryption (AES-SIV, RFC 5297): the same CPF always has the same address."""

    def __init__(self, secret: str) -> None:
        key = HKDF(algorithm=hashes.SHA256(), length=64, salt=None, info=b"titular references").derive(secret.encode())
        self._cipher = AESSIV(key)

    def refer(self, cpf: str) -> str:
        """The reference of a CPF's digits, URL-safe."""
        return base64.urlsafe_b64encode(self._cipher.encrypt(cpf.encode(), None)).decode().rstrip("=")

    def resolve(self, reference: str) -> str:
        """The inverse; raises :class:`NotFound` for what we did not make."""
        padded = reference + "=" * (-len(reference) % 4)
        try:
            return self._cipher.decrypt(base64.urlsafe_b64decode(padded), None).decode()
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise NotFound("no such reference") from error
