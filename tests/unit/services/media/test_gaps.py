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


def test_who_is_heard_without_a_picture_is_not_missing_but_was_not_seen() -> None:
    # given a holder whose picture pauses while the sound goes on, once for long and once for a moment
    pictures = track("holder", (0, 10), (16, 20), (21, 30))

    # when what is missing is looked for
    (found,) = gaps(track("clerk", (0, 30)), pictures, track("holder", (0, 30), kind="audio"))

    # then the long pause is told, with its ends
    assert found == Gap("holder", 10.0, 16.0, "no_picture")


def test_who_is_neither_heard_nor_seen_is_missing_and_nothing_besides() -> None:
    heard_and_seen = (track("holder", (0, 10), (16, 30)), track("holder", (0, 10), (16, 30), kind="audio"))
    assert [one.reason for one in gaps(track("clerk", (0, 30)), *heard_and_seen)] == ["connection_lost"]


def test_somebody_who_was_never_recorded_is_missing_all_the_time() -> None:
    assert gaps(track("clerk", (0, 30))) == [Gap("holder", 0.0, 30.0, "not_there")]
