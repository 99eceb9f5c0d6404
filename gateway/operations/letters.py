"""Unhandled events: a list, one of them whole, giving back, discarding with a reason, and the record of both."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from chassis import dead_letter_acts
from chassis.letters import Letter
from contracts.errors import InvalidInput, NotFound
from contracts.topology import SUBSCRIPTIONS
from gateway import messages
from gateway.operations import blueprint
from gateway.security import access

SHOWN = 50
SEARCHED = 10_000
RECORDED = 100
READERS = (*access.OPERATORS, "auditor")


@blueprint.get("/nao-tratados")
@access.requires(*access.OPERATORS)
def dead_letters() -> Any:
    """Every consumer with letters: how many, and the oldest of them."""
    queues = [
        {"depth": depth, "oldest": next(iter(access.parts().dead_letters.letters(depth.queue, 1)), None)}
        for depth in access.parts().dead_letters.depths()
        if depth.dead
    ]
    done = {"returned": request.args.get("devolvidos", type=int), "discarded": request.args.get("descartados", type=int)}
    return render_template("operations/dead_letters.html", queues=queues, **done)


@blueprint.get("/nao-tratados/<queue>")
@access.requires(*access.OPERATORS)
def dead_queue(queue: str) -> Any:
    """The letters of one consumer."""
    found = access.parts().dead_letters.letters(queue, SHOWN)
    return render_template("operations/dead_queue.html", letters=found, shown=SHOWN, **_consumer(queue))


@blueprint.get("/nao-tratados/<queue>/<letter_id>")
@access.requires(*access.OPERATORS)
def letter(queue: str, letter_id: str) -> Any:
    """One letter whole. Events carry no personal data."""
    return render_template("operations/letter.html", letter=_found(queue, letter_id), **_consumer(queue))


@blueprint.post("/nao-tratados/<queue>/devolver")
@access.requires(*access.OPERATORS)
def give_back(queue: str) -> Any:
    """Give one letter (``letter_id``) or all to the consumer once more."""
    act = (access.parts().dead_letters, access.parts().ledger, access.actor(), queue)
    done = dead_letter_acts.retry(*act, letter_id=_letter_id(), reason=request.form.get("reason", ""))
    return redirect(url_for("operations.dead_letters", devolvidos=len(done)))


@blueprint.get("/nao-tratados/<queue>/descartar")
@access.requires(*access.OPERATORS)
def confirm_discard(queue: str) -> Any:
    """Ask once more, and why. ``carta`` names one letter; without it all are meant."""
    return _confirmation(queue, request.args.get("carta"))


@blueprint.post("/nao-tratados/<queue>/descartar")
@access.requires(*access.OPERATORS)
def discard(queue: str) -> Any:
    """Take one letter (``letter_id``) or all out of the queue; the record keeps each whole."""
    act = (access.parts().dead_letters, access.parts().ledger, access.actor(), queue)
    reason = request.form.get("reason", "")
    try:
        done = dead_letter_acts.discard(*act, letter_id=_letter_id(), reason=reason)
    except InvalidInput as error:
        return _confirmation(queue, _letter_id(), reason, messages.by_field(error).get("reason")), error.status
    return redirect(url_for("operations.dead_letters", descartados=len(done)))


@blueprint.get("/registro")
@access.requires(*READERS)
def record() -> Any:
    """What was done to letters, by whom and why; a discarded one can be read here for good."""
    acts = access.parts().ledger.latest(dead_letter_acts.ACTS, RECORDED)
    return render_template("operations/record.html", acts=[(act, _discarded(act.data)) for act in acts])


def _letter_id() -> str | None:
    return request.form.get("letter_id") or None


def _consumer(queue: str) -> dict[str, Any]:
    for subscription in SUBSCRIPTIONS:
        if subscription.queue == queue:
            return {"queue": queue, "subscription": subscription}
    raise NotFound("no such queue", field="queue")


def _found(queue: str, letter_id: str) -> Letter:
    for found in access.parts().dead_letters.letters(queue, SEARCHED):
        if found.id == letter_id:
            return found
    raise NotFound("no such letter; it may have been given back meanwhile", field="letter_id")


def _confirmation(queue: str, letter_id: str | None, reason: str = "", problem: str | None = None) -> str:
    consumer = _consumer(queue)
    shown = {"letter_id": letter_id, "reason": reason, "problem": problem}
    if letter_id:
        return render_template("operations/discard.html", letter=_found(queue, letter_id), count=1, **shown, **consumer)
    count = next(depth.dead for depth in access.parts().dead_letters.depths() if depth.queue == queue)
    return render_template("operations/discard.html", letter=None, count=count, **shown, **consumer)


def _discarded(data: dict[str, Any]) -> str | None:
    """The body of a discarded letter for people; None for one that was given back."""
    return Letter.of_record(data).readable if "body" in data else None
