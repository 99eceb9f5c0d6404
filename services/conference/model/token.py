"""The holder's join token: derived from the conference's id, so that nothing secret is stored."""

from __future__ import annotations

import base64
import hashlib
import hmac

from contracts.errors import LinkUnusable

PURPOSE = b"titular/conference/join/1:"
SEPARATOR = "."


def make_token(secret: str, conference_id: str) -> str:
    """``<conference id>.<base64url HMAC-SHA256>`` (RFC 2104, RFC 4648 section 5, without padding)."""
    return f"{conference_id}{SEPARATOR}{_seal(secret, conference_id)}"


def read_token(secret: str, token: str) -> str:
    """The conference's id; raises :class:`LinkUnusable` (unknown) for a token that was never made here."""
    conference_id, _, seal = token.partition(SEPARATOR)
    if not hmac.compare_digest(_seal(secret, conference_id).encode(), seal.encode()):
        raise LinkUnusable("no such join link", reason="unknown")
    return conference_id


def _seal(secret: str, conference_id: str) -> str:
    digest = hmac.new(secret.encode(), PURPOSE + conference_id.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
