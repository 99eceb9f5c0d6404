"""What is taken off a measurement."""

from __future__ import annotations

from bench.scale.driving import Used


def used(gateway: float, calls: float, requests: float) -> Used:
    """A stretch of ten seconds."""
    return Used({"gateway": gateway}, {"registry": calls}, {"notify": 4.0}, {"registry": 2.0}, requests, 10.0)


def test_a_share_is_taken_of_all_but_names() -> None:
    assert used(4.0, 8.0, 12.0).each(4) == Used({"gateway": 1.0}, {"registry": 2.0}, {"notify": 1.0}, {"registry": 0.5}, 3.0, 2.5)


def test_looks_are_taken_off_as_often_as_they_were_made() -> None:
    left = used(4.0, 8.0, 12.0).without(used(0.5, 1.0, 1.0), 3)
    assert (left.cpu["gateway"], left.calls["registry"], left.requests) == (2.5, 5.0, 9.0)
    assert left.handled == {"notify": 4.0}


def test_nothing_becomes_less_than_nothing() -> None:
    left = used(1.0, 1.0, 12.0).without(used(0.5, 1.0, 1.0), 3)
    assert (left.cpu["gateway"], left.calls["registry"]) == (0.0, 0.0)
