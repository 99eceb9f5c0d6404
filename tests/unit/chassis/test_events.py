"""Where an event goes that could not be handled."""

from __future__ import annotations

import pytest

from chassis.events import AWAY_TRIES, next_queue
from contracts.errors import InternalFault, NotFound, Unavailable
from contracts.topology import RETRY_DELAYS_SECONDS, SUBSCRIPTIONS

ONE = SUBSCRIPTIONS[0]


def test_a_lasting_error_is_not_tried_again() -> None:
    assert next_queue(ONE, 0, NotFound("no such emission")) == ONE.dead


@pytest.mark.parametrize("error", [RuntimeError("a mistake of the code"), InternalFault("altered")])
def test_an_unknown_error_is_tried_a_few_times(error: Exception) -> None:
    tried = [next_queue(ONE, attempt, error) for attempt in range(len(RETRY_DELAYS_SECONDS) + 1)]
    assert tried == [*(ONE.retry(delay) for delay in RETRY_DELAYS_SECONDS), ONE.dead]


def test_what_is_away_is_waited_for() -> None:
    away = Unavailable("the document store does not answer")
    assert next_queue(ONE, 0, away) == ONE.retry(1)
    assert next_queue(ONE, 100, away) == ONE.retry(RETRY_DELAYS_SECONDS[-1])
    assert next_queue(ONE, AWAY_TRIES, away) == ONE.dead
