"""What operators do to dead letters, each act recorded with its actor and reason before it is carried out."""

from __future__ import annotations

from typing import Any

from chassis.dead_letters import DeadLetters
from chassis.ledger import Ledger
from chassis.letters import Letter
from contracts.actor import Actor
from contracts.errors import InvalidInput
from contracts.gateway import DEAD_LETTER_DISCARDED, DEAD_LETTER_RETRIED, REASON_LENGTH

ACTS = (DEAD_LETTER_RETRIED.name, DEAD_LETTER_DISCARDED.name)


def retry(
    letters: DeadLetters, ledger: Ledger, actor: Actor, queue: str, letter_id: str | None = None, reason: str = ""
) -> list[Letter]:
    """Give one letter of a consumer's queue (or all) back to it; returns those that were. A reason is welcome."""
    why = _checked(reason) if reason.strip() else None

    def record(letter: Letter) -> None:
        ledger.record(DEAD_LETTER_RETRIED, {**_facts(letter), "reason": why}, actor, letter.id, letter.emission_id)

    return letters.retry(queue, letter_id, record)


def discard(
    letters: DeadLetters, ledger: Ledger, actor: Actor, queue: str, letter_id: str | None = None, reason: str = ""
) -> list[Letter]:
    """Take one letter of a consumer's queue (or all) out of it; returns those that were. The record keeps each whole."""
    why = _checked(reason)

    def record(letter: Letter) -> None:
        whole = {"body": letter.text, "body_encoding": letter.encoding, "content_type": letter.content_type}
        ledger.record(DEAD_LETTER_DISCARDED, {**_facts(letter), **whole, "reason": why}, actor, letter.id, letter.emission_id)

    return letters.discard(queue, letter_id, record)


def _checked(reason: str) -> str:
    text = " ".join(reason.split())
    if not text:
        raise InvalidInput("a reason is needed", field="reason", reason="missing")
    if len(text) < REASON_LENGTH.start or len(text) >= REASON_LENGTH.stop:
        wrong = "too_short" if len(text) < REASON_LENGTH.start else "too_long"
        raise InvalidInput(f"the reason is {wrong}", field="reason", reason=wrong)
    return text


def _facts(letter: Letter) -> dict[str, Any]:
    return {
        "queue": letter.queue,
        "letter_id": letter.id,
        "letter_type": letter.type,
        "emission_id": letter.emission_id,
        "error": letter.error,
        "attempts": letter.attempts,
        "failed_at": letter.failed_at,
        "body_sha256": letter.sha256,
    }
