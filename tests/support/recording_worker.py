"""The process that makes a recording's video, as media's service starts it, over a folder in which tracks grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from services.media.notices import SEALED, write_whole
from services.media.render import RESULT, STOP, Job
from services.media.verify import Examined, examine
from tests.support.engines import Objects
from tests.support.waiting import until


def object_settings(engine: Objects, folder: Path) -> ObjectSettings:
    """Buckets of a test's own."""
    prefix = "".join(letter if letter.isalnum() else "-" for letter in folder.name.lower()).strip("-")[:40]
    return ObjectSettings(engine.endpoint, engine.access_key, engine.secret_key, secure=False, bucket_prefix=f"{prefix}-")


class RecordingWorker:
    """Of which there is one at a time."""

    def __init__(self, folder: Path, objects: ObjectSettings) -> None:
        self._folder = folder
        self._objects = objects
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

    def outcome(self, stopped_at: float, seconds: float = 120.0) -> dict[str, Any]:
        """What the recording came to, once it has stopped then."""
        write_whole(self._folder / STOP, json.dumps({"stopped_at": stopped_at, "roles": {}}))
        until((self._folder / RESULT).exists, seconds=seconds, what="the worker's result")
        result: dict[str, Any] = json.loads((self._folder / RESULT).read_text())
        assert "outcome" in result, result
        outcome: dict[str, Any] = result["outcome"]
        return outcome

    def examined(self, outcome: dict[str, Any]) -> tuple[Examined, set[str]]:
        """What is found of the stored video and its seal, and all heads that its chain ever had."""
        store, key = S3ObjectStore(self._objects), outcome["seal"]["key"]
        manifest = json.loads(store.get("videos", key))
        heads = {link["previous"] for link in manifest["links"]} | {outcome["seal_head"]}
        return examine(store, key, outcome["seal_head"]), heads
