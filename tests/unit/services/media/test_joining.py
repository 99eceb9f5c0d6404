"""Where a growing track's media lie in time, and from when on that will not change."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from services.media.model.joining import LEAD_STEP_SECONDS, Joining, join_packets

EPOCH = 1_000.0


@dataclass(frozen=True)
class Sound:
    """A packet of sound every 20 ms; the sender's clock is behind ours by ``drift`` of the time that has passed."""

    number: int
    drift: float = 0.0
    late: float = 0.0

    @property
    def arrival(self) -> float:
        return EPOCH + self.number * 0.02 + self.late

    @property
    def timestamp(self) -> int:
        return round(self.number * 960 * (1 - self.drift))

    @property
    def start(self) -> int:
        return self.number * 100

    @property
    def end(self) -> int:
        return self.start + 100

    picture = None


def test_a_track_can_be_cut_every_half_second() -> None:
    (stretch,) = join_packets([Sound(number) for number in range(101)], "audio", 48_000)
    marks = stretch.whole.marks
    assert [mark.at for mark in marks] == pytest.approx([EPOCH + n / 2 for n in range(5)])
    assert [mark.start for mark in marks] == [0, 2500, 5000, 7500, 10_000]


def test_a_place_in_time_is_settled_after_two_seconds_and_then_up_to_the_last_mark() -> None:
    joining = Joining("audio", 48_000)
    settled = []
    for number in range(151):
        joining.add(Sound(number))
        settled.append(joining.settled_until - EPOCH)
    assert settled[99] == pytest.approx(0.0)
    assert settled[101] == pytest.approx(2.0)
    assert settled[150] == pytest.approx(3.0)


def test_what_was_settled_does_not_change_whatever_comes() -> None:
    joining = Joining("audio", 48_000)
    for number in range(500):
        joining.add(Sound(number, late=0.1))
    before = [mark for mark in joining.stretches()[0].whole.marks if mark.at <= joining.settled_until]
    for number in range(500, 3000):
        joining.add(Sound(number))
    assert list(joining.stretches()[0].whole.marks[: len(before)]) == before


def test_an_hour_of_a_clock_that_drifts_stays_together() -> None:
    """100 parts per million, which is 0.36 s an hour."""
    (stretch,) = join_packets((Sound(number, drift=1e-4) for number in range(180_000)), "audio", 48_000)
    apart = [abs(mark.at - (EPOCH + mark.start / 100 * 0.02)) for mark in stretch.whole.marks]
    assert max(apart) < LEAD_STEP_SECONDS + 0.01
