"""What a recording lacks."""

from __future__ import annotations

from services.media.model.gaps import Gap, find_gaps
from services.media.model.timeline import Piece, Stretch, Track, make_plan

EPOCH = 1_000.0


def track(role: str, *stays: tuple[float, float], kind: str = "video", path: str = "a.mjr") -> Track:
    size = (640, 480) if kind == "video" else (0, 0)
    stretches = tuple(Stretch((Piece(0, 100, EPOCH + begins, EPOCH + ends, *size),)) for begins, ends in stays)
    return Track(f"{role}-{kind}-{path}", kind, f"{role}-1", False, 10, stretches)  # type: ignore[arg-type]


def gaps(*tracks: Track, seconds: float = 30.0) -> list[Gap]:
    return list(find_gaps(make_plan(tracks, {}, EPOCH + seconds)))


def test_who_is_recorded_all_the_time_has_no_gap() -> None:
    assert gaps(track("clerk", (0, 30)), track("holder", (1, 29))) == []


def test_who_came_late_and_went_early_was_missing_before_and_after() -> None:
    assert gaps(track("clerk", (0, 30)), track("holder", (5, 20))) == [
        Gap("holder", 0.0, 5.0, "not_there"),
        Gap("holder", 20.0, 30.0, "left"),
    ]


def test_the_reason_is_what_became_of_the_track() -> None:
    clerk = track("clerk", (0, 30))
    (network,) = gaps(clerk, track("holder", (0, 10), (15, 30)))
    (left,) = gaps(clerk, track("holder", (0, 10)), track("holder", (15, 30), path="b.mjr"))
    (killed,) = gaps(clerk, track("holder", (0, 10), path="a.mjr.tmp"), track("holder", (15, 30), path="b.mjr"))
    assert [one.reason for one in (network, left, killed)] == ["connection_lost", "left", "recorder_lost"]
    assert {(one.begins, one.ends) for one in (network, left, killed)} == {(10.0, 15.0)}


def test_who_is_heard_is_not_missing() -> None:
    assert gaps(track("clerk", (0, 30)), track("holder", (0, 10)), track("holder", (0, 30), kind="audio")) == []


def test_somebody_who_was_never_recorded_is_missing_all_the_time() -> None:
    assert gaps(track("clerk", (0, 30))) == [Gap("holder", 0.0, 30.0, "not_there")]
