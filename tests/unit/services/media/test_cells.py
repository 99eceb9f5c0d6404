"""The video in cells: what appears in each, and how closely it is cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.media.model import cells
from services.media.model.timeline import Mark, Piece, Plan, Stretch, Track, make_plan

EPOCH = 1_000.0


def track(kind: str, begins: float, ends: float, keys: int = 5) -> Track:
    """100 bytes and a mark every half second; a picture can be decoded from every ``keys``-th mark on."""
    marks = tuple(
        Mark(number * 100, EPOCH + begins + number / 2, opens=kind == "audio" or number % keys == 0)
        for number in range(int((ends - begins) * 2))
    )
    size = (640, 480) if kind == "video" else (0, 0)
    piece = Piece(0, len(marks) * 100, EPOCH + begins, EPOCH + ends, *size, marks)
    return Track(f"{kind}.mjr", kind, "clerk-1", False, 10, (Stretch((piece,)),))  # type: ignore[arg-type]


def plan_of(*tracks: Track, seconds: float = 40.0) -> Plan:
    return make_plan(tracks, {}, EPOCH + seconds)


def test_cells_are_as_many_as_the_video_needs_and_the_last_is_the_rest() -> None:
    plan = plan_of(track("video", 0, 40))
    assert cells.count(plan) == 3
    assert [cells.cell(plan, number).frames for number in range(3)] == [384, 384, 192]


def test_a_picture_is_taken_from_its_last_key_frame_before_the_cell_and_a_little_beyond_it() -> None:
    (shown,) = cells.cell(plan_of(track("video", 0, 40)), 1).pictures
    assert shown.at == pytest.approx(-1.0)  # key frames at 12.5, 15, 17.5 s
    assert (shown.piece.start, shown.piece.end) == (3000, 6500)


def test_sound_begins_a_little_before_the_cell() -> None:
    (heard,) = cells.cell(plan_of(track("audio", 0, 40)), 1).sounds
    assert -0.25 - 0.5 <= heard.at <= -0.25


def test_who_is_away_does_not_appear() -> None:
    plan = plan_of(track("audio", 0, 40), track("video", 17, 31))
    assert [len(cells.cell(plan, number).pictures) for number in range(3)] == [0, 1, 0]


def test_a_cell_keeps_its_name_while_the_track_grows_and_when_it_is_closed() -> None:
    growing = plan_of(replace(track("video", 0, 17), path="video.mjr.tmp"), seconds=17)
    closed = plan_of(track("video", 0, 40))
    assert cells.fingerprint(cells.cell(growing, 0)) == cells.fingerprint(cells.cell(closed, 0))
    assert cells.fingerprint(cells.cell(growing, 1)) != cells.fingerprint(cells.cell(closed, 1))


def test_media_that_come_late_give_a_cell_another_name() -> None:
    alone, together = plan_of(track("video", 0, 40)), plan_of(track("video", 0, 40), track("audio", 3, 40))
    assert cells.fingerprint(cells.cell(alone, 0)) != cells.fingerprint(cells.cell(together, 0))
