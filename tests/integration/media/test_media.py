"""Media as a process on real engines, fed with recorded tracks."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.callers import PooledCaller
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import media as contract
from contracts.actor import Actor
from contracts.conference import RECORDING_STARTED, RECORDING_STOPPED
from contracts.envelope import Envelope
from contracts.errors import Conflict, Forbidden, NotFound, Unavailable
from contracts.operation import EventType
from services.media.verify import examine
from tests.support import events
from tests.support.engines import Broker, Documents, Objects
from tests.support.events import Collected, collecting
from tests.support.feeding import Meeting
from tests.support.rooms import CLERK, OFFICE, STRANGER
from tests.support.services import caller, environment, service
from tests.support.tracks import FIXTURES
from tests.support.waiting import until

pytestmark = pytest.mark.integration
OPERATOR = Actor("operator-1", "operator")
PROCESSED = ["VideoProcessingStarted", "VideoPlayable", "VideoProcessed"]


@dataclass(frozen=True)
class Desk:
    """Asks the running media service, and plays conference."""

    ask: PooledCaller
    broker_url: str
    recordings: Path
    env: dict[str, str]
    seen: Collected
    objects: S3ObjectStore

    def stopped(self, fixture: str | None, seconds: float = 10.0, tracks: str | None = None, instance: str = "") -> Envelope:
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
            "instance": instance,
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

    def stored_cells(self, stopped: Envelope) -> list[str]:
        """The keys of the recording's cells in the object store."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        return [key for key in self.objects.stored_before("cells", tomorrow) if stopped.data["recording_id"] in key]

    def retry(self, stopped: Envelope, actor: Actor = CLERK) -> dict[str, Any]:
        return self.ask(contract.RETRY_VIDEO, {"recording_id": stopped.data["recording_id"]}, actor=actor)

    def said(self, stopped: Envelope) -> list[str]:
        """The types of media's events of the recording, but for its seals."""
        types = [event.type for event in self.seen.of() if event.subject == stopped.data["recording_id"]]
        return [name for name in types if name != "RecordingSealed"]

    def heads(self, recording_id: str) -> list[str]:
        """The heads of the recording's seal, as they went out."""
        return [event.data["head"] for event in self.seen.of("RecordingSealed") if event.subject == recording_id]


@pytest.fixture(scope="module")
def desk(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    recordings = tmp_path_factory.mktemp("recordings")
    env = environment(broker, document_engine, object_engine) | {"TITULAR_RECORDINGS": str(recordings)}
    stored_in = ObjectSettings(
        object_engine.endpoint, object_engine.access_key, object_engine.secret_key, False, env["TITULAR_OBJECTS_BUCKET_PREFIX"]
    )
    with caller(broker) as ask, collecting(broker.url, "media") as seen:
        yield Desk(ask, broker.url, recordings, env, seen, S3ObjectStore(stored_in))


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
    assert desk.said(stopped) == PROCESSED


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
    assert desk.said(stopped) == ["VideoProcessingStarted", "VideoFailed", *PROCESSED]


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
    assert desk.said(stopped) == PROCESSED


class Live:
    """A meeting that is being recorded now, at its own pace."""

    def __init__(self, desk: Desk, people: Sequence[str] = ("clerk", "holder")) -> None:
        self.desk = desk
        self.ids = {name: str(uuid.uuid4()) for name in ("conference_id", "emission_id", "recording_id")}
        self.begun = time.time()
        self.meeting = Meeting(desk.recordings / self.ids["conference_id"], self.begun, people)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on)

    def __enter__(self) -> Live:
        self._thread.start()
        self._tell(RECORDING_STARTED, started_at=self._moment(self.begun))
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def stop(self) -> Envelope:
        """The recorder closes its files, and conference says so."""
        self.__exit__()
        self.meeting.close()
        times = {"started_at": self._moment(self.begun), "stopped_at": self._moment(time.time())}
        return self._tell(RECORDING_STOPPED, participants=[], **times)

    def cells(self) -> list[Path]:
        """What was rendered so far."""
        work = self.desk.recordings / ".work" / self.ids["recording_id"] / "work" / "cells"
        return sorted(work.glob("*.m4s"))

    def _go_on(self) -> None:
        while not self._over.wait(0.1):
            self.meeting.advance(time.time() - self.begun)

    def _moment(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC)

    def _tell(self, event: EventType, **data: Any) -> Envelope:
        known = {**self.ids, "office_id": OFFICE, "tracks": self.ids["conference_id"]}
        envelope = Envelope(
            id=str(uuid.uuid4()),
            source="conference",
            type=event.name,
            subject=self.ids["conference_id"],
            time=datetime.now(UTC),
            data=event.dump(known | data),
            emission_id=self.ids["emission_id"],
        )
        events.publish(self.desk.broker_url, envelope)
        return envelope


@pytest.mark.usefixtures("running")
def test_a_recording_is_rendered_while_it_goes_on_and_can_be_watched_before_it_is_one_object(desk: Desk) -> None:
    with Live(desk) as live:
        until(lambda: desk.heads(live.ids["recording_id"]), 60, "the first seal, while the recording goes on")
        stopped = live.stop()
    streams = until(lambda: [event for event in desk.seen.of("VideoPlayable") if event.emission_id == stopped.emission_id])
    video = desk.video(stopped, "done")
    until(lambda: "VideoProcessed" in desk.said(stopped), what="the relay, which follows the store")
    assert desk.said(stopped) == PROCESSED
    assert video["attempts"] == 1
    assert video["stream"] is None
    assert video["evidence"]["verdict"] == "good"
    processed = until(lambda: desk.seen.of("VideoProcessed"))[-1]
    assert desk.heads(video["recording_id"])[-1] == video["seal_head"] == processed.data["seal_head"]
    found = examine(desk.objects, video["seal"]["key"], video["seal_head"])
    assert (found.faults, found.cells) == ([], 2)
    assert streams[0].data["size"] == video["playable"]["size"]
    assert streams[0].data["duration_seconds"] == pytest.approx(video["duration_seconds"], abs=0.05)
    until(lambda: not (desk.recordings / stopped.data["tracks"]).exists(), what="the tracks' removal")
    until(lambda: not desk.stored_cells(stopped), what="the removal of the cells that the video has replaced")


@pytest.mark.usefixtures("running")
def test_how_far_the_rendering_is_behind_and_when_it_will_be_ready_is_said(desk: Desk) -> None:
    with Live(desk) as live:
        # given a recording that goes on, of which something was rendered
        going_on = Envelope(str(uuid.uuid4()), "", "", "", datetime.now(UTC), {}, emission_id=live.ids["emission_id"])
        until(lambda: desk.video(going_on, "recording")["progress"]["ready_seconds"], 90, "an estimate")
        progress = desk.video(going_on, "recording")["progress"]
        assert 0 <= progress["behind_seconds"] < 40
        assert progress["cells_waiting"] <= progress["machine_cells_waiting"]
        assert progress["recordings_ahead"] == 0
        # when it ends
        ended_at = time.monotonic()
        stopped = live.stop()
    # then it can be watched about when it was said, and nothing is waited for any more
    until(lambda: (found := desk.video(stopped))["stream"] or found["playable"], what="a video to watch")
    took = time.monotonic() - ended_at
    assert took <= 3 * progress["ready_seconds"] + 5
    assert desk.video(stopped, "done")["progress"] is None


@pytest.mark.usefixtures("running")
def test_what_is_wrong_is_warned_of_while_the_recording_goes_on_and_judged_at_its_end(desk: Desk) -> None:
    absent = [{"slot": "holder", "fault": "absent"}]
    with Live(desk, people=["clerk"]) as live:
        emission_id = live.ids["emission_id"]
        warned = until(lambda: [one for one in desk.seen.of("EvidenceWarned") if one.emission_id == emission_id], 90, "a warning")
        stopped = live.stop()
    assert [one.data["warnings"] for one in warned] == [absent]
    video = desk.video(stopped, "done")
    assert video["evidence"]["verdict"] == "poor"
    assert [(reason["slot"], reason["fault"]) for reason in video["evidence"]["reasons"]] == [(None, "alone")]
    assert video["evidence"]["warnings"] == []
    processed = until(lambda: [one for one in desk.seen.of("VideoProcessed") if one.emission_id == emission_id])
    assert processed[0].data["evidence"] == "poor"


def test_who_follows_a_recording_and_is_killed_has_a_successor(desk: Desk, tmp_path: Path) -> None:
    with Live(desk) as live:
        with service("media", desk.env, tmp_path / "first"):
            until(lambda: _jobs(desk.recordings), what="the follower")
            _kill_parents(_jobs(desk.recordings))
        with service("media", desk.env, tmp_path / "second"):
            until(live.cells, 60, "the first cell")
            stopped = live.stop()
            assert desk.video(stopped, "done")["attempts"] == 1
    assert desk.said(stopped) == PROCESSED


def test_each_instances_recordings_are_made_beside_it_whoever_hears_of_them(desk: Desk, tmp_path: Path) -> None:
    # given media beside one of two instances
    own = {"TITULAR_MEDIA_INSTANCE": "sfu-0"}
    with service("media", desk.env | own, tmp_path / "sfu-0"):
        # when recordings of both, and one from before there were several, are stopped
        other, nameless = desk.stopped("two-people", instance="sfu-1"), desk.stopped("two-people")
        mine = desk.stopped("two-people", instance="sfu-0")
        # then its own is made, and the others wait
        desk.video(mine, "done")
        for left in (other, nameless):
            assert (desk.video(left)["state"], desk.video(left)["attempts"]) == ("processing", 0)
            assert (desk.recordings / left.data["tracks"]).exists()
    with service("media", desk.env | {"TITULAR_MEDIA_INSTANCE": "sfu-1"}, tmp_path / "sfu-1"):
        desk.video(other, "done")
        until(lambda: not (desk.recordings / other.data["tracks"]).exists(), what="the tracks' removal")
        assert desk.video(nameless)["attempts"] == 0
    with service("media", desk.env, tmp_path / "only"):
        desk.video(nameless, "done")


def _jobs(recordings: Path) -> list[int]:
    """Process ids of the jobs that work below the folder."""
    found = subprocess.run(("pgrep", "-f", f"services.media.render {recordings}"), capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


def _kill_parents(jobs: list[int]) -> None:
    """End the service that runs the jobs, as a crash would."""
    parents = {int(Path(f"/proc/{job}/stat").read_text().rsplit(")", 1)[1].split()[1]) for job in jobs}
    for parent in parents:
        subprocess.run(("kill", "-KILL", str(parent)), check=True)
