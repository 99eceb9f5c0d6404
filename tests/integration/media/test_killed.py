"""A worker that is killed again and again in one meeting: nothing that was sealed is lost, and the video is whole."""

from __future__ import annotations

import math
import random
import time
from pathlib import Path

import pytest

from services.media.model.cells import CELL_SECONDS
from tests.support.engines import Objects
from tests.support.feeding import Meeting
from tests.support.recording_worker import RecordingWorker, object_settings
from tests.support.waiting import until

pytestmark = pytest.mark.integration
STEP_SECONDS = 4.3
"""Of the meeting, between two kills: every fourth time there is a cell more to make."""
LATEST_KILL_SECONDS = 1.6
"""After a worker's start: by then it has begun, follows, renders or stores."""


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.long)])
def test_a_worker_killed_again_and_again_leaves_a_whole_video(tmp_path: Path, object_engine: Objects, kills: int) -> None:
    # given a meeting that goes on while its worker is killed at any moment of its work
    worker, meeting = RecordingWorker(tmp_path, object_settings(object_engine, tmp_path)), Meeting(tmp_path / "tracks")
    chance = random.Random(kills)  # a plan of kills that can be repeated
    told: list[str] = []
    for kill in range(kills):
        process = worker.start()
        meeting.advance((kill + 1) * STEP_SECONDS)
        if kill % 4 == 3:  # some must come to something, or it would be one meeting that nobody has followed
            until(lambda: worker.sealed() not in {None, *told}, seconds=40, what="a cell that is sealed")
        time.sleep(chance.uniform(0.0, LATEST_KILL_SECONDS))  # the moment of the kill is what is random here
        process.kill()
        process.wait()
        if head := worker.sealed():
            told.append(head)
    assert told
    # when it ends, and nobody kills the last worker
    seconds = kills * STEP_SECONDS
    meeting.close()
    process = worker.start()
    outcome = worker.outcome(meeting.begins_at + seconds)
    assert process.wait() == 0
    # then the video lasts as long as the meeting, and every head that was ever told is in its chain
    assert outcome["duration_seconds"] == pytest.approx(seconds, abs=0.3)
    assert outcome["gaps"] == []
    found, heads = worker.examined(outcome)
    assert (found.faults, found.cells) == ([], math.ceil(seconds / CELL_SECONDS))
    assert set(told) <= heads
