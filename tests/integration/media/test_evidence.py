"""What becomes of the findings: told while the recording goes on, judged at its end, and never in the video's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.objects import MemoryObjectStore
from services.media import measuring
from services.media.following import Stop
from services.media.model import cells, evidence
from services.media.model.evidence import EvidenceWarning, Reason, Report
from services.media.model.timeline import FRAME_RATE
from services.media.notices import Silent
from services.media.render import Job, Rendering
from tests.support.feeding import Meeting
from tests.support.tracks import EPOCH, encoded_sound, write_track

pytestmark = pytest.mark.integration
SECONDS = 50.0


@pytest.fixture(autouse=True)
def short_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells of 8 seconds, so that little makes several."""
    monkeypatch.setattr(evidence, "CELL_SECONDS", 8)
    monkeypatch.setattr(cells, "CELL_SECONDS", 8)
    monkeypatch.setattr(cells, "CELL_FRAMES", 8 * FRAME_RATE)


class Told(Silent):
    """Keeps the reports."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def noticed(self, report: Report) -> None:
        self.reports.append(report)


class Recording:
    """Two people, of whom the holder's microphone is mute at first; with what is told of it."""

    def __init__(self, folder: Path, mute_seconds: float) -> None:
        meeting = Meeting(folder / "tracks")
        meeting.advance(SECONDS)
        meeting.close()
        next((folder / "tracks").glob("*-holder-*-audio-*")).unlink()
        mute = list(encoded_sound("anullsrc=r=48000:cl=mono", mute_seconds))
        voice = [(mute_seconds + at, sound) for at, sound in encoded_sound("sine=f=220:r=48000", SECONDS - mute_seconds)]
        write_track(folder / "tracks", "holder-1", "audio", [(at, at, sound) for at, sound in (*mute, *voice)])
        (folder / "work").mkdir()
        slots = {"slots_folder": str(folder), "slots": 1}
        self.job = Job(str(folder / "tracks"), str(folder / "work"), "e/r", threads=2, live=False, **slots)  # type: ignore[arg-type]
        self.told = Told()

    def rendering(self) -> Rendering:
        """By a process that begins now."""
        return Rendering(self.job, MemoryObjectStore(), self.told)

    def finish(self, rendering: Rendering) -> Report:
        """The last that is told."""
        rendering.finish(Stop(EPOCH + SECONDS, {}))
        return self.told.reports[-1]


def test_a_mute_microphone_is_told_while_it_lasts_and_remembered(tmp_path: Path) -> None:
    recording = Recording(tmp_path, mute_seconds=25.0)
    silent = (EvidenceWarning("holder", "silence"),)
    interrupted = recording.rendering()
    interrupted.follow(lambda: len(recording.told.reports) >= 3)
    assert [report.warnings for report in recording.told.reports] == [(), (), silent]
    successor = recording.rendering()
    successor.follow(lambda: len(recording.told.reports) >= 5)
    assert [report.warnings for report in recording.told.reports[3:]] == [(), ()]
    report = recording.finish(successor)
    assert (report.verdict, report.warnings) == ("doubtful", ())
    assert [(reason.slot, reason.fault, reason.seconds) for reason in report.reasons] == [
        ("holder", "silence", pytest.approx(25.0, abs=0.5))
    ]
    assert report.measured_seconds == pytest.approx(SECONDS, abs=0.2)


def test_a_recording_that_cannot_be_measured_is_rendered_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given detectors that this ffmpeg does not know, then there is a video of which nothing was measured."""
    monkeypatch.setattr(measuring, "LOOKING", "nosuchdetector")
    report = Recording(tmp_path, mute_seconds=1.0)
    told = report.finish(report.rendering())
    assert told.verdict == "doubtful"
    assert told.reasons == (Reason("not_measured", None, pytest.approx(SECONDS, abs=0.2)),)  # type: ignore[arg-type]
