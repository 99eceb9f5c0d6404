"""Cells of every step of quality become one video."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from services.media import fragments
from services.media.cell_rendering import CellFolder, join
from services.media.model import cells
from services.media.model.quality import Step
from services.media.model.timeline import FRAME_RATE, make_plan
from services.media.tracks import read_folder
from services.media.workshop import Workshop, measure
from tests.support.feeding import Meeting
from tests.support.tracks import encoded_picture, write_track

pytestmark = pytest.mark.integration


def test_cells_of_every_step_join_and_play(tmp_path: Path) -> None:
    # given a meeting whose cells were rendered in each step, and in the best again
    steps = (Step.FINE, Step.QUICK, Step.SPARSE, Step.FINE)
    seconds = len(steps) * cells.CELL_SECONDS
    meeting = Meeting(tmp_path / "tracks")
    meeting.advance(seconds)
    plan = make_plan(read_folder(tmp_path / "tracks"), {}, meeting.begins_at + seconds)
    rendered = CellFolder(tmp_path / "cells")
    made = [rendered.make(plan, number, step=step) for number, step in enumerate(steps)]
    # when they are joined
    video = tmp_path / "video.mp4"
    join(made, video)
    # then their decoders are the same, it lasts as long, and only the sparse cell has fewer pictures
    assert len({fragments.parameters(cell.initialisation.read_bytes()) for cell in made}) == 1
    assert measure(Workshop(tmp_path, 1, 60), video).duration_seconds == pytest.approx(seconds, abs=0.05)
    assert _complaints(video) == ""
    shown = _shown_at(video)
    by_cell = [sum(number * 16 <= at < (number + 1) * 16 for at in shown) for number in range(len(steps))]
    assert by_cell == [384, 384, 192, 384]
    apart = {round((later - at) * FRAME_RATE) for at, later in itertools.pairwise(shown)}
    assert apart == {1, 2}


def test_a_sparse_cell_with_a_gap_and_a_screen_fits_too(tmp_path: Path) -> None:
    """The picture is composed in another way where somebody comes or goes, or a screen is shared."""
    tracks = tmp_path / "tracks"
    tracks.mkdir()
    write_track(
        tracks, "clerk-1", "video", [(at, at, payload) for at, payload in encoded_picture("red", (640, 480), seconds=20.0)]
    )
    for who in ("holder-1", "clerk-1-screen"):
        packets = [(10 + at, 10 + at, payload) for at, payload in encoded_picture("blue", (640, 480), seconds=4.0)]
        write_track(tracks, who, "video", packets)
    whole = read_folder(tracks)
    plan = make_plan(whole, {}, min(stretch.whole.begins_at for track in whole for stretch in track.stretches) + 18)
    steps = (Step.FINE, Step.SPARSE)
    made = [CellFolder(tmp_path / step.name).make(plan, 0, step=step) for step in steps]
    assert len({fragments.parameters(cell.initialisation.read_bytes()) for cell in made}) == 1
    video = tmp_path / "video.mp4"
    join([made[1]], video)
    assert _complaints(video) == ""
    assert {round((later - at) * FRAME_RATE) for at, later in itertools.pairwise(_shown_at(video))} == {2}


def _complaints(video: Path) -> str:
    """What ffmpeg has to say of a video that it decodes from beginning to end."""
    argv = ("ffmpeg", "-v", "warning", "-xerror", "-i", str(video), "-map", "0:v", "-map", "0:a", "-f", "null", "-")
    return subprocess.run(argv, capture_output=True, text=True, check=True).stderr


def _shown_at(video: Path) -> list[float]:
    """When each picture is shown."""
    argv = ("ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", str(video))
    lines = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    return sorted(float(line.strip(",")) for line in lines)
