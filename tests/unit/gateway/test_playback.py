"""A recording on a line as long as the video."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.playback import WIDTH, Chapter, chapters, lanes, moments

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
    entries = [{"time": BEGUN + timedelta(seconds=seconds), "type": f"at {seconds}", "data": {}} for seconds in (-5, 0, 50, 101)]
    found = moments({"duration_seconds": 100.0, "started_at": BEGUN}, entries)
    assert [(one.at, one.type, one.x) for one in found] == [(0.0, "at 0", 0), (50.0, "at 50", WIDTH // 2)]


def test_a_video_without_a_length_has_no_places() -> None:
    assert [lane.recorded_percent for lane in lanes({"duration_seconds": None, "gaps": []})] == [0, 0]


def noted(kind: str, seconds: float, item: str, *, recording_id: str = "r") -> dict[str, Any]:
    at = BEGUN + timedelta(seconds=seconds)
    data = {"at": at.isoformat(), "item": item, "recording_id": recording_id}
    return {"type": kind, "time": BEGUN + timedelta(hours=1), "data": data}


def test_ticks_are_chapters_at_the_moment_they_were_made_and_not_noted() -> None:
    entries = [
        noted("ChecklistTickNoted", 50, "consent"),
        noted("ChecklistTickNoted", 25, "identity"),
        noted("ChecklistTickNoted", 30, "office", recording_id="another"),
    ]
    video = {"recording_id": "r", "duration_seconds": 100.0, "started_at": BEGUN}
    found = chapters(video, entries)
    assert found[:2] == [Chapter("identity", 25.0, WIDTH // 4), Chapter("consent", 50.0, WIDTH // 2)]
    assert {one.item for one in found if one.at is None} == {"capacity_and_will", "date_and_time", "office"}
    assert moments(video, entries) == []


@pytest.mark.parametrize("backwards", [False, True])
def test_the_last_word_counts_in_whatever_order_it_was_noted(backwards: bool) -> None:
    entries = [
        noted("ChecklistTickNoted", 10, "identity"),
        noted("ChecklistClearingNoted", 20, "identity"),
        noted("ChecklistTickNoted", 10, "office"),
        noted("ChecklistClearingNoted", 20, "office"),
        noted("ChecklistTickNoted", 30, "office"),
    ]
    video = {"recording_id": "r", "duration_seconds": 100.0, "started_at": BEGUN}
    found = {one.item: one.at for one in chapters(video, entries[::-1] if backwards else entries)}
    assert (found["identity"], found["office"]) == (None, 30.0)


def test_a_fact_lies_where_it_happened_however_late_it_was_noted() -> None:
    late = {"type": "ConferenceEndNoted", "time": BEGUN + timedelta(hours=1), "data": {"at": BEGUN + timedelta(seconds=40)}}
    video = {"duration_seconds": 100.0, "started_at": BEGUN}
    assert [one.at for one in moments(video, [late])] == [40.0]


def test_who_was_heard_without_a_picture_was_recorded_all_the_same() -> None:
    gap = {"slot": "holder", "begins": 20.0, "ends": 60.0, "reason": "no_picture"}
    _, holder = lanes({"duration_seconds": 100.0, "gaps": [gap]})
    assert [(one.begins, one.ends) for one in holder.missing] == [(20.0, 60.0)]
    assert holder.recorded_percent == 100
