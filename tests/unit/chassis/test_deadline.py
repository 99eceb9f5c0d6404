"""A deadline holds for all work within it, and only ever becomes earlier."""

from __future__ import annotations

import pytest

from chassis import deadline
from contracts.errors import Unavailable


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(deadline.time, "monotonic", made)
    return made


def test_without_a_deadline_nothing_is_bounded() -> None:
    assert deadline.remaining() is None
    assert deadline.bounded(7.0) == 7.0


def test_what_is_left_grows_less_and_then_refuses(clock: Clock) -> None:
    with deadline.within(5.0):
        assert deadline.bounded(60.0) == 5.0
        clock.now += 4.0
        assert deadline.bounded(60.0) == 1.0
        assert deadline.bounded(0.5) == 0.5
        clock.now += 2.0
        assert deadline.remaining() == 0.0
        with pytest.raises(Unavailable) as raised:
            deadline.bounded(60.0)
    assert raised.value.reason == "too_late"
    assert deadline.remaining() is None


def test_an_inner_deadline_can_only_be_earlier(clock: Clock) -> None:
    with deadline.within(5.0):
        with deadline.within(60.0):
            assert deadline.remaining() == 5.0
        with deadline.within(1.0):
            assert deadline.remaining() == 1.0
        assert deadline.remaining() == 5.0
