"""A recording is rendered while it goes on: cells that join without a seam, and little left to do at its end."""

from __future__ import annotations

import array
import subprocess
from pathlib import Path

import pytest

from services.media.cell_rendering import Cell, CellFolder, join
from services.media.following import Follower
from services.media.model import cells
from services.media.model.quality import Step
from services.media.model.timeline import Plan, make_plan
from services.media.slots import Slots
from services.media.tracks import GrowingFolder, read_folder
from tests.support.feeding import Meeting
from tests.support.tracks import FIXTURES

pytestmark = pytest.mark.integration
RATE = 48_000


class Followed:
    """A meeting that goes on, and who follows it by the tracks' own clock."""

    def __init__(self, folder: Path) -> None:
        self.meeting = Meeting(folder / "tracks")
        self.folder = GrowingFolder(folder / "tracks")
        self.cells = CellFolder(folder / "cells")
        self.now = self.meeting.begins_at
        self.kept: list[Cell] = []
        self.follower = Follower(self.folder, self.cells, Slots(folder, 1), keep=self.kept.append, now=lambda: self.now)

    def go_on(self, seconds: float) -> int:
        """How many cells were rendered once it has gone on until then."""
        self.meeting.advance(seconds)
        self.now = self.meeting.begins_at + seconds
        made = 0
        while self.follower.follow(lambda: False):
            made += 1
        return made

    def plan(self) -> Plan:
        self.folder.read()
        return make_plan(self.folder.tracks(), {}, self.now)


def test_a_cell_is_rendered_as_soon_as_its_media_have_arrived_and_found_at_the_end(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    assert [followed.go_on(seconds) for seconds in (15.9, 16.2, 17.2, 32.0, 33.2)] == [0, 0, 1, 0, 1]
    followed.meeting.close()
    plan = followed.plan()
    assert cells.count(plan) == 3
    assert [followed.cells.find(plan, number) is not None for number in range(3)] == [True, True, False]


def test_who_begins_anew_finds_what_was_rendered_before(tmp_path: Path) -> None:
    first = Followed(tmp_path)
    first.go_on(18.0)
    rendered = sorted(path.name for path in (tmp_path / "cells").iterdir())
    late = first.now + 200.0
    second = Follower(GrowingFolder(tmp_path / "tracks"), first.cells, Slots(tmp_path, 1), keep=id, now=lambda: late)
    assert second.follow(lambda: False)
    assert second.step is Step.FINE
    assert sorted(path.name for path in (tmp_path / "cells").iterdir()) == rendered


def test_who_has_fallen_behind_gives_quality_up_until_it_has_caught_up(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    followed.meeting.advance(60.0)
    followed.now = followed.meeting.begins_at + 60.0
    steps = []
    while followed.follower.follow(lambda: False):
        steps.append(followed.follower.step)
    assert steps == [Step.QUICK, Step.QUICK, Step.FINE]


def test_a_cell_whose_media_came_late_is_made_anew(tmp_path: Path) -> None:
    """The holder's tracks are noticed only after the first cell was rendered without them."""
    followed = Followed(tmp_path)
    late = [path.rename(tmp_path / path.name) for path in (tmp_path / "tracks").glob("*-holder-*")]
    followed.go_on(18.0)
    for path in late:
        path.rename(tmp_path / "tracks" / path.name)
    plan = followed.plan()
    assert followed.cells.find(plan, 0) is None
    assert followed.cells.make(plan, 0).fragment.exists()


def test_cells_join_without_a_seam(tmp_path: Path) -> None:
    """Picture and sound of the joined cells are those of a rendering in one go."""
    tracks = read_folder(FIXTURES / "two-people")
    begins = min(stretch.whole.begins_at for track in tracks for stretch in track.stretches)
    # One voice: two recorded beeps of the same pitch cancel each other out at a shift of half a sample.
    plan = make_plan([track for track in tracks if track.participant_id.startswith("clerk")], {}, begins + 10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "CELL_SECONDS", 8)
        patch.setattr(cells, "CELL_FRAMES", 192)
        assert cells.count(plan) == 2
        joined = _joined(tmp_path / "cells", plan, Path("joined.mp4"))
        patch.setattr(cells, "CELL_SECONDS", 1000)
        patch.setattr(cells, "CELL_FRAMES", 24_000)
        assert cells.count(plan) == 1
        whole = _joined(tmp_path / "whole", plan, Path("whole.mp4"))
    likeness = _likeness(joined, whole)
    assert len(likeness) == plan.frames
    assert min(likeness) > 30  # dB; another frame, or a lost one, is below 25
    heard, expected = _sound(joined), _sound(whole)
    assert abs(len(heard) - len(expected)) <= 2 * 1024
    around = slice(int(7.5 * RATE), int(8.5 * RATE))
    apart = [abs(a - b) for a, b in zip(_loudness(heard[around]), _loudness(expected[around]), strict=True)]
    assert max(apart) < 0.02


def _joined(folder: Path, plan: Plan, name: Path) -> Path:
    rendered = CellFolder(folder)
    target = folder / name
    join([rendered.make(plan, number) for number in range(cells.count(plan))], target)
    return target


def _likeness(one: Path, other: Path) -> list[float]:
    """Peak signal to noise ratio of each frame, in decibels."""
    argv = ("ffmpeg", "-v", "error", "-i", str(one), "-i", str(other), "-lavfi", "psnr=f=-", "-f", "null", "-")
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    values = [line.split("psnr_avg:")[1].split()[0] for line in lines]
    return [100.0 if value == "inf" else float(value) for value in values]


def _sound(path: Path) -> list[float]:
    argv = ("ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "1", "-")
    return list(array.array("f", subprocess.run(argv, capture_output=True, check=True).stdout))


def _loudness(samples: list[float]) -> list[float]:
    """The root of the mean square of every five milliseconds."""
    step = RATE // 200
    blocks = [samples[begin : begin + step] for begin in range(0, len(samples), step)]
    return [(sum(sample * sample for sample in block) / len(block)) ** 0.5 for block in blocks]
