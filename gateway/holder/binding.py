"""A holder's session belongs to the browser that began it: a cookie that no script can read goes with the session's token.

The cookie is derived from the token and the gateway's secret. Who copied the token alone (from the browser's storage, a log, a
screen) is refused, and the refusal is an event of the emission.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for

from chassis.logs import get_logger
from contracts.errors import LinkUnusable, Unavailable
from contracts.gateway import HOLDER_SESSION_REFUSED
from contracts.operation import Operation
from gateway.security import access
from gateway.views import ask

logger = get_logger(__name__)
COOKIE = "titular_holder_"
SESSION_SECONDS = 24 * 3600
PLACE_SECONDS = 15 * 60
"""At least as long as the sessions live; the cookie alone opens nothing."""


def bind(response: Response, field: str, seconds: int) -> Response:
    """Give the browser the cookie of the session whose token stands in the answer's ``field``, for so many seconds."""
    token = response.get_json()[field]
    response.set_cookie(
        _name(token),
        _seal(token),
        max_age=seconds,
        path=url_for("holder.certificate"),
        secure=access.parts().settings.secure,
        httponly=True,
        samesite="Strict",
    )
    return response


def require_own_browser(question: Mapping[str, Any], field: str, probe: Operation) -> None:
    """Refuse a session's token without its cookie: :class:`LinkUnusable` (``elsewhere``), or what ``probe`` says of the token.

    The token stands in the question's ``field``; ``probe`` asks where its session stands, so that only refusals of a session
    that lives are recorded.
    """
    token = question[field]
    if hmac.compare_digest(request.cookies.get(_name(token), "").encode(), _seal(token).encode()):
        return
    found = ask(probe, access.holder(), **{field: token})
    _record(found)
    raise LinkUnusable("the session belongs to another browser", reason="elsewhere")


def _record(found: dict[str, Any]) -> None:
    data = {"what": request.endpoint or "unknown"}
    try:
        access.parts().ledger.record(
            HOLDER_SESSION_REFUSED, data, access.holder(), subject=found["emission_id"], emission_id=found["emission_id"]
        )
    except Unavailable:  # the refusal stands all the same, and the log has it
        logger.warning("refusal not recorded", emission_id=found["emission_id"], **data)


def _name(token: str) -> str:
    """One for each session: two holders may use one device."""
    return COOKIE + hashlib.sha256(token.encode()).hexdigest()[:12]


def _seal(token: str) -> str:
    key = access.parts().settings.secret.encode()
    return hmac.new(key, b"titular.gateway.holder-session:" + token.encode(), hashlib.sha256).hexdigest()
