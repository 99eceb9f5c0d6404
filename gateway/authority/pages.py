"""Keys, lists, totals of answers, and the journal of uses, by pages and as a table to keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request, url_for
from werkzeug.http import dump_options_header

from chassis.clock import now
from chassis.rpc import Caller
from contracts.actor import Actor
from contracts.certification import AUTHORITY_KEYS, GET_AUTHORITY_STATE, KEY_USES, LIST_KEY_USES
from gateway.authority import blueprint
from gateway.authority.table import HEADINGS, line, row_of
from gateway.security import access
from gateway.views import ask

SHOWN = 50
EXPORTED_AT_ONCE = 500
SOON, VERY_SOON = 90, 30
"""Days before a certificate's end from which on the page warns, and warns loudly."""
TYPES = tuple(use.name for use in KEY_USES)


@blueprint.get("/")
@access.requires(*access.AUTHORITY)
def overview() -> Any:
    """How the authority stands, and what its keys did."""
    wanted = _wanted()
    before = request.args.get("antes", type=int)
    uses = ask(LIST_KEY_USES, **wanted, before=before, limit=SHOWN + 1)["uses"]
    return render_template(
        "authority/overview.html",
        state=ask(GET_AUTHORITY_STATE),
        uses=uses[:SHOWN],
        older=_address(antes=uses[SHOWN - 1]["position"]) if len(uses) > SHOWN else None,
        newest=_address() if before else None,
        table=url_for("authority_page.table", **_filters()),
        filters=_filters(),
        keys=AUTHORITY_KEYS,
        types=TYPES,
        tone_of=tone_of,
    )


@blueprint.get("/usos.csv")
@access.requires(*access.AUTHORITY)
def table() -> Response:
    """The uses that the filter finds, all of them, the newest first; made while it is sent."""
    # Asked before the answer begins: a service that is away gets its own status.
    first = ask(LIST_KEY_USES, **_wanted(), before=None, limit=EXPORTED_AT_ONCE)["uses"]
    disposition = dump_options_header("attachment", {"filename": f"usos-da-autoridade-{now():%Y-%m-%d}.csv"})
    response = Response(_lines(access.parts().caller, access.actor(), _wanted(), first), mimetype="text/csv")
    response.headers["Content-Disposition"] = disposition
    return response


def _lines(caller: Caller, actor: Actor, wanted: dict[str, Any], page: list[dict[str, Any]]) -> Iterator[str]:
    yield "\ufeff" + line(HEADINGS)  # so that spreadsheet programs take it for UTF-8
    while page:
        yield "".join(line(row_of(use)) for use in page)
        asked = {**wanted, "before": page[-1]["position"], "limit": EXPORTED_AT_ONCE}
        page = caller(LIST_KEY_USES, asked, actor=actor)["uses"]


def tone_of(days_left: int) -> str:
    """How near a certificate's end is."""
    if days_left <= VERY_SOON:
        return "bad"
    return "warn" if days_left <= SOON else "good"


def _wanted() -> dict[str, Any]:
    """The filter as the service takes it; what nobody can have chosen on the page is left out."""
    key, kind = request.args.get("chave"), request.args.get("tipo")
    since, until = _midnight("de"), _midnight("ate")
    return {
        "key": key if key in AUTHORITY_KEYS else None,
        "type": kind if kind in TYPES else None,
        "since": since,
        "until": until + timedelta(days=1) if until else None,
    }


def _midnight(name: str) -> datetime | None:
    """The beginning of a chosen day in the office's time zone."""
    try:
        chosen = datetime.strptime(request.args.get(name, ""), "%Y-%m-%d").date()  # noqa: DTZ007 - the zone comes below
    except ValueError:
        return None
    return datetime.combine(chosen, time(), ZoneInfo(access.parts().settings.time_zone))


def _filters() -> dict[str, Any]:
    """What of the filter stands in addresses."""
    return {name: value for name in ("chave", "tipo", "de", "ate") if (value := request.args.get(name, ""))}


def _address(**more: Any) -> str:
    return url_for("authority_page.overview", **_filters(), **more, _anchor="usos")
