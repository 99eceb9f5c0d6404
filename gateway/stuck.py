"""Stuck emissions with what may keep them: the awaited event, and unhandled events about the same emission."""

from __future__ import annotations

from typing import Any

from chassis.letters import Letter
from contracts.actor import Actor
from contracts.certification import LIST_STUCK
from contracts.errors import Unavailable
from gateway.labels import label
from gateway.security import access


def stuck_emissions(actor: Actor, limit: int = 200) -> dict[str, Any]:
    """The service's reply with ``cause`` and ``next_step`` in the reader's language for each wait.

    Each emission gets its ``dead_letters``; ``letters_known`` is false where the broker could not be asked.
    """
    reply = access.parts().caller(LIST_STUCK, {"limit": limit}, actor=actor)
    letters = _letters_by_emission() if reply["emissions"] else {}
    for emission in reply["emissions"]:
        emission["dead_letters"] = (letters or {}).get(emission["emission_id"], [])
        for wait in emission["waits"]:
            wait["cause"] = str(label(wait["what"], "awaited"))
            wait["next_step"] = str(label(wait["what"], "next_step"))
    return {**reply, "letters_known": letters is not None}


def _letters_by_emission() -> dict[str, list[Letter]] | None:
    try:
        letters = access.parts().dead_letters.letters()
    except Unavailable:
        return None
    found: dict[str, list[Letter]] = {}
    for letter in letters:
        if letter.emission_id:
            found.setdefault(letter.emission_id, []).append(letter)
    return found
