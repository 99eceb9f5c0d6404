"""The same operations for programs: JSON under ``/api``, described by OpenAPI."""

from __future__ import annotations

from flask import Flask, render_template
from flask_smorest import Api, Blueprint

from gateway.api import authentication
from gateway.api.conferences import blueprint as conferences
from gateway.api.emissions import blueprint as emissions
from gateway.api.people import blueprint as people
from gateway.security.guards import csrf

VERSION = "1"


class PlainApi(Api):  # type: ignore[misc]
    """Without flask-smorest's own form of errors, which it would use for pages too: ours is in ``gateway.errors``."""

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Register the operations, their description and its page."""
    app.config.update(
        API_TITLE="Titular",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "Emissions of notarised certificates by recorded videoconference."},
            "components": {
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "titular_session"},
                    "account": {"type": "http", "scheme": "basic"},
                }
            },
            "security": [{"session": []}, {"account": []}],
        },
    )
    app.login_manager.request_loader(authentication.load_from_request)  # type: ignore[attr-defined]
    api = PlainApi(app)
    parts: tuple[Blueprint, ...] = (people, emissions, conferences)
    for part in parts:
        csrf.exempt(part)
        api.register_blueprint(part)
    app.add_url_rule("/api/", "api_page", lambda: _page(api))


def _page(api: Api) -> str:
    return render_template("api.html", spec=api.spec.to_dict())
