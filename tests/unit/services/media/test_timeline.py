"""Who is visible and audible when."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from services.media.model.joining import join_packets
from services.media.model.timeline import NothingRecorded, Piece, Stretch, Track, make_plan

EPOCH = 1_000.0


@dataclass(frozen=True)
class FakePacket:
    arrival: float
    timestamp: int
    start: int
    end: int
    picture: tuple[int, int] | None = None


def video(*moments: float, picture: tuple[int, int] | None = (640, 480), lag: float = 0.0) -> list[FakePacket]:
    """Packets of 100 bytes; the first is a key frame."""
    return [
        FakePacket(EPOCH + at + lag, round(at * 90_000), n * 100, (n + 1) * 100, picture if n == 0 else None)
        for n, at in enumerate(moments)
    ]


def track(role: str = "clerk", begins: float = 0.0, ends: float = 10.0, kind: str = "video", **options: object) -> Track:
    size = options.get("size", (640, 480) if kind == "video" else (0, 0))
    piece = Piece(0, 100, EPOCH + begins, EPOCH + ends, *size)  # type: ignore[misc]
    return Track("path", kind, f"{role}-1", bool(options.get("screen")), 10, (Stretch((piece,)),))  # type: ignore[arg-type]


def test_times_are_those_of_the_least_delayed_packet() -> None:
    packets = video(0.0, 1.0, 2.0, 3.0)
    jittered = [
        FakePacket(p.arrival + late, p.timestamp, p.start, p.end, p.picture)
        for p, late in zip(packets, (0.3, 0.1, 0, 0.2), strict=True)
    ]
    (stretch,) = join_packets(jittered, "video", 90_000)
    assert stretch.whole.begins_at == pytest.approx(EPOCH)
    assert stretch.whole.ends_at == pytest.approx(EPOCH + 3.1)


def test_a_picture_begins_with_its_first_key_frame() -> None:
    packets = [FakePacket(EPOCH + n / 10, n * 9000, n, n + 1, (640, 480) if n == 3 else None) for n in range(8)]
    (stretch,) = join_packets(packets, "video", 90_000)
    assert stretch.whole.start == 3
    assert stretch.whole.begins_at == pytest.approx(EPOCH + 0.3)


def test_pictures_without_any_key_frame_cannot_be_shown() -> None:
    assert join_packets(video(0.0, 0.1, picture=None), "video", 90_000) == ()


def test_another_size_begins_another_piece_of_the_same_stretch() -> None:
    sizes = {0: (1280, 720), 4: (640, 360), 6: (640, 360)}
    packets = [FakePacket(EPOCH + n / 10, n * 9000, n, n + 1, sizes.get(n)) for n in range(8)]
    (stretch,) = join_packets(packets, "video", 90_000)
    assert [(piece.start, piece.end, piece.width) for piece in stretch.pieces] == [(0, 4, 1280), (4, 8, 640)]
    assert (stretch.whole.start, stretch.whole.end, stretch.whole.width) == (0, 8, 1280)


def test_a_silence_of_the_network_is_a_gap() -> None:
    packets = [
        *video(0.0, 0.1),
        FakePacket(EPOCH + 5.0, 450_000, 200, 300),
        FakePacket(EPOCH + 5.1, 459_000, 300, 400, (640, 480)),
    ]
    first, second = join_packets(packets, "video", 90_000)
    assert first.whole.ends_at == pytest.approx(EPOCH + 0.2)
    assert (second.whole.start, second.whole.begins_at) == (300, pytest.approx(EPOCH + 5.1))


def test_a_sender_whose_clock_stood_still_is_placed_by_arrival_after_the_gap() -> None:
    before = [FakePacket(EPOCH + n * 0.02, n * 960, n, n + 1) for n in range(50)]
    after = [FakePacket(EPOCH + 30 + n * 0.02, (50 + n) * 960, 50 + n, 51 + n) for n in range(50)]
    first, second = join_packets([*before, *after], "audio", 48_000)
    assert first.whole.ends_at == pytest.approx(EPOCH + 1.0)
    assert second.whole.begins_at == pytest.approx(EPOCH + 30)


def test_the_video_lasts_from_the_first_media_to_the_stop() -> None:
    plan = make_plan([track(begins=2, ends=9), track("holder", begins=3, ends=8, kind="audio")], {}, EPOCH + 12)
    assert (plan.begins_at, plan.duration, plan.frames) == (EPOCH + 2, 10, 240)
    assert [(one.slot, one.at, one.until) for one in plan.pictures] == [("clerk", 0, 7)]
    assert [(one.slot, one.at) for one in plan.sounds] == [("holder", 1)]


def test_media_that_outlasts_the_stop_is_kept() -> None:
    assert make_plan([track(ends=10)], {}, EPOCH + 4).duration == 10


def test_every_stay_has_its_place_in_order() -> None:
    plan = make_plan([track(begins=40, ends=50), track(begins=0, ends=10), track("holder", 5, 45)], {}, EPOCH + 50)
    assert [(one.slot, one.at) for one in plan.pictures] == [("clerk", 0), ("holder", 5), ("clerk", 40)]


def test_roles_come_from_the_conference_before_the_id() -> None:
    plan = make_plan([track("u7"), track("holder")], {"u7-1": "holder", "holder-1": "clerk"}, EPOCH)
    assert [one.slot for one in plan.pictures] == ["holder", "clerk"]


def test_of_people_whose_role_is_not_known_the_first_is_the_clerk() -> None:
    plan = make_plan([track("b", begins=1), track("a", begins=2), track("b", begins=5)], {}, EPOCH)
    assert [one.slot for one in plan.pictures] == ["clerk", "holder", "clerk"]
    beside_a_clerk = make_plan([track("b", begins=1), track("clerk", begins=2)], {}, EPOCH)
    assert [one.slot for one in beside_a_clerk.pictures] == ["holder", "clerk"]


def test_a_shared_screen_does_not_change_the_pictures_size() -> None:
    plain = make_plan([track()], {}, EPOCH)
    assert (plain.width, plain.height) == (1280, 480)
    shared = make_plan([track(), track(screen=True, size=(1920, 1080))], {}, EPOCH)
    assert (shared.width, shared.height) == (1280, 480)
    assert [one.slot for one in shared.pictures] == ["clerk", "screen"]


@pytest.mark.parametrize(
    ("size", "tile"),
    [
        ((320, 240), (640, 480)),
        ((640, 480), (640, 480)),
        ((1280, 720), (960, 540)),
        ((1920, 1080), (960, 540)),
        ((720, 1280), (640, 480)),  # a phone held upright
    ],
)
def test_tiles_fit_the_largest_wide_picture_within_limits(size: tuple[int, int], tile: tuple[int, int]) -> None:
    plan = make_plan([track(size=size)], {}, EPOCH)
    assert (plan.tile_width, plan.tile_height) == tile


@pytest.mark.parametrize(("size", "tile"), [((1280, 720), (640, 360)), ((640, 480), (640, 480)), ((320, 240), (640, 480))])
def test_tiles_are_no_larger_than_the_smallest_where_the_machine_is_behind(size: tuple[int, int], tile: tuple[int, int]) -> None:
    plan = make_plan([track(size=size)], {}, EPOCH, small=True)
    assert (plan.tile_width, plan.tile_height) == tile


def test_the_poster_shows_both() -> None:
    assert make_plan([track(), track("holder", begins=4)], {}, EPOCH).poster_at == 5.0
    assert make_plan([track(ends=0.8)], {}, EPOCH).poster_at == pytest.approx(0.3)


def test_nothing_recorded_is_said() -> None:
    with pytest.raises(NothingRecorded):
        make_plan([], {}, EPOCH)
