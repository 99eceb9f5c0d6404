"""What lets the phone page stay on the phone: its manifest, its service worker, and the page that answers without a network."""

from __future__ import annotations

import hashlib
import json

from flask import Response, render_template, url_for

from contracts.errors import NotFound
from gateway.assets import built
from gateway.holder import blueprint

PAGES = ("phone", "offline")


@blueprint.get("/certificado/manifest.webmanifest")
def manifest() -> Response:
    """Lets the page be put on the phone's home screen."""
    body = {
        "id": "/certificado/",
        "name": "Titular",
        "short_name": "Titular",
        "lang": "pt-BR",
        "start_url": "/certificado/",
        "scope": "/certificado/",
        "display": "standalone",
        "background_color": "#f5f7f6",
        "theme_color": "#0b4a5e",
        "icons": [
            {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
            {"src": "/static/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    return Response(json.dumps(body), mimetype="application/manifest+json")


@blueprint.get("/certificado/sem-conexao")
def offline() -> str:
    """The page that the service worker keeps for when there is no network; the same for everybody who reads its language."""
    return render_template("holder/offline.html")


@blueprint.get("/certificado/service-worker.js")
def service_worker() -> Response:
    """The service worker, with what it keeps; :class:`NotFound` where the front end was not built.

    Its version is a hash of all of that: browsers ask for the script at each navigation and install another one at once.
    """
    code = built().code("worker")
    if not code:
        raise NotFound("the front end is not built")
    assets = sorted({address for page in PAGES for address in built().addresses(page)})
    content = json.dumps([assets, offline(), code])
    said = {
        "version": hashlib.sha256(content.encode()).hexdigest()[:16],
        "assets": assets,
        "offline": url_for("holder.offline"),
    }
    response = Response(f"self.phone = {json.dumps(said)};\n{code}", mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = url_for("holder.certificate")
    return response
