"""Sets of moments."""

from __future__ import annotations

from services.media.model.spans import clip, intersect, subtract, total, union


def test_a_union_joins_what_touches_and_bridges_short_pauses() -> None:
    assert union([(3, 4), (0, 1), (1, 2)]) == ((0, 2), (3, 4))
    assert union([(0, 1), (1.2, 2)], bridging=0.2) == ((0, 2),)
    assert union([(1, 1), (2, 1)]) == ()


def test_what_is_subtracted_leaves_rests() -> None:
    assert subtract([(0, 10)], [(2, 3), (5, 6)]) == ((0, 2), (3, 5), (6, 10))
    assert subtract([(0, 10)], [(-1, 1), (9, 12)]) == ((1, 9),)
    assert subtract([(0, 1)], [(0, 1)]) == ()
    assert subtract([(0, 1)], []) == ((0, 1),)


def test_what_is_in_both_and_what_lies_between() -> None:
    assert intersect([(0, 3), (5, 8)], [(2, 6)]) == ((2, 3), (5, 6))
    assert clip([(-1, 3)], 0, 2) == ((0, 2),)
    assert total([(0, 1), (2, 4)]) == 3
