"""Sets of moments as spans: (from, until) in seconds, in order, none touching another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Span = tuple[float, float]
Spans = tuple[Span, ...]


def union(spans: Iterable[Span], bridging: float = 0.0) -> Spans:
    """All moments of any of them; pauses of up to ``bridging`` seconds are taken in."""
    joined: list[Span] = []
    for begin, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and begin - joined[-1][1] <= bridging:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    return tuple(joined)


def subtract(spans: Iterable[Span], others: Iterable[Span]) -> Spans:
    """The moments of ``spans`` that are in none of ``others``."""
    without = union(others)
    return tuple(rest for span in union(spans) for rest in _rests(span, without))


def _rests(span: Span, without: Spans) -> Iterator[Span]:
    begin, end = span
    for other_begin, other_end in without:
        if other_begin > begin and other_begin < end:
            yield begin, other_begin
        if other_begin < end:
            begin = max(begin, other_end)
    if begin < end:
        yield begin, end


def intersect(spans: Iterable[Span], others: Iterable[Span]) -> Spans:
    """The moments that are in both."""
    others = tuple(others)
    found = ((max(a[0], b[0]), min(a[1], b[1])) for a in spans for b in others)
    return union(span for span in found if span[1] > span[0])


def clip(spans: Iterable[Span], begin: float, end: float) -> Spans:
    """What lies between two moments."""
    return intersect(spans, [(begin, end)])


def total(spans: Iterable[Span]) -> float:
    """How long they last together, in seconds."""
    return sum(end - begin for begin, end in spans)
