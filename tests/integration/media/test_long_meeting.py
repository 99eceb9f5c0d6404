"""A meeting of any length, fed as fast as the worker can follow: all of it is in the video, and the seal covers all of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from services.media.model.cells import CELL_SECONDS
from tests.support.engines import Objects
from tests.support.feeding import Meeting
from tests.support.recording_worker import RecordingWorker, object_settings
from tests.support.waiting import until

pytestmark = pytest.mark.integration
SETTLED_SECONDS = 2
"""After a cell's end: then it is rendered."""


@pytest.mark.timeout(2400)
@pytest.mark.parametrize("minutes", [1, pytest.param(60, marks=pytest.mark.long)])
def test_all_of_a_meeting_is_in_its_video(tmp_path: Path, object_engine: Objects, minutes: int) -> None:
    # given two people who talk for so long, and a worker that follows them
    worker, meeting = RecordingWorker(tmp_path, object_settings(object_engine, tmp_path)), Meeting(tmp_path / "tracks")
    process = worker.start()
    cells = tmp_path / "work" / "cells"
    for number in range((minutes * 60 - SETTLED_SECONDS) // CELL_SECONDS):
        meeting.advance((number + 1) * CELL_SECONDS + SETTLED_SECONDS)
        until(lambda number=number: len(list(cells.glob("*.m4s"))) > number, seconds=120, what=f"cell {number}")  # type: ignore[misc]
    meeting.advance(minutes * 60)
    meeting.close()
    # when it ends
    outcome = worker.outcome(meeting.begins_at + minutes * 60, seconds=300)
    assert process.wait() == 0
    # then nothing is missing, and what is stored is what was sealed
    assert outcome["duration_seconds"] == pytest.approx(minutes * 60, abs=0.3)
    assert outcome["gaps"] == []
    found, _ = worker.examined(outcome)
    assert (found.faults, found.cells) == ([], math.ceil(outcome["duration_seconds"] / CELL_SECONDS))
