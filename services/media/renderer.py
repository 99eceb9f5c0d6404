"""Runs each job as a process of its own, gently. See :class:`services.media.application.Renderer`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chassis.logs import get_logger
from chassis.objects import ObjectStore
from services.media import stored_cells
from services.media.application import Notices, RenderFailed
from services.media.following import Stop
from services.media.model.video import Outcome, Video
from services.media.notices import Read, forget, write_whole
from services.media.render import RESULT, STOP, Job

logger = get_logger(__name__)
POLL_SECONDS = 0.1
KEEP_SECONDS = 5.0
NICENESS = "10"


class ProcessRenderer:
    """One process per job: rendering must neither block the service's hub nor end it."""

    def __init__(self, objects: ObjectStore, recordings: Path, work: Path, threads: int, cells_at_once: int) -> None:
        self._objects = objects
        self._recordings = recordings
        self._work = work
        self._threads = threads
        self._cells_at_once = cells_at_once

    def render(self, video: Video, keep: Callable[[], Video | None], notices: Notices) -> Outcome:
        """See the port. Cells that an earlier attempt has rendered are used again."""
        folder = self._work / video.recording_id
        job = self._job(video, folder)
        folder.mkdir(parents=True, exist_ok=True)
        for earlier in (RESULT, STOP):
            (folder / earlier).unlink(missing_ok=True)
        forget(folder)
        self.note_stop(video)
        result = self._run(folder, job, keep, notices)
        if "outcome" not in result:
            if result["lasting"]:
                self._discard(folder)
            raise RenderFailed(result["reason"], result["lasting"])
        return Outcome(**result["outcome"])

    def note_stop(self, video: Video) -> None:
        """See the port. Where nobody follows the recording here there is no folder, and nothing to say."""
        if video.stopped_at is None:
            return
        stop = Stop(video.stopped_at.timestamp(), dict(video.roles))
        with contextlib.suppress(FileNotFoundError):
            write_whole(self._work / video.recording_id / STOP, json.dumps(asdict(stop)))

    def remove_tracks(self, video: Video) -> None:
        """See the port."""
        self._discard(self._work / video.recording_id)
        folder = self._tracks(video)
        if folder.exists():
            shutil.rmtree(folder)

    def _discard(self, work: Path) -> None:
        """The cells, here and in the object store. The folder last: it names what is stored."""
        for key in stored_cells.keys_in(work / "work" / "cells"):
            self._objects.remove(stored_cells.BUCKET, key)
        if work.exists():
            shutil.rmtree(work)

    def _job(self, video: Video, folder: Path) -> Job:
        return Job(
            tracks=str(self._tracks(video)),
            work=str(folder / "work"),
            prefix=f"{video.emission_id}/{video.recording_id}",
            threads=self._threads,
            slots_folder=str(self._work),
            slots=self._cells_at_once,
            small=bool(video.small),
        )

    def _tracks(self, video: Video) -> Path:
        """The folder of the tracks, which an event names and which is later removed: it must lie below the recordings."""
        root = self._recordings.resolve()
        folder = (root / video.tracks).resolve()
        if root not in folder.parents:
            raise RenderFailed("tracks_missing: the folder is not one of the recorder's", lasting=True)
        return folder

    def _run(self, folder: Path, job: Job, keep: Callable[[], Video | None], notices: Notices) -> dict[str, Any]:
        job_file, log_file = folder / "job.json", folder / "log"
        job_file.write_text(json.dumps(asdict(job)))
        said = Read(folder, notices)
        # The job ends with this process: a service that is killed must not leave work behind that another takes up anew.
        gently = ("nice", "-n", NICENESS, "setpriv", "--pdeathsig", "KILL", "--")
        with log_file.open("wb") as log:
            argv = (*gently, sys.executable, "-m", "services.media.render", str(job_file))
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                self._wait(process, keep, said)
            finally:
                _end(process)
        result_file = folder / RESULT
        if not result_file.exists():
            last = log_file.read_text(errors="replace").strip().splitlines()[-1:]
            reason = f"interrupted: status {process.returncode} {' '.join(last)[:200]}".strip()
            raise RenderFailed(reason, interrupted=process.returncode < 0)
        result: dict[str, Any] = json.loads(result_file.read_text())
        return result

    def _wait(self, process: subprocess.Popen[bytes], keep: Callable[[], Video | None], said: Read) -> None:
        """The recording may have stopped before the process was there to be told; so one looks at once, then now and then."""
        look_at = time.monotonic()
        while process.poll() is None:
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + KEEP_SECONDS
                kept = keep()
                if kept is None:
                    raise RenderFailed("interrupted: another worker took the job")
                self.note_stop(kept)
            said.look()
            time.sleep(POLL_SECONDS)
        said.look()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the job with the programs that it runs."""
    if process.poll() is None:
        logger.warning("job ended before it was done", pid=process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
