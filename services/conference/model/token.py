"""Tokens derived from ids, so that nothing secret is stored: the holder's join link, and the admission of one browser."""

from __future__ import annotations

import base64
import hashlib
import hmac

from contracts.errors import LinkUnusable

PURPOSE = b"titular/conference/join/1:"
ADMISSION = b"titular/conference/admission/1:"
SEPARATOR = "."


def make_token(secret: str, conference_id: str) -> str:
    """``<conference id>.<base64url HMAC-SHA256>`` (RFC 2104, RFC 4648 section 5, without padding)."""
    return f"{conference_id}{SEPARATOR}{_seal(secret, PURPOSE, conference_id)}"


def read_token(secret: str, token: str) -> str:
    """The conference's id; raises :class:`LinkUnusable` (unknown) for a token that was never made here."""
    conference_id, _, seal = token.partition(SEPARATOR)
    if not hmac.compare_digest(_seal(secret, PURPOSE, conference_id).encode(), seal.encode()):
        raise LinkUnusable("no such join link", reason="unknown")
    return conference_id


def make_admission(secret: str, conference_id: str, admission_id: str) -> str:
    """What one browser keeps to prove that it is the one that asked: ``<admission id>.<HMAC of conference and id>``."""
    return f"{admission_id}{SEPARATOR}{_seal(secret, ADMISSION, f'{conference_id}/{admission_id}')}"


def read_admission(secret: str, conference_id: str, token: str | None) -> str | None:
    """The admission's id; None for a token that was never made for this conference."""
    admission_id, _, seal = (token or "").partition(SEPARATOR)
    expected = _seal(secret, ADMISSION, f"{conference_id}/{admission_id}")
    return admission_id if hmac.compare_digest(expected.encode(), seal.encode()) else None


def _seal(secret: str, purpose: bytes, text: str) -> str:
    digest = hmac.new(secret.encode(), purpose + text.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
