"""The application factory."""

from __future__ import annotations

from flask import Flask

from gateway import (
    api,
    assets,
    audit,
    authority,
    authority_files,
    clerk,
    errors,
    health,
    help,  # noqa: A004 - the help pages
    holder,
    labels,
    language,
    ocsp,
    operations,
    patience,
    verification,
    views,
)
from gateway.parts import Parts
from gateway.security import guards, sign_in
from gateway.security.access import EXTENSION

LARGEST_REQUEST = 12 * 1024 * 1024


def create_app(parts: Parts) -> Flask:
    """All pages over the given parts."""
    app = Flask("gateway", static_folder="static", template_folder="templates")
    app.extensions[EXTENSION] = parts
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    guards.configure_sessions(app, parts.settings)
    guards.guard(app, parts.settings)
    language.init_app(app, parts.settings)
    assets.init_app(app)
    views.init_app(app)
    labels.init_app(app)
    errors.init_app(app)
    patience.init_app(app)
    health.init_app(app)
    for part in (sign_in, clerk, holder, operations, audit, authority, help, authority_files, verification):
        app.register_blueprint(part.blueprint)
    ocsp.init_app(app)
    api.init_app(app)
    return app
