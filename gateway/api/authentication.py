"""Who asks through the API: the session's account, or an account by HTTP Basic (RFC 7617)."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_login.utils import _update_request_context_with_user

from contracts.errors import NotAuthenticated
from contracts.gateway import SIGN_IN_REFUSED
from gateway.security import access, accounts
from gateway.security.guards import SIGN_IN_RATE, csrf, limiter


def authenticate() -> None:
    """Before each operation. A session's changing request needs its token; a password in the request is proof enough."""
    given = request.authorization
    if given is not None and given.type == "basic":
        with limiter.limit(SIGN_IN_RATE, deduct_when=lambda response: response.status_code == 401):
            _by_password(given.username or "", given.password or "")
        return
    if not current_user.is_authenticated:
        raise NotAuthenticated("sign in, or send an account's name and password")
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()


def _by_password(user_id: str, password: str) -> None:
    found = accounts.verify(access.parts().accounts, user_id, password)
    if found is None:
        access.parts().ledger.record(SIGN_IN_REFUSED, {"reason": "credentials"})
        raise NotAuthenticated("user name or password do not match")
    # For this request only: nothing is written to a session.
    _update_request_context_with_user(access.SignedIn(found))


def restore_handlers(app: Flask, handlers: dict[Any, Any]) -> None:
    """flask-smorest answers HTTP errors in its own form, also for pages: ours stay in force."""
    app.error_handler_spec[None] = {**app.error_handler_spec[None], **handlers}
