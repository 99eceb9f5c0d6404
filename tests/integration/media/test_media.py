"""Media as a process on real engines, fed with recorded tracks."""

from __future__ import annotations

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.callers import PooledCaller
from contracts import media as contract
from contracts.actor import Actor
from contracts.conference import RECORDING_STOPPED
from contracts.envelope import Envelope
from contracts.errors import Conflict, Forbidden, NotFound, Unavailable
from tests.support import events
from tests.support.engines import Broker, Documents, Objects
from tests.support.events import Collected, collecting
from tests.support.rooms import CLERK, OFFICE, STRANGER
from tests.support.services import caller, environment, service
from tests.support.tracks import FIXTURES
from tests.support.waiting import until

pytestmark = pytest.mark.integration
OPERATOR = Actor("operator-1", "operator")


@dataclass(frozen=True)
class Desk:
    """Asks the running media service, and plays conference."""

    ask: PooledCaller
    broker_url: str
    recordings: Path
    env: dict[str, str]
    seen: Collected

    def stopped(self, fixture: str | None, seconds: float = 10.0, tracks: str | None = None) -> Envelope:
        """A recording was stopped; its tracks are those of the fixture."""
        conference_id = str(uuid.uuid4())
        if fixture:
            shutil.copytree(FIXTURES / fixture, self.recordings / conference_id)
        begins = datetime(2026, 11, 22, tzinfo=UTC)
        data = {
            "conference_id": conference_id,
            "emission_id": str(uuid.uuid4()),
            "office_id": OFFICE,
            "recording_id": str(uuid.uuid4()),
            "started_at": begins,
            "stopped_at": begins + timedelta(seconds=seconds),
            "tracks": tracks or conference_id,
            "participants": [],
        }
        envelope = Envelope(
            id=str(uuid.uuid4()),
            source="conference",
            type=RECORDING_STOPPED.name,
            subject=conference_id,
            time=datetime.now(UTC),
            data=RECORDING_STOPPED.dump(data),
            emission_id=data["emission_id"],  # type: ignore[arg-type]
        )
        events.publish(self.broker_url, envelope)
        return envelope

    def video(self, stopped: Envelope, state: str | None = None, seconds: float = 60) -> dict[str, Any]:
        """The recording's video, once it is in that state."""

        def look() -> dict[str, Any] | None:
            try:
                found = self.ask(contract.GET_VIDEOS, {"emission_id": stopped.emission_id}, actor=CLERK)["videos"]
            except Unavailable:  # a service that has just been started listens a moment after it is healthy
                return None
            return found[0] if found and (state is None or found[0]["state"] == state) else None

        return until(look, seconds, f"video {state or 'known'}")

    def retry(self, stopped: Envelope, actor: Actor = CLERK) -> dict[str, Any]:
        return self.ask(contract.RETRY_VIDEO, {"recording_id": stopped.data["recording_id"]}, actor=actor)

    def said(self, stopped: Envelope) -> list[str]:
        """The types of media's events of the recording."""
        return [event.type for event in self.seen.of() if event.subject == stopped.data["recording_id"]]


@pytest.fixture(scope="module")
def desk(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    recordings = tmp_path_factory.mktemp("recordings")
    env = environment(broker, document_engine, object_engine) | {"TITULAR_RECORDINGS": str(recordings)}
    with caller(broker) as ask, collecting(broker.url, "media") as seen:
        yield Desk(ask, broker.url, recordings, env, seen)


@pytest.fixture
def running(desk: Desk, tmp_path: Path) -> Iterator[None]:
    with service("media", desk.env, tmp_path):
        yield


@pytest.mark.usefixtures("running")
def test_a_recording_told_twice_is_processed_once(desk: Desk) -> None:
    stopped = desk.stopped("two-people")
    events.publish(desk.broker_url, stopped)
    video = desk.video(stopped, "done")
    assert video["attempts"] == 1
    assert video["processed_at"] is not None
    until(lambda: not (desk.recordings / stopped.data["tracks"]).exists(), what="the tracks' removal")
    assert desk.said(stopped) == ["VideoProcessingStarted", "VideoProcessed"]


@pytest.mark.usefixtures("running")
def test_a_recording_without_media_fails_visibly_and_can_be_tried_again(desk: Desk) -> None:
    stopped = desk.stopped(None)
    (desk.recordings / stopped.data["tracks"]).mkdir()
    video = desk.video(stopped, "failed")
    assert video["reason"].startswith("no_media")
    with pytest.raises(Forbidden):
        desk.retry(stopped, STRANGER)
    shutil.copytree(FIXTURES / "recorder-killed", desk.recordings / stopped.data["tracks"], dirs_exist_ok=True)
    assert desk.retry(stopped, OPERATOR)["state"] == "processing"
    assert desk.video(stopped, "done")["reason"] is None
    with pytest.raises(Conflict):
        desk.retry(stopped)
    assert desk.said(stopped) == ["VideoProcessingStarted", "VideoFailed", "VideoProcessingStarted", "VideoProcessed"]


@pytest.mark.usefixtures("running")
def test_tracks_outside_the_recordings_are_not_touched(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(FIXTURES / "three-stays", outside)
    stopped = desk.stopped(None, tracks=f"../{outside.name}")
    assert desk.video(stopped, "failed")["reason"].startswith("tracks_missing")
    assert outside.exists()


@pytest.mark.usefixtures("running")
def test_another_office_sees_nothing_and_an_unknown_recording_is_not_found(desk: Desk) -> None:
    stopped = desk.stopped("three-stays", 46)
    desk.video(stopped)
    with pytest.raises(Forbidden):
        desk.ask(contract.GET_VIDEOS, {"emission_id": stopped.emission_id}, actor=STRANGER)
    with pytest.raises(NotFound):
        desk.ask(contract.RETRY_VIDEO, {"recording_id": "unknown"}, actor=CLERK)
    desk.video(stopped, "done")


def test_a_job_of_a_killed_service_is_taken_up_by_the_next(desk: Desk, tmp_path: Path) -> None:
    with service("media", desk.env, tmp_path / "first"):
        stopped = desk.stopped("three-stays", 46)
        until(lambda: desk.video(stopped)["attempts"] == 1, what="the first attempt")
        jobs = _jobs(desk.recordings)
        assert jobs
        _kill_parents(jobs)
    until(lambda: not _jobs(desk.recordings), what="the end of the job with its service")
    with service("media", desk.env, tmp_path / "second"):
        # The successor need not wait for the lease, and being killed is not the recording's fault.
        assert desk.video(stopped, "done", seconds=25)["attempts"] == 1
    assert desk.said(stopped) == ["VideoProcessingStarted", "VideoProcessed"]


def _jobs(recordings: Path) -> list[int]:
    """Process ids of the jobs that work below the folder."""
    found = subprocess.run(("pgrep", "-f", f"services.media.render {recordings}"), capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def _kill_parents(jobs: list[int]) -> None:
    """End the service that runs the jobs, as a crash would."""
    parents = {int(Path(f"/proc/{job}/stat").read_text().rsplit(")", 1)[1].split()[1]) for job in jobs}
    for parent in parents:
        subprocess.run(("kill", "-KILL", str(parent)), check=True)
