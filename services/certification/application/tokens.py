"""Secrets that are derived, never stored: a link's token, a code, a session's token. Events hold their hashes only."""

from __future__ import annotations

import base64
import hashlib
import hmac

from services.certification.model.words import WORDS

MINIMUM_BYTES = 32


class Secrets:
    """Derives every secret by HMAC-SHA256 (RFC 2104) from one key and the id of the thing that the secret is for."""

    def __init__(self, key: bytes) -> None:
        if len(key) < MINIMUM_BYTES:
            raise ValueError(f"the secret must have at least {MINIMUM_BYTES} bytes")
        # Other services may share the secret: theirs and ours must not meet.
        self._key = hmac.new(key, b"titular.certification", hashlib.sha256).digest()

    def link_token(self, invitation_id: str) -> str:
        """The token of an invitation's link."""
        return self._token(f"link:{invitation_id}")

    def session_token(self, invitation_id: str) -> str:
        """The token of the one session that an invitation can give."""
        return self._token(f"session:{invitation_id}")

    def nonce(self, invitation_id: str) -> str:
        """What the certificate request of that session must hold."""
        return self._token(f"nonce:{invitation_id}")

    def code(self, code_id: str) -> str:
        """Six digits."""
        return self._digits(f"code:{code_id}")

    def contact_code(self, code_id: str) -> str:
        """Six digits to be read out in the conference: of another purpose than the code that nobody may hear."""
        return self._digits(f"contact:{code_id}")

    def address_mac(self, emission_id: str, address: str) -> str:
        """By which an address is known again within one emission; whoever has no key can try no addresses by it."""
        return self._mac(f"address:{emission_id}:{address}").hex()

    def challenge(self, emission_id: str, until: int) -> str:
        """What a certificate's key signs to prove that it is there; good until then (seconds since 1970)."""
        return f"{until}.{self._token(f'challenge:{emission_id}:{until}')}"

    def place_token(self, emission_id: str, until: int) -> str:
        """The token of the holder's own place, once the key was proved."""
        return f"{emission_id}.{until}.{self._token(f'place:{emission_id}:{until}')}"

    def _digits(self, purpose: str) -> str:
        return f"{int.from_bytes(self._mac(purpose), 'big') % 10**6:06d}"

    def words(self, emission_id: str) -> str:
        """Two words that the clerk tells in the call: the same for all links of an emission."""
        number = int.from_bytes(self._mac(f"words:{emission_id}"), "big")
        return f"{WORDS[number % len(WORDS)]} {WORDS[number // len(WORDS) % len(WORDS)]}"

    def _token(self, purpose: str) -> str:
        return base64.urlsafe_b64encode(self._mac(purpose)).rstrip(b"=").decode()

    def _mac(self, purpose: str) -> bytes:
        return hmac.new(self._key, purpose.encode(), hashlib.sha256).digest()


def sha256_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Comparison that takes the same time wherever they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
