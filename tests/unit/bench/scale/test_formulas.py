"""Erlang's formula, against values that are known."""

from __future__ import annotations

import math

import pytest

from bench.scale.formulas import erlang_c, mean_wait, quantile, wait_quantile


def test_one_server_makes_as_many_wait_as_it_is_used() -> None:
    assert erlang_c(1, 0.3) == pytest.approx(0.3)


@pytest.mark.parametrize(("servers", "offered", "share"), [(2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (10, 8.0, 0.4092)])
def test_the_share_that_waits_is_erlangs(servers: int, offered: float, share: float) -> None:
    assert erlang_c(servers, offered) == pytest.approx(share, abs=0.0001)


def test_nobody_waits_where_nothing_is_asked() -> None:
    assert erlang_c(4, 0.0) == 0.0


def test_a_queue_that_is_asked_too_much_has_no_end() -> None:
    assert erlang_c(2, 2.0) == 1.0
    assert mean_wait(2, 2.0, 1.0) == math.inf
    assert wait_quantile(2, 2.5, 1.0, 0.99) == math.inf


def test_the_mean_wait_at_one_server_is_that_of_pollaczek_and_khinchine() -> None:
    assert mean_wait(1, 0.5, 2.0) == pytest.approx(2.0)


def test_the_median_is_no_wait_where_fewer_than_half_wait() -> None:
    assert wait_quantile(3, 2.0, 1.0, 0.5) == 0.0
    assert wait_quantile(3, 2.0, 1.0, 0.99) > 0


def test_quantiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(1, 101)]
    assert quantile(values, 0.99) == 99.0
    assert quantile(values, 0.5) == 50.0
    assert quantile([], 0.99) == 0.0
