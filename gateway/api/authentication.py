"""Who asks through the API: the session's account, or an account by HTTP Basic (RFC 7617)."""

from __future__ import annotations

from flask import Request, request, session
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import RateLimitItem, parse_many

from chassis.clock import new_id
from contracts.errors import NotAuthenticated, RateLimited
from contracts.gateway import SIGN_IN_REFUSED
from gateway.security import access, accounts
from gateway.security.guards import SIGN_IN_RATE, csrf, limiter

SESSION_USER = "_user_id"  # Flask-Login's key
FAILURES: list[RateLimitItem] = parse_many(SIGN_IN_RATE)


def authenticate() -> None:
    """Before each operation. A session's changing request needs its token; a password in the request is proof enough."""
    if not current_user.is_authenticated:
        raise NotAuthenticated("sign in, or send an account's name and password")
    if SESSION_USER in session and request.method not in {"GET", "HEAD", "OPTIONS"}:
        csrf.protect()


def load_from_request(asked: Request) -> access.SignedIn | None:
    """For Flask-Login: an account by its password, for this request only. Failures are counted by address."""
    given = asked.authorization
    if given is None or given.type != "basic" or not asked.path.startswith("/api/"):
        return None
    counted = ("api", get_remote_address())
    if not all(limiter.limiter.test(item, *counted) for item in FAILURES):
        raise RateLimited("too many wrong passwords")
    found = accounts.verify(access.parts().accounts, given.username or "", given.password or "")
    if found is None:
        for item in FAILURES:
            limiter.limiter.hit(item, *counted)
        access.parts().ledger.record(SIGN_IN_REFUSED, {"reason": "credentials"})
        return None
    return access.SignedIn(found, new_id())
