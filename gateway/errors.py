"""Errors as readers meet them: a message for each code, at the field or on a page that says what to do next."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Flask, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from chassis.logs import get_logger
from chassis.rpc import flatten_problems
from contracts import errors
from contracts.errors import TitularError
from gateway import messages
from gateway.security import access

logger = get_logger(__name__)
JSON_PATHS = ("/api/", "/certificado/api/", "/videoconferencia/api/")
RETRY_AFTER_SECONDS = 3
SECRET_FIELDS = frozenset({"password"})
PAGES = frozenset({400, 403, 404, 405, 409, 410, 413, 422, 423, 429, 500, 503})


def init_app(app: Flask) -> None:
    """Handle the whole family, and what Flask itself refuses."""
    app.register_error_handler(TitularError, on_titular_error)
    app.register_error_handler(CSRFError, on_forged)
    app.register_error_handler(RateLimitExceeded, on_too_many)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(Exception, on_fault)
    app.after_request(say_when_to_retry)
    app.jinja_env.globals.update(error_text=messages.text)


def wants_json() -> bool:
    """Whether the asker is a program."""
    return request.path.startswith(JSON_PATHS) or request.is_json


def on_titular_error(error: TitularError) -> Any:
    """A typed refusal."""
    if isinstance(error, errors.Forbidden):
        access.record_refusal(error)
    if error.status >= 500:
        logger.warning("answered with an error", code=error.code, reason=error.reason, endpoint=request.endpoint)
    if error.details.get("retry_after"):
        g.retry_after = max(1, int(error.details["retry_after"]))
    if isinstance(error, errors.NotAuthenticated) and not wants_json():
        return redirect(url_for("sign_in.sign_in", next=_return_path()))
    return answer(error)


def _return_path() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def answer(error: TitularError) -> Any:
    """The error as JSON or as a page."""
    if wants_json():
        return jsonify(as_json(error)), error.status
    status = error.status if error.status in PAGES else 500
    page = render_template("errors/error.html", error=error, status=status, text=messages.text(error), **_ways_on(status))
    return page, status, {"HX-Retarget": "#messages", "HX-Reselect": "#error-text", "HX-Reswap": "innerHTML"}


def _ways_on(status: int) -> dict[str, Any]:
    """What a page that is out of reach offers: a look tries again by itself, a form can be sent again as it was typed."""
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        return {}
    if request.method == "GET":
        return {"tries_again": g.get("retry_after", RETRY_AFTER_SECONDS)}
    kept = not request.files and not SECRET_FIELDS.intersection(request.form)
    return {"typed": list(request.form.items(multi=True)) if kept else [], "files": bool(request.files)}


def say_when_to_retry(response: Response) -> Response:
    """When an answer that is out of reach is worth another try (RFC 9110, 10.2.3)."""
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers.setdefault("Retry-After", str(g.get("retry_after", RETRY_AFTER_SECONDS)))
    return response


def as_json(error: TitularError) -> dict[str, Any]:
    """The error's data with a message for the reader, and one for each field."""
    body = error.to_dict()
    body["text"] = messages.text(error)
    if isinstance(error, errors.InvalidInput):
        body["problems"] = [{**problem, "text": messages.problem(problem)} for problem in error.problems]
    return body


def on_forged(_error: CSRFError) -> Any:
    """The form's token does not fit the session: most often the session has ended."""
    logger.info("request without a valid token", endpoint=request.endpoint)
    return answer(errors.InvalidInput("the form's token is missing or too old", field="csrf_token", reason="expired"))


def on_too_many(_error: RateLimitExceeded) -> Any:
    """Too many requests from one address."""
    return answer(errors.RateLimited("too many requests"))


def on_http_error(error: HTTPException) -> Any:
    """What Flask refuses by itself, in our own words."""
    if error.code is not None and error.code < 400:
        return error
    known: dict[int, TitularError] = {
        403: errors.Forbidden("forbidden", reason="role"),
        404: errors.NotFound("no such page"),
        413: errors.InvalidInput("too large", field="file", reason="too_large"),
    }
    found = known.get(error.code or 0) or _from_webargs(error)
    if found is not None:
        return on_titular_error(found)
    if wants_json():
        return jsonify({"code": "http", "message": error.description, "text": error.description}), error.code
    status = error.code if error.code in PAGES else 400
    page = render_template("errors/error.html", error=None, status=status, text=_("This request cannot be answered here."))
    return page, error.code or 400


def _from_webargs(error: HTTPException) -> TitularError | None:
    """The faults of an API request, which webargs hangs on its exception by place (json, query)."""
    listed = getattr(error, "data", {}).get("messages")
    if not listed:
        return None
    return errors.InvalidInput.of([problem for place in listed.values() for problem in flatten_problems(place)])


def on_fault(error: Exception) -> Any:
    """A mistake of ours."""
    logger.error("page failed", endpoint=request.endpoint, exc_info=error)
    return answer(errors.InternalFault(f"{type(error).__name__}"))


def no_store(response: Response) -> Response:
    """Pages with personal data are kept by no cache."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response
