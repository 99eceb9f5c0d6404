"""Languages: Brazilian Portuguese unless the reader chooses English."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, has_request_context, redirect, request, session
from flask_babel import Babel
from werkzeug.wrappers import Response

from gateway.settings import GatewaySettings
from gateway.views import local_target

LANGUAGES = {"pt_BR": "Português", "en": "English"}
DEFAULT = "pt_BR"
KEY = "language"
FOLDER = Path(__file__).parent / "translations"
blueprint = Blueprint("language", __name__)


def chosen() -> str:
    """The language of this request. The browser's wish is not asked: offices' computers are often set to English."""
    found = session.get(KEY) if has_request_context() else None
    return found if found in LANGUAGES else DEFAULT


def init_app(app: Flask, settings: GatewaySettings) -> None:
    """Set up catalogues and the switch."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app, default_locale=DEFAULT, default_timezone=settings.time_zone, locale_selector=chosen)
    app.jinja_env.globals.update(languages=LANGUAGES, chosen_language=chosen)
    app.register_blueprint(blueprint)


@blueprint.post("/idioma")
def choose() -> Response:
    """Keep the choice in the session."""
    if request.form.get("language") in LANGUAGES:
        session[KEY] = request.form["language"]
    return redirect(local_target(request.form.get("next")))
