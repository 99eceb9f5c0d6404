"""The holder in the virtual room."""

from __future__ import annotations

from typing import Any

from flask import render_template

from contracts import conference as contract
from gateway.holder import blueprint
from gateway.holder.answers import answer, checked
from gateway.repair_texts import repair_texts
from gateway.room_texts import room_texts
from gateway.security.guards import HOLDER_ANSWER_RATE, LINK_RATE, limiter


@blueprint.get("/videoconferencia/")
def conference() -> Any:
    """The page of the join link. The token stands in the fragment, which is not sent: looking changes nothing."""
    return render_template("holder/conference.html", texts=room_texts(), repairs=repair_texts())


@blueprint.post("/videoconferencia/api/estado")
@limiter.limit("120 per minute")
def conference_state() -> Any:
    """Whether the conference has begun, is being recorded, or is over; and what the clerk decided about this browser."""
    return answer(contract.GET_JOIN_LINK)


@blueprint.post("/videoconferencia/api/caminho")
@limiter.limit(LINK_RATE)
def conference_route() -> Any:
    """Where the browser will connect, so that it can try beforehand."""
    return answer(contract.GET_ROUTE, data={**checked(contract.GET_ROUTE), "conference_id": None})


@blueprint.post("/videoconferencia/api/pedir")
@limiter.limit(HOLDER_ANSWER_RATE)
def request_admission() -> Any:
    """Ask to come in: the clerk sees who waits, and decides."""
    return answer(contract.REQUEST_ADMISSION)


@blueprint.post("/videoconferencia/api/entrar")
@limiter.limit(LINK_RATE)
def join_conference() -> Any:
    """What an admitted browser needs to join."""
    return answer(contract.JOIN_CONFERENCE, data={**checked(contract.JOIN_CONFERENCE), "conference_id": None})


@blueprint.post("/videoconferencia/api/sair")
@limiter.limit(LINK_RATE)
def leave_conference() -> Any:
    """The holder leaves, and may come back by the same link."""
    return answer(contract.LEAVE_CONFERENCE, data={**checked(contract.LEAVE_CONFERENCE), "conference_id": None})
