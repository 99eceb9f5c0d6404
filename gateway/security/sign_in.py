"""Signing in and out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from chassis.clock import new_id
from contracts.gateway import SIGN_IN_REFUSED, SIGNED_IN
from gateway.language import KEY
from gateway.security import access, accounts
from gateway.security.guards import SIGN_IN_RATE, limiter
from gateway.views import local_target

blueprint = Blueprint("sign_in", __name__)
HOMES = {"operator": "operations.live", "auditor": "audit.find", "authority_administrator": "authority_page.overview"}


class SignInForm(FlaskForm):  # type: ignore[misc]
    """User name and password."""

    user_id = StringField(validators=[InputRequired(), Length(max=100)])
    password = PasswordField(validators=[InputRequired(), Length(max=200)])


@blueprint.route("/entrar", methods=["GET", "POST"])
# Only refusals count: a whole office signs in from one address in the morning.
@limiter.limit(SIGN_IN_RATE, methods=["POST"], deduct_when=lambda response: response.status_code == HTTPStatus.UNAUTHORIZED)
def sign_in() -> Any:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(local_target(request.args.get("next")))
    form = SignInForm()
    if not form.is_submitted():
        return render_template("sign_in.html", form=form, failure=None)
    if not form.validate():
        return render_template("sign_in.html", form=form, failure=_("Fill in user name and password.")), 422
    found = accounts.verify(access.parts().accounts, form.user_id.data or "", form.password.data or "")
    if found is None:
        access.parts().ledger.record(SIGN_IN_REFUSED, {"reason": "credentials"})
        return render_template("sign_in.html", form=form, failure=_("User name or password do not match.")), 401
    _begin_session(found)
    return redirect(local_target(request.args.get("next")))


def _begin_session(found: accounts.Account) -> None:
    """A new session for a new person: nothing of the one before stays but the language."""
    language = session.get(KEY)
    session.clear()
    if language:
        session[KEY] = language
    session.permanent = True
    login_user(access.SignedIn(found, new_id()))
    access.parts().ledger.record(SIGNED_IN, {"user_id": found.user_id}, found.actor(request.remote_addr))


@blueprint.post("/sair")
def sign_out() -> Response:
    """End the session, in this browser also where the accounts cannot be reached."""
    try:
        access.end_session()
    finally:
        logout_user()
        session.clear()
    return redirect(url_for("sign_in.sign_in"))


def home_endpoint(role: str) -> str:
    """Where this role's work begins."""
    return HOMES.get(role, "clerk.home")
