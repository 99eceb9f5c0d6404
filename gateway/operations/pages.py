"""The live page, the queues and the dead letters."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from chassis.logs import get_logger
from contracts.errors import Unavailable
from contracts.operation import EVENTS
from contracts.topology import SOURCES
from gateway.operations import blueprint
from gateway.security import access
from gateway.views import wants_fragment

logger = get_logger(__name__)


@blueprint.get("/")
@access.requires(*access.OPERATORS)
def live() -> Any:
    """All events as they happen, with filters."""
    types = sorted({name for _source, name in EVENTS})
    return render_template("operations/live.html", types=types, sources=SOURCES)


@blueprint.get("/filas")
@access.requires(*access.OPERATORS)
def queues() -> Any:
    """Every consumer's queue: waiting, being retried, dead."""
    try:
        depths, error = access.parts().queues.depths(), None
    except Unavailable as unavailable:
        depths, error = [], unavailable
    template = "operations/queue_table.html" if wants_fragment() else "operations/queues.html"
    return render_template(template, depths=depths, error=error, moved=request.args.get("devolvidas", type=int))


@blueprint.get("/filas/<queue>")
@access.requires(*access.OPERATORS)
def dead_letters(queue: str) -> Any:
    """The dead letters of one queue."""
    return render_template("operations/dead_letters.html", queue=queue, letters=access.parts().queues.peek(queue))


@blueprint.post("/filas/<queue>/devolver")
@access.requires(*access.OPERATORS)
def redrive(queue: str) -> Any:
    """Give the dead letters to their consumer once more."""
    moved = access.parts().queues.redrive(queue)
    logger.info("dead letters returned", queue=queue, count=moved, user_id=access.account().user_id)
    return redirect(url_for("operations.queues", devolvidas=moved))
