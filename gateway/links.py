"""Addresses that are given to people."""

from __future__ import annotations

from typing import Any

import segno
from flask import url_for
from markupsafe import Markup

from gateway.security import access


def join_link(conference: dict[str, Any] | None) -> str | None:
    """The holder's link; the token stands in the fragment, which no server and no log ever sees."""
    if conference is None:
        return None
    return f"{access.parts().settings.public_url}{url_for('holder.conference')}#{conference['join_token']}"


def qr_code(address: str, title: str) -> Markup:
    """The address as an SVG element, to be read by a phone's camera (ISO/IEC 18004, correction level M)."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(border=2, omitsize=True, light="#fff", title=title, svgclass="qr-code", lineclass=None)
    return Markup(svg)  # noqa: S704 - segno escapes the title, the rest is drawn squares
