"""The curve of a day."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from bench.scale.day import HALF_HOUR, HOUR, Day
from bench.scale.figures import Assumptions

ASSUMED = Assumptions.read()


def test_the_curve_adds_up_to_the_days_total() -> None:
    day = Day.of(ASSUMED, 5700, 1.0)
    halves = [day.opens + number * HALF_HOUR for number in range(len(day.weights))]
    assert sum(day.rate(at) * HALF_HOUR / HOUR for at in halves) == pytest.approx(day.total)


def test_the_whole_nation_has_300_an_hour_on_average_while_offices_are_open() -> None:
    day = Day.of(ASSUMED, 5700, 1.0)
    assert day.total / ((day.closes - day.opens) / HOUR) == pytest.approx(300.0)


@pytest.mark.parametrize(("offices", "load"), [(5700, 10.0), (57, 1.0), (1, 100.0)])
def test_the_total_goes_with_offices_and_load(offices: int, load: float) -> None:
    whole = Day.of(ASSUMED, 5700, 1.0).total
    assert Day.of(ASSUMED, offices, load).total == pytest.approx(whole * offices / 5700 * load)


def test_the_peak_is_in_the_morning() -> None:
    begins, ends = Day.of(ASSUMED, 5700, 1.0).peak
    assert 9.5 * HOUR < begins < 12 * HOUR
    assert ends - begins == HOUR


def test_nobody_begins_while_offices_are_closed() -> None:
    day = Day.of(ASSUMED, 5700, 1.0)
    assert day.rate(day.opens - 1) == 0
    assert day.rate(day.closes) == 0


def test_beginnings_follow_the_curve() -> None:
    day = Day.of(ASSUMED, 5700, 10.0)
    beginnings = list(day.beginnings(random.Random(1)))
    assert beginnings == sorted(beginnings)
    assert len(beginnings) == pytest.approx(day.total, rel=0.03)
    counted = Counter(int((at - day.opens) // HALF_HOUR) for at in beginnings)
    for number in range(len(day.weights)):
        assert counted[number] == pytest.approx(day.rate(day.opens + number * HALF_HOUR) / 2, rel=0.15)
