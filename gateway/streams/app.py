"""The streams' addresses: one emission for its office, everything for operators."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask, Response, current_app, request, stream_with_context
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from chassis.health import Check, HealthApplication
from contracts.certification import GET_EMISSION
from contracts.errors import Forbidden, TitularError, Unavailable
from gateway import patience
from gateway.parts import Parts
from gateway.security import access, guards
from gateway.streams.feed import Feed, Item

HEARTBEAT_SECONDS = 15.0
LONGEST_SECONDS = 3600.0
RETRY_MILLISECONDS = 2000
RETRY_LATER_MILLISECONDS = 5000
SEND_SECONDS = 20.0
"""A reader who takes nothing for so long loses the stream; its page opens another."""
ASKING_SECONDS = 5.0
SPARE_SHARE = 0.1
"""Of the threads: kept free of streams, for health and for telling others to come later."""
PLACES = "titular streams"
MISSED_MESSAGE = f"event: changed\ndata: {json.dumps({'type': 'missed'})}\n\n"
"""Some events passed unheard: a page looks for itself."""
VIEWERS = ("clerk", "administrator", "auditor", "operator")


def create_streams(parts: Parts, feed: Feed, broker_check: Check) -> Flask:
    """The application of the streams process."""
    app = Flask("gateway.streams")
    app.extensions[access.EXTENSION] = parts
    guards.configure_sessions(app, parts.settings)
    app.register_error_handler(TitularError, _refuse)
    app.extensions[PLACES] = threading.BoundedSemaphore(places_of(parts.settings.streams_threads))
    patience.init_app(app, ASKING_SECONDS)
    app.after_request(_allow_own_pages)
    app.add_url_rule("/emissoes/<emission_id>", view_func=lambda emission_id: _emission(feed, emission_id), endpoint="emission")
    app.add_url_rule("/eventos", view_func=lambda: _everything(feed), endpoint="everything")
    health = HealthApplication("streams", {"broker": broker_check})
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, _whole_paths(health))  # type: ignore[method-assign]
    return app


def places_of(threads: int) -> int:
    """How many streams so many threads may hold."""
    return max(1, threads - max(1, round(threads * SPARE_SHARE)))


def _whole_paths(health: HealthApplication) -> dict[str, Any]:
    def answer(environ: dict[str, Any], start_response: Callable[..., object]) -> Any:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        return health({**environ, "PATH_INFO": path, "SCRIPT_NAME": ""}, start_response)

    return {"/health": answer, "/metrics": answer}


def _refuse(error: TitularError) -> Response | tuple[dict[str, Any], int]:
    if isinstance(error, Unavailable):
        # A browser gives a stream up for good at any status but 200 (HTML, 9.2.3); this way it comes again.
        return Response(f"retry: {RETRY_LATER_MILLISECONDS}\n\n", mimetype="text/event-stream")
    if isinstance(error, Forbidden):
        access.record_refusal(error)
    return {"code": error.code}, error.status


def _allow_own_pages(response: Response) -> Response:
    """The pages live at another port or host: theirs is the only origin that may read, with its cookie (Fetch, 3.2)."""
    own = access.parts().settings.public_url
    if request.headers.get("Origin") == own:
        response.headers["Access-Control-Allow-Origin"] = own
        response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers["Vary"] = "Origin"
    return response


def _check_origin() -> None:
    """A cookie comes with requests of other sites' pages too: those get nothing."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != access.parts().settings.public_url:
        raise Forbidden("another site's page", reason="origin")


def _emission(feed: Feed, emission_id: str) -> Response:
    """A word at each event of one emission; the page then looks for itself."""
    _check_origin()
    access.check_role(VIEWERS)
    emission = access.parts().caller(GET_EMISSION, {"emission_id": emission_id}, actor=access.actor())
    access.check_office(emission)
    return _stream(_follow(feed, lambda item: item.emission_id == emission_id, changed_message, feed.last))


def _everything(feed: Feed) -> Response:
    """All events, the recent ones first."""
    _check_origin()
    access.check_role(access.OPERATORS)
    seen = _last_seen()
    return _stream(_follow(feed, lambda _: True, happened_message, min(seen, feed.last)))


def _last_seen() -> int:
    """Where an interrupted reader stopped (HTML, 9.2.4)."""
    try:
        return int(request.headers.get("Last-Event-ID", "0"))
    except ValueError:
        return 0


def _stream(messages: Iterator[str]) -> Response:
    """A bounded number at once; each gives its place back when its reader goes."""
    places: threading.BoundedSemaphore = current_app.extensions[PLACES]
    if not places.acquire(blocking=False):
        raise Unavailable("too many streams", reason="busy")
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(SEND_SECONDS)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = Response(stream_with_context(messages), mimetype="text/event-stream", headers=headers)
    response.call_on_close(places.release)
    return response


def _follow(feed: Feed, wanted: Callable[[Item], bool], message: Callable[[Item], str], number: int) -> Iterator[str]:
    """Messages for as long as a stream may last; a comment now and then shows that it is alive."""
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    ends = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < ends:
        look = feed.after(number, HEARTBEAT_SECONDS)
        number = look.last
        messages = [MISSED_MESSAGE] if look.missed else []
        messages += [message(item) for item in look.items if wanted(item)]
        yield "".join(messages) or ": \n\n"


def changed_message(item: Item) -> str:
    """What a clerk's page gets: which kind of event, nothing else."""
    return f"event: changed\ndata: {json.dumps({'type': item.envelope.type})}\n\n"


def happened_message(item: Item) -> str:
    """What an operator sees. Events hold no personal data; of the actor only id and role are shown."""
    envelope = item.envelope
    shown = {
        "id": envelope.id,
        "time": envelope.time.isoformat(),
        "source": envelope.source,
        "type": envelope.type,
        "emission": item.emission_id,
        "actor": (envelope.actor or {}).get("user_id"),
        "data": envelope.data,
    }
    return f"id: {item.number}\nevent: happened\ndata: {json.dumps(shown, ensure_ascii=False)}\n\n"
