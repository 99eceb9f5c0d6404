"""A recording on a line as long as the video."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.playback import WIDTH, lanes, moments

BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_gaps_lie_where_they_were() -> None:
    gaps = [
        {"slot": "holder", "begins": 0.0, "ends": 25.0, "reason": "not_there"},
        {"slot": "clerk", "begins": 99.99, "ends": 100.0, "reason": "left"},
    ]
    clerk, holder = lanes({"duration_seconds": 100.0, "gaps": gaps})
    assert [(one.x, one.width) for one in holder.missing] == [(0, WIDTH // 4)]
    assert holder.recorded_percent == 75
    assert [(one.x, one.width) for one in clerk.missing] == [(WIDTH, 1)]
    assert clerk.recorded_percent == 100


def test_only_what_happened_while_it_was_recorded_is_shown() -> None:
    entries = [{"time": BEGUN + timedelta(seconds=seconds), "type": f"at {seconds}"} for seconds in (-5, 0, 50, 101)]
    found = moments({"duration_seconds": 100.0, "started_at": BEGUN}, entries)
    assert [(one.at, one.type, one.x) for one in found] == [(0.0, "at 0", 0), (50.0, "at 50", WIDTH // 2)]


def test_a_video_without_a_length_has_no_places() -> None:
    assert [lane.recorded_percent for lane in lanes({"duration_seconds": None, "gaps": []})] == [0, 0]
