"""Addresses that are given to people."""

from __future__ import annotations

from typing import Any

from flask import url_for

from gateway.security import access


def join_link(conference: dict[str, Any] | None) -> str | None:
    """The holder's link; the token stands in the fragment, which no server and no log ever sees."""
    if conference is None:
        return None
    return f"{access.parts().settings.public_url}{url_for('holder.conference')}#{conference['join_token']}"
