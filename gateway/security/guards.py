"""Flask's extensions that keep the gate: sessions, forged requests, rates, headers."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_talisman import Talisman
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway.security.access import load_user
from gateway.security.accounts import SESSION_SECONDS
from gateway.settings import GatewaySettings

SESSION_COOKIE = "titular_session"
SIGN_IN_RATE = "10 per minute; 60 per hour"
LOOKUP_RATE = "40 per minute; 600 per hour"
LINK_RATE = "60 per minute"
RENEWAL_RATE = "5 per minute; 20 per hour"
HOLDER_ANSWER_RATE = "20 per minute"
PLACE_RATE = "10 per minute; 60 per hour"
STATUS_RATE = "300 per minute"

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
talisman = Talisman()


def configure_sessions(app: Flask, settings: GatewaySettings) -> None:
    """The signed session cookie, the same in every process that knows the secret."""
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_SECONDS,
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    login = LoginManager()
    login.user_loader(load_user)
    login.init_app(app)


def guard(app: Flask, settings: GatewaySettings) -> None:
    """Refuse forged, too frequent and framed requests."""
    # A page may stay open through a whole conference: its token is good as long as its session.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, RATELIMIT_HEADERS_ENABLED=True)
    csrf.init_app(app)
    limiter.init_app(app)
    talisman.init_app(
        app,
        force_https=settings.secure,
        session_cookie_secure=settings.secure,
        strict_transport_security=settings.secure,
        frame_options="DENY",
        content_security_policy=content_security_policy(settings),
        permissions_policy={"camera": "(self)", "microphone": "(self)", "display-capture": "(self)", "geolocation": "()"},
        referrer_policy="same-origin",
        x_xss_protection=False,
    )


def content_security_policy(settings: GatewaySettings) -> dict[str, str]:
    """No inline script or style; connections to ourselves, the streams and the room's signalling only."""
    reachable = ["'self'", settings.streams_url, settings.signalling_origin or ""]
    return {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": " ".join(filter(None, reachable)),
        "worker-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
