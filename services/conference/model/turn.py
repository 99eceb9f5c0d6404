"""Credentials for the TURN server that are good for hours, made without asking it.

Source: draft-uberti-behave-turn-rest-00 (coturn's ``use-auth-secret``): the name begins with the second at which it ends, the
credential is its HMAC-SHA1 under a secret that both know.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """The TURN server's addresses (``turn:…``) and the secret shared with it."""

    urls: tuple[str, ...]
    secret: str

    def ice_server(self, who: str, until: datetime) -> dict[str, Any]:
        """An ``RTCIceServer`` (W3C WebRTC, 4.2.4) with which ``who`` may relay until then."""
        username = f"{int(until.timestamp())}:{who}"
        digest = hmac.digest(self.secret.encode(), username.encode(), hashlib.sha1)
        return {"urls": list(self.urls), "username": username, "credential": base64.b64encode(digest).decode()}
