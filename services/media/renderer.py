"""Runs each job as a process of its own, gently. See :class:`services.media.application.Renderer`."""

from __future__ import annotations

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
from services.media.application import RenderFailed
from services.media.model.video import Outcome, Video
from services.media.render import Job

logger = get_logger(__name__)
POLL_SECONDS = 0.1
KEEP_SECONDS = 5.0
NICENESS = "10"


class ProcessRenderer:
    """One process per job: rendering must neither block the service's hub nor end it."""

    def __init__(self, recordings: Path, work: Path, threads: int) -> None:
        self._recordings = recordings
        self._work = work
        self._threads = threads

    def render(self, video: Video, keep: Callable[[], bool]) -> Outcome:
        """See the port."""
        folder = self._work / video.recording_id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            result = self._run(folder, self._job(video, folder), keep)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if "outcome" not in result:
            raise RenderFailed(result["reason"], result["lasting"])
        return Outcome(**result["outcome"])

    def remove_tracks(self, video: Video) -> None:
        """See the port."""
        folder = self._tracks(video)
        if folder.exists():
            shutil.rmtree(folder)

    def _job(self, video: Video, folder: Path) -> Job:
        return Job(
            tracks=str(self._tracks(video)),
            work=str(folder / "work"),
            prefix=f"{video.emission_id}/{video.recording_id}",
            roles=dict(video.roles),
            stopped_at=video.stopped_at.timestamp(),
            threads=self._threads,
        )

    def _tracks(self, video: Video) -> Path:
        """The folder of the tracks, which an event names and which is later removed: it must lie below the recordings."""
        root = self._recordings.resolve()
        folder = (root / video.tracks).resolve()
        if root not in folder.parents:
            raise RenderFailed("tracks_missing: the folder is not one of the recorder's", lasting=True)
        return folder

    def _run(self, folder: Path, job: Job, keep: Callable[[], bool]) -> dict[str, Any]:
        job_file, log_file = folder / "job.json", folder / "log"
        job_file.write_text(json.dumps(asdict(job)))
        # The job ends with this process: a service that is killed must not leave work behind that another takes up anew.
        gently = ("nice", "-n", NICENESS, "setpriv", "--pdeathsig", "KILL", "--")
        with log_file.open("wb") as log:
            argv = (*gently, sys.executable, "-m", "services.media.render", str(job_file))
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                self._wait(process, keep)
            finally:
                _end(process)
        result_file = folder / "result.json"
        if not result_file.exists():
            last = log_file.read_text(errors="replace").strip().splitlines()[-1:]
            reason = f"interrupted: status {process.returncode} {' '.join(last)[:200]}".strip()
            raise RenderFailed(reason, interrupted=process.returncode < 0)
        result: dict[str, Any] = json.loads(result_file.read_text())
        return result

    def _wait(self, process: subprocess.Popen[bytes], keep: Callable[[], bool]) -> None:
        kept_at = time.monotonic()
        while process.poll() is None:
            time.sleep(POLL_SECONDS)
            if time.monotonic() - kept_at > KEEP_SECONDS:
                kept_at = time.monotonic()
                if not keep():
                    raise RenderFailed("interrupted: another worker took the job")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the job with the programs that it runs."""
    if process.poll() is None:
        logger.warning("job ended before it was done", pid=process.pid)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
