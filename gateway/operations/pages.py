"""The live page, the queues, and the strip that warns of what needs somebody."""

from __future__ import annotations

from typing import Any

from flask import render_template

from contracts.errors import Unavailable
from contracts.operation import EVENTS
from contracts.topology import SOURCES
from gateway.operations import blueprint
from gateway.security import access
from gateway.stuck import stuck_emissions
from gateway.views import wants_fragment


@blueprint.get("/")
@access.requires(*access.OPERATORS)
def live() -> Any:
    """All events as they happen, with filters."""
    types = sorted({name for _source, name in EVENTS})
    return render_template("operations/live.html", types=types, sources=SOURCES, **_warnings())


@blueprint.get("/avisos")
@access.requires(*access.OPERATORS)
def warnings() -> Any:
    """The strip alone, for the page to look again."""
    return render_template("operations/warnings.html", **_warnings())


def _warnings() -> dict[str, Any]:
    """How many events are unhandled and emissions stuck; None where that cannot be told now."""
    try:
        dead: int | None = sum(depth.dead for depth in access.parts().dead_letters.depths())
    except Unavailable:
        dead = None
    try:
        stuck: int | None = len(stuck_emissions(access.actor())["emissions"])
    except Unavailable:
        stuck = None
    return {"dead": dead, "stuck": stuck}


@blueprint.get("/filas")
@access.requires(*access.OPERATORS)
def queues() -> Any:
    """Every consumer's queue: waiting, being retried, dead."""
    try:
        depths, error = access.parts().dead_letters.depths(), None
    except Unavailable as unavailable:
        depths, error = [], unavailable
    template = "operations/queue_table.html" if wants_fragment() else "operations/queues.html"
    return render_template(template, depths=depths, error=error)


@blueprint.get("/paradas")
@access.requires(*access.OPERATORS)
def stuck() -> Any:
    """Emissions that have waited for longer than their state may take."""
    return render_template("operations/stuck.html", **stuck_emissions(access.actor()))
