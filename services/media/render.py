"""``python -m services.media.render <job.json>``: one recording from growing tracks to stored video, in a process of its own.

It follows the tracks and renders cells until ``stop.json`` lies beside the job (see :mod:`services.media.following`), then
finishes. ``stream.json`` says that it can be watched, ``sealed.json`` how far it is sealed, ``evidence.json`` how it serves as
evidence so far, ``progress.json`` how far it is rendered, ``result.json`` how it ended: ``{"outcome": …}`` or
``{"reason": …, "lasting": …}``. The object store's settings come from the environment.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.objects import ObjectStore, S3ObjectStore
from chassis.settings import ObjectSettings, load
from contracts.errors import TitularError
from services.media import keeping, rendering, tracks
from services.media.cell_rendering import Cell, CellFolder, findings_of, join
from services.media.following import Follower, Stop, read_stop
from services.media.keeping import Kept, manifest_of
from services.media.model import cells
from services.media.model.evidence import Evidence, report_at_end, report_now
from services.media.model.gaps import find_gaps
from services.media.model.progress import Progress, pace
from services.media.model.quality import Step, step_for
from services.media.model.timeline import FRAME_RATE, NothingRecorded, Plan, make_plan
from services.media.model.video import Outcome, Stream
from services.media.notices import Written, write_whole
from services.media.sealing import Sealing
from services.media.slots import Slots
from services.media.stored_cells import StoredCells
from services.media.workshop import ToolFailed, Workshop, measure

if TYPE_CHECKING:  # the job's process begins sooner without what the service stands on
    from services.media.application import Notices

STOP = "stop.json"
RESULT = "result.json"
ALLOWED_DRIFT_SECONDS = 1.0
LONGEST_FACTOR = 10
SHORTEST_TIMEOUT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Job:
    """What to render. ``tracks`` and ``work`` are folders; ``prefix`` of the keys.

    ``slots`` cells are rendered at once by all jobs that share ``slots_folder``.
    """

    tracks: str
    work: str
    prefix: str
    threads: int
    slots_folder: str
    slots: int
    live: bool = True
    """Whether the tracks grow now; otherwise they are made elsewhere, at their own pace, and their own time counts."""
    small: bool = False
    """Whether the picture is kept small."""


class CannotRender(Exception):
    """The tracks cannot become a video; another attempt would end the same way where ``lasting``."""

    def __init__(self, reason: str, lasting: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.lasting = lasting


class Rendering:
    """One recording: its tracks, and the cells that were rendered so far."""

    def __init__(self, job: Job, objects: ObjectStore, notices: Notices) -> None:
        self._job = job
        self._objects = objects
        self._notices = notices
        self._evidence = Evidence()
        self._told_before: set[str] = set()
        self._taken: list[float] = []
        self._step = Step.FINE
        self._tracks = tracks.GrowingFolder(Path(job.tracks))
        self._cells = CellFolder(Path(job.work) / "cells")
        self._stored = StoredCells(objects, job.prefix)
        self._sealing = Sealing(Path(job.work) / "seal.jsonl")
        self._slots = Slots(Path(job.slots_folder), job.slots)

    def follow(self, ended: Callable[[], bool]) -> None:
        """Render ahead while the recording goes on."""
        now = time.time if self._job.live else self._tracks.newest
        self._told_before = self._cells.names()
        follower = Follower(self._tracks, self._cells, self._slots, keep=self._keep, now=now, small=self._job.small)
        follower.follow_until(ended)
        self._step = follower.step

    def finish(self, stop: Stop) -> Outcome:
        """What is left when the recording has stopped: first the last cells, so that it can be watched; then the whole video,
        original and poster, stored and read back. Raises :class:`CannotRender`.
        """
        plan = self._plan(stop)
        try:
            joined = [self._make(plan, number) for number in range(cells.count(plan))]
            for cell in joined:
                self._seal(cell)
            parts = tuple(self._stored.put_all(joined))
            size = sum(part["size"] for part in parts)
            self._notices.playable(Stream(plan.frames / FRAME_RATE, plan.width, plan.height, size, parts))
            self._notices.noticed(report_at_end(self._measured(plan), plan.frames / FRAME_RATE))
            return self._keep_whole(plan, joined)
        except ToolFailed as error:
            raise CannotRender(f"rendering_failed: {error}", lasting=False) from error

    def _keep_whole(self, plan: Plan, joined: Sequence[Cell]) -> Outcome:
        work = Path(self._job.work) / "finish"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        shop = Workshop(work, self._job.threads, max(SHORTEST_TIMEOUT_SECONDS, LONGEST_FACTOR * plan.duration))
        original, video, poster, manifest = (work / name for name in ("original.mkv", "video.mp4", "poster.jpg", "seal.json"))
        join(joined, video)
        rendering.render_original(plan, shop, original)
        rendering.render_poster(plan, shop, video, poster)
        measured = measure(shop, video)
        if abs(measured.duration_seconds - plan.duration) > ALLOWED_DRIFT_SECONDS:
            text = f"{measured.duration_seconds:.1f} s instead of {plan.duration:.1f} s"
            raise CannotRender(f"wrong_duration: the video lasts {text}", lasting=False)
        seal = self._sealing.seal
        kept = Kept(self._objects, self._job.prefix, seal.head)
        stored = {
            "playable": kept.store(video, "video/mp4"),
            "original": kept.store(original, "video/x-matroska"),
            "poster": kept.store(poster, "image/jpeg"),
        }
        sizes = [cell.fragment.stat().st_size for cell in joined]
        gaps = find_gaps(plan)
        manifest.write_text(manifest_of(seal, sizes, stored["playable"], stored["original"], gaps))
        stored["seal"] = kept.store(manifest, "application/json")
        return Outcome(
            round(measured.duration_seconds, 3),
            measured.width,
            measured.height,
            **stored,
            seal_head=seal.head,
            gaps=tuple(asdict(gap) for gap in gaps),
        )

    def _keep(self, cell: Cell) -> None:
        """Sealed first: that needs no object store."""
        self._seal(cell)
        self._tell_progress(cell)
        self._stored.put(cell)
        found = findings_of(cell)
        if found:
            self._evidence = self._evidence.with_cell(found)
        if found and cell.name not in self._told_before:
            self._notices.noticed(report_now(self._evidence))

    def _seal(self, cell: Cell) -> None:
        before = self._sealing.seal
        self._sealing.add(cell, self._tracks.paths())
        if self._sealing.seal is not before:
            self._notices.sealed(len(self._sealing.seal.links), self._sealing.seal.head)

    def _tell_progress(self, cell: Cell) -> None:
        if cell.took is None:
            return
        self._taken.append(cell.took)
        self._notices.progressed(Progress(cell.ends_at, pace(self._taken), self._job.slots, time.time()))

    def _plan(self, stop: Stop) -> Plan:
        if not Path(self._job.tracks).is_dir():
            raise CannotRender("tracks_missing: the folder of the track files is not there", lasting=True)
        try:
            self._tracks.read()
            return make_plan(self._tracks.tracks(), stop.roles, stop.stopped_at, self._job.small)
        except NothingRecorded as error:
            raise CannotRender("no_media: no track holds picture or sound", lasting=True) from error
        except tracks.UnreadableTrack as error:
            raise CannotRender(f"unreadable_track: {error}", lasting=True) from error

    def _measured(self, plan: Plan) -> Evidence:
        """The findings of all cells as they are shown now."""
        evidence = Evidence()
        for number in range(cells.count(plan)):
            cell = self._cells.find(plan, number)
            found = findings_of(cell) if cell else None
            evidence = evidence.with_cell(found) if found else evidence
        return evidence

    def _make(self, plan: Plan, number: int) -> Cell:
        """A cell that is not there yet, or whose media came later than it was rendered."""
        found = self._cells.find(plan, number)
        if found:
            return found
        with self._slots.taken(lambda: True):
            # What is only long, and not late, does not lose pictures.
            self._step = step_for(cells.count(plan) - number, self._step, lowest=max(Step.QUICK, self._step))
            cell = self._cells.make(plan, number, self._job.threads, step=self._step)
        self._tell_progress(cell)
        return cell


def render(job: Job, objects: ObjectStore, stop_file: Path, notices: Notices) -> Outcome:
    """Follow the recording to its end, and make all of it. Raises :class:`CannotRender`."""
    whole = Rendering(job, objects, notices)
    whole.follow(stop_file.exists)
    stop = read_stop(stop_file)
    if stop is None:
        raise CannotRender("interrupted: the recording's end was taken back", lasting=False)
    return whole.finish(stop)


def main(job_file: Path) -> None:
    """Run one job; the result file says how it ended."""
    job = Job(**json.loads(job_file.read_text()))
    Path(job.work).mkdir(parents=True, exist_ok=True)
    result: dict[str, Any]
    try:
        objects = S3ObjectStore(load(ObjectSettings.read), retained=(keeping.BUCKET,))
        outcome = render(job, objects, job_file.with_name(STOP), Written(job_file.parent))
        result = {"outcome": asdict(outcome)}
    except CannotRender as error:
        result = {"reason": error.reason, "lasting": error.lasting}
    except TitularError as error:
        result = {"reason": f"{error.code}: {error.message}", "lasting": False}
    except OSError as error:
        result = {"reason": f"storage: {error.strerror or error}", "lasting": False}
    write_whole(job_file.with_name(RESULT), json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
