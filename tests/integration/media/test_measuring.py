"""Each fault of sound and picture is found where it is, and nowhere else."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import pytest

from services.media import cell_rendering
from services.media.cell_rendering import CellFolder, findings_of
from services.media.model import cells, evidence
from services.media.model.evidence import Evidence
from services.media.model.findings import CellFindings
from services.media.model.spans import Spans, total
from services.media.model.timeline import FRAME_RATE, make_plan
from services.media.tracks import read_folder
from tests.support.feeding import Meeting
from tests.support.tracks import EPOCH, encoded_pictures, encoded_sound, write_track

pytestmark = pytest.mark.integration
LIVELY = "testsrc2=s=640x480:r={rate}"
STILL = "testsrc2=s=640x480:r=15,noise=alls=12:all_seed=7,trim=end_frame=1,loop=-1:1,setpts=N/15/TB"
CAMERA = f"{STILL},noise=alls=6:allf=t"
"""A scene in which nothing moves, with what a camera's sensor adds to it."""
VOICE = "sine=f=220:r=48000"
NOTHING = "anullsrc=r=48000:cl=mono"
ALMOST_NOTHING = "anoisesrc=a=0.0005:r=48000:c=white"

Packets = list[tuple[float, bytes]]


@pytest.fixture(autouse=True)
def short_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells of 8 seconds, so that little makes several, encoded with little care."""
    monkeypatch.setattr(cell_rendering, "PRESETS", ("ultrafast", "ultrafast"))
    monkeypatch.setattr(evidence, "CELL_SECONDS", 8)
    monkeypatch.setattr(cells, "CELL_SECONDS", 8)
    monkeypatch.setattr(cells, "CELL_FRAMES", 8 * FRAME_RATE)


@functools.cache
def picture(source: str, seconds: float, rate: int = 15, bitrate: str = "300k", key_every: int = 150) -> Packets:
    return list(encoded_pictures(source.format(rate=rate), seconds, rate, bitrate, key_every))


@functools.cache
def sound(source: str, seconds: float) -> Packets:
    return list(encoded_sound(source, seconds))


def in_a_row(*parts: tuple[Packets, float]) -> Packets:
    """Parts one after another, each of so many seconds."""
    packets: Packets = []
    offset = 0.0
    for part, seconds in parts:
        packets += [(offset + at, payload) for at, payload in part]
        offset += seconds
    return packets


def measured(
    folder: Path, pictures: Packets | None, sounds: Packets | None, seconds: float, late: Iterable[tuple[float, float]] = ()
) -> list[CellFindings]:
    """The cells of a recording of the holder alone; ``late``: from when on the picture arrives how much later."""
    tracks = folder / "tracks"
    tracks.mkdir()
    if pictures:
        delays = [(at, payload, max((delay for begin, delay in late if at >= begin), default=0.0)) for at, payload in pictures]
        write_track(tracks, "holder-1", "video", [(at + delay, at, payload) for at, payload, delay in delays])
    if sounds:
        write_track(tracks, "holder-1", "audio", [(at, at, payload) for at, payload in sounds])
    return measured_folder(tracks, folder, seconds)


def measured_folder(tracks: Path, folder: Path, seconds: float) -> list[CellFindings]:
    plan = make_plan(read_folder(tracks), {}, EPOCH + seconds)
    rendered = CellFolder(folder / "cells")
    found = [findings_of(rendered.make(plan, number, threads=2)) for number in range(int(seconds // cells.CELL_SECONDS))]
    return [one for one in found if one is not None]


def gathered(found: Iterable[CellFindings]) -> Evidence:
    return functools.reduce(lambda evidence, cell: evidence.with_cell(cell), found, Evidence())


def warned(found: Iterable[CellFindings]) -> list[str]:
    return [warning.fault for warning in evidence.warnings_of(gathered(found)) if warning.slot == "holder"]


def holder(found: CellFindings, what: str) -> Spans:
    spans: Spans = getattr(found.people["holder"], what)
    return spans


def test_two_people_who_talk_and_move_give_no_alarm(tmp_path: Path) -> None:
    meeting = Meeting(tmp_path / "tracks")
    meeting.advance(33.0)
    meeting.close()
    found = measured_folder(tmp_path / "tracks", tmp_path, 32.0)
    assert all(evidence.warnings_of(gathered(found[:number])) == () for number in range(1, 5))
    report = evidence.report_at_end(gathered(found), 32.0)
    assert (report.verdict, report.reasons) == ("good", ())
    for person in report.people:
        assert (person.width, person.height) == (640, 480)
        assert person.frames_per_second == pytest.approx(20, abs=0.5)
        assert person.audible_seconds == pytest.approx(32, abs=0.5)
        assert person.visible_seconds == pytest.approx(32, abs=0.5)
        assert abs(person.offset_seconds or 0.0) < 0.03
        assert person.longest_frozen_seconds == person.longest_black_seconds == 0.0


@pytest.mark.long
def test_a_lively_picture_and_a_voice_give_no_alarm(tmp_path: Path) -> None:
    found = measured(tmp_path, picture(LIVELY, 25), sound(VOICE, 25), 24)
    assert warned(found) == []
    assert [(holder(cell, "black"), holder(cell, "frozen"), holder(cell, "silent")) for cell in found] == [((), (), ())] * 3


@pytest.mark.parametrize(("source", "expected"), [(NOTHING, ["silence"]), (ALMOST_NOTHING, ["silence"]), (VOICE, [])])
def test_silence_is_heard(tmp_path: Path, source: str, expected: list[str]) -> None:
    assert warned(measured(tmp_path, picture(LIVELY, 25), sound(source, 25), 24)) == expected


def test_silence_is_placed_where_it_is(tmp_path: Path) -> None:
    sounds = in_a_row((sound(VOICE, 3), 3), (sound(NOTHING, 8), 8), (sound(VOICE, 6), 6))
    first, second = measured(tmp_path, picture(LIVELY, 17), sounds, 16)
    assert holder(first, "silent")[0] == pytest.approx((3.0, 8.0), abs=0.1)
    assert holder(second, "silent")[0] == pytest.approx((0.0, 3.0), abs=0.1)


def test_a_black_picture_is_seen_where_it_is(tmp_path: Path) -> None:
    pictures = in_a_row((picture(LIVELY, 5), 5), (picture("color=c=black:s=640x480:r=15", 20), 20))
    found = measured(tmp_path, pictures, sound(VOICE, 25), 24)
    assert holder(found[0], "black")[0] == pytest.approx((5.0, 8.0), abs=0.5)
    assert [total(holder(cell, "black")) for cell in found[1:]] == [8.0, 8.0]
    assert [warned(found[:number]) for number in (1, 2, 3)] == [[], ["black"], ["black"]]


@pytest.mark.parametrize(
    ("bitrate", "key_every"), [("300k", 9999), pytest.param("300k", 150, marks=pytest.mark.long), ("150k", 150)]
)
def test_a_picture_that_is_sent_again_and_again_is_frozen(tmp_path: Path, bitrate: str, key_every: int) -> None:
    """However strongly it is compressed, and though key frames code it anew every ten seconds."""
    found = measured(tmp_path, picture(STILL, 33, 15, bitrate, key_every), sound(VOICE, 33), 32)
    assert warned(found) == ["frozen"]


@pytest.mark.parametrize("bitrate", ["150k", pytest.param("300k", marks=pytest.mark.long), "1000k"])
def test_a_camera_before_which_nothing_moves_is_not_frozen(tmp_path: Path, bitrate: str) -> None:
    found = measured(tmp_path, picture(CAMERA, 25, 15, bitrate), sound(VOICE, 25), 24)
    assert [warned(found[:number]) for number in (1, 2, 3)] == [[], [], []]


def test_a_picture_that_freezes_and_goes_on_is_frozen_in_between(tmp_path: Path) -> None:
    pictures = in_a_row((picture(LIVELY, 4), 4), (picture(STILL, 8), 8), (picture(LIVELY, 5), 5))
    first, second = measured(tmp_path, pictures, sound(VOICE, 17), 16)
    assert holder(first, "frozen")[-1] == pytest.approx((4.0, 8.0), abs=2.5)  # it takes so long until a new picture is refined
    assert holder(second, "frozen")[0] == pytest.approx((0.0, 4.0), abs=1.0)


@pytest.mark.parametrize(("size", "expected"), [("320x240", ["small_picture"]), ("480x640", []), ("360x640", ["small_picture"])])
def test_a_small_picture_is_seen(tmp_path: Path, size: str, expected: list[str]) -> None:
    found = measured(tmp_path, picture(f"testsrc2=s={size}:r=15", 17), sound(VOICE, 17), 16)
    assert warned(found) == expected


@pytest.mark.parametrize(("rate", "expected"), [(5, ["low_frame_rate"]), (2, ["low_frame_rate"]), (12, [])])
def test_a_low_frame_rate_is_seen_and_not_taken_for_a_frozen_picture(tmp_path: Path, rate: int, expected: list[str]) -> None:
    found = measured(tmp_path, picture(LIVELY, 17, rate), sound(VOICE, 17), 16)
    assert found[1].people["holder"].frames_per_second == pytest.approx(rate, rel=0.05)
    assert warned(found) == expected


def test_who_has_no_camera_or_no_microphone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "unseen").mkdir()
    (tmp_path / "unheard").mkdir()
    assert warned(measured(tmp_path / "unseen", None, sound(VOICE, 17), 16)) == ["no_picture"]
    assert warned(measured(tmp_path / "unheard", picture(LIVELY, 25), None, 24)) == ["silence"]


def test_who_goes_away_is_absent(tmp_path: Path) -> None:
    found = measured(tmp_path, picture(LIVELY, 4), sound(VOICE, 4), 24)
    assert warned(found[:1]) == []
    assert warned(found) == ["absent"]
    assert total(holder(found[0], "picture")) == pytest.approx(4.0, abs=0.2)


def test_a_picture_that_comes_to_lag_behind_its_sound_is_noticed(tmp_path: Path) -> None:
    found = measured(tmp_path, picture(LIVELY, 25), sound(VOICE, 25), 24, late=[(7.5, 0.4)])
    assert [cell.people["holder"].offset_seconds for cell in found] == pytest.approx([0.0, 0.4, 0.4], abs=0.05)
    assert warned(found) == ["offset"]


def test_a_cell_without_media_is_measured_as_empty(tmp_path: Path) -> None:
    found = measured(tmp_path, picture(LIVELY, 4), sound(VOICE, 4), 24)
    assert found[2].people == {}
