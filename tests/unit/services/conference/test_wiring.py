"""A process with several instances is ready as long as one of them answers."""

from __future__ import annotations

import pytest

from contracts.errors import Unavailable
from services.conference.wiring import any_of


def away() -> None:
    raise Unavailable("the SFU does not answer")


def fine() -> None:
    return


def test_one_that_answers_is_enough() -> None:
    any_of([away, fine])()
    any_of([fine, fine, away])()


def test_none_that_answers_is_not() -> None:
    with pytest.raises(Unavailable, match="none"):
        any_of([away, away])()


def test_of_one_its_own_word_is_told() -> None:
    with pytest.raises(Unavailable, match="the SFU does not answer"):
        any_of([away])()
