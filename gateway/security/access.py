"""Roles and offices at each page's door, and the actor in whose name the services are asked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request
from flask_login import UserMixin, current_user

from chassis.clock import now
from chassis.logs import get_logger
from contracts.actor import Actor
from contracts.errors import Forbidden, NotAuthenticated, Unavailable
from contracts.gateway import ACCESS_REFUSED
from gateway.parts import Parts
from gateway.security.accounts import Account
from gateway.security.references import References

logger = get_logger(__name__)
View = TypeVar("View", bound=Callable[..., Any])
CLERKS = ("clerk", "administrator")
OPERATORS = ("operator", "administrator")
AUDITORS = ("auditor", "administrator")
AUTHORITY = ("authority_administrator", "auditor")
VIEWERS = ("clerk", "administrator", "auditor")
EXTENSION = "titular"


class SignedIn(UserMixin):  # type: ignore[misc]
    """An account as Flask-Login wants it; the id ends with the password's stamp and the session's own id."""

    def __init__(self, account: Account, session_id: str) -> None:
        self.account = account
        self.session_id = session_id

    def get_id(self) -> str:
        """What the session keeps."""
        return f"{self.account.user_id}|{self.account.stamp}|{self.session_id}"


def parts(app: Flask | None = None) -> Parts:
    """The parts of the running application."""
    return cast(Parts, (app or current_app).extensions[EXTENSION])


def load_user(session_id: str) -> SignedIn | None:
    """The signed-in account of a session; None once it is signed out, inactive or its password has changed.

    Where accounts cannot be read, nobody is known: :func:`account` then says so, and pages for everybody go on.
    """
    named, _, own_id = session_id.rpartition("|")
    user_id, _, stamp = named.rpartition("|")
    try:
        account = parts().accounts.get(user_id)
    except Unavailable as error:
        g.accounts_away = error
        return None
    if account is None or not account.active or account.stamp != stamp or own_id in account.ended:
        return None
    return SignedIn(account, own_id)


def account() -> Account:
    """The signed-in account; raises :class:`NotAuthenticated`, or :class:`Unavailable` where accounts cannot be read."""
    if not current_user.is_authenticated:
        if "accounts_away" in g:
            raise g.accounts_away
        raise NotAuthenticated("nobody is signed in")
    return cast(SignedIn, current_user).account


def end_session() -> None:
    """The signed-in session is dead from now on, on the server, whoever has a copy of its cookie."""
    if current_user.is_authenticated:
        signed_in = cast(SignedIn, current_user)
        parts().accounts.end_session(signed_in.account.user_id, signed_in.session_id, now().timestamp())


def actor() -> Actor:
    """The signed-in account as an actor."""
    return account().actor(request.remote_addr)


def holder() -> Actor:
    """Whoever comes with a link."""
    return Actor(user_id="holder", role="holder", address=request.remote_addr)


def requires(*roles: str) -> Callable[[View], View]:
    """Let only these roles in: others get 403 (recorded by the error handler), nobody gets the sign-in page."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            check_role(roles)
            return view(*args, **kwargs)

        return cast(View, guarded)

    return decorate


def check_role(roles: tuple[str, ...]) -> None:
    """Raise :class:`NotAuthenticated` or :class:`Forbidden`."""
    if account().role not in roles:
        raise Forbidden("this page is for others", reason="role")


def check_office(thing: Mapping[str, Any]) -> None:
    """Clerks and administrators see their own office's things only; raises :class:`Forbidden`."""
    signed_in = account()
    if signed_in.role in CLERKS and thing["office_id"] != signed_in.office_id:
        raise Forbidden("this belongs to another office", reason="office")


def record_refusal(error: Forbidden) -> None:
    """Tell who was refused what. The endpoint's name says which page, without the data in its address."""
    signed_in = current_user.is_authenticated
    data = {
        "user_id": account().user_id if signed_in else "nobody",
        "what": request.endpoint or "unknown",
        "reason": error.reason or "scope",
    }
    try:
        parts().ledger.record(ACCESS_REFUSED, data, actor() if signed_in else None)
    except Unavailable:  # the refusal stands all the same, and the log has it
        logger.warning("refusal not recorded", **data)


def references(app: Flask | None = None) -> References:
    """The maker of opaque references."""
    found = (app or current_app).extensions.setdefault("titular references", References(parts(app).settings.secret))
    return cast(References, found)
