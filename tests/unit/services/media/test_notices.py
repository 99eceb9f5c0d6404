"""What a job says on its way to the service."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from services.media import notices
from services.media.model.progress import Progress
from services.media.notices import Read, Silent, Written
from tests.unit.services.media.test_video import PROGRESS


class Heard(Silent):
    """Remembers the progress that it was told of."""

    def __init__(self) -> None:
        self.progress: list[Progress] = []

    def progressed(self, progress: Progress) -> None:
        self.progress.append(progress)


def test_progress_is_passed_on_but_not_with_every_cell_of_who_catches_up(tmp_path: Path) -> None:
    heard, written = Heard(), Written(tmp_path)
    read = Read(tmp_path, heard)
    for cell in range(3):
        written.progressed(replace(PROGRESS, rendered_until=16.0 * cell))
        read.look()
    assert [progress.rendered_until for progress in heard.progress] == [0.0]


def test_what_an_earlier_job_has_said_is_forgotten(tmp_path: Path) -> None:
    heard = Heard()
    Written(tmp_path).progressed(PROGRESS)
    notices.forget(tmp_path)
    Read(tmp_path, heard).look()
    assert heard.progress == []
