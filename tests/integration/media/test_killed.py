"""A worker that is killed again and again in one meeting: nothing that was sealed is lost, and the video is whole."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from services.media.model.cells import CELL_SECONDS
from services.media.notices import SEALED, write_whole
from services.media.render import RESULT, STOP, Job
from services.media.verify import examine
from tests.support.engines import Objects
from tests.support.feeding import Meeting
from tests.support.waiting import until

pytestmark = pytest.mark.integration
STEP_SECONDS = 4.3
"""Of the meeting, between two kills: every fourth time there is a cell more to make."""
LATEST_KILL_SECONDS = 1.6
"""After a worker's start: by then it has begun, follows, renders or stores."""


class Worker:
    """The process that makes a recording's video, of which there is always one."""

    def __init__(self, folder: Path, objects: ObjectSettings) -> None:
        self._folder = folder
        self._env = {
            **os.environ,
            "TITULAR_OBJECTS_ENDPOINT": objects.endpoint,
            "TITULAR_OBJECTS_ACCESS_KEY": objects.access_key,
            "TITULAR_OBJECTS_SECRET_KEY": objects.secret_key,
            "TITULAR_OBJECTS_BUCKET_PREFIX": objects.bucket_prefix,
        }
        job = Job(str(folder / "tracks"), str(folder / "work"), "e/r", 2, str(folder), 1, live=False)
        (folder / "job.json").write_text(json.dumps(asdict(job)))

    def start(self) -> subprocess.Popen[bytes]:
        argv = (sys.executable, "-m", "services.media.render", str(self._folder / "job.json"))
        return subprocess.Popen(argv, env=self._env, stderr=subprocess.DEVNULL)

    def sealed(self) -> str | None:
        """The seal's head that it told last: the service tells it to the world."""
        path = self._folder / SEALED
        return str(json.loads(path.read_text())["head"]) if path.exists() else None


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.long)])
def test_a_worker_killed_again_and_again_leaves_a_whole_video(tmp_path: Path, object_engine: Objects, kills: int) -> None:
    # given a meeting that goes on while its worker is killed at any moment of its work
    prefix = f"killed-{tmp_path.name.replace('_', '-')}-"
    settings = ObjectSettings(
        object_engine.endpoint, object_engine.access_key, object_engine.secret_key, secure=False, bucket_prefix=prefix
    )
    worker, meeting = Worker(tmp_path, settings), Meeting(tmp_path / "tracks")
    chance = random.Random(kills)
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
    # when it ends, and nobody kills the last worker
    seconds = kills * STEP_SECONDS
    meeting.close()
    process = worker.start()
    write_whole(tmp_path / STOP, json.dumps({"stopped_at": meeting.begins_at + seconds, "roles": {}}))
    until((tmp_path / RESULT).exists, seconds=120, what="the last worker's result")
    assert process.wait() == 0
    # then the video lasts as long as the meeting, and every head that was ever told is in its chain
    outcome = json.loads((tmp_path / RESULT).read_text())["outcome"]
    assert outcome["duration_seconds"] == pytest.approx(seconds, abs=0.3)
    assert outcome["gaps"] == []
    store = S3ObjectStore(settings)
    found = examine(store, outcome["seal"]["key"], outcome["seal_head"])
    assert found.faults == []
    assert found.cells == math.ceil(seconds / CELL_SECONDS)
    manifest = json.loads(store.get("videos", outcome["seal"]["key"]))
    heads = {link["previous"] for link in manifest["links"]} | {outcome["seal_head"]}
    assert set(told) <= heads
