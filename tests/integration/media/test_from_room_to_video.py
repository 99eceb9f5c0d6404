"""From two browsers in a room to the stored video: conference and media as processes on real engines."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import conference as conferences
from contracts import media as contract
from services.media.workshop import Workshop, measure
from tests.support.engines import Broker, Documents, Objects, Sfu
from tests.support.events import Collected, collecting
from tests.support.rooms import CLERK, Office, browser_in_rooms, enter, office, sfu_settings
from tests.support.services import environment, service
from tests.support.waiting import until

pytestmark = pytest.mark.integration
RECORDED_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class House:
    """Conference and media, running."""

    clerk: Office
    seen: Collected
    objects: S3ObjectStore
    recordings: Path

    def videos(self, emission_id: str) -> list[dict[str, Any]]:
        """What media says of the emission."""
        found: list[dict[str, Any]] = self.clerk.ask(contract.GET_VIDEOS, {"emission_id": emission_id}, actor=CLERK)["videos"]
        return found


@pytest.fixture(scope="module")
def house(
    broker: Broker, document_engine: Documents, object_engine: Objects, sfu: Sfu, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    env = environment(broker, document_engine, object_engine) | sfu_settings(sfu)
    folder = tmp_path_factory.mktemp("house")
    settings = ObjectSettings(
        object_engine.endpoint, object_engine.access_key, object_engine.secret_key, False, env["TITULAR_OBJECTS_BUCKET_PREFIX"]
    )
    with (
        collecting(broker.url, "conference", "media") as seen,
        service("media", env, folder),
        office(broker, env, folder) as clerk,
    ):
        yield House(clerk, seen, S3ObjectStore(settings), sfu.recordings)


def test_a_recorded_meeting_becomes_a_video_of_its_length(house: House, tmp_path: Path) -> None:
    clerk = house.clerk
    with browser_in_rooms() as (browser, address):
        conference = clerk.opened()
        access = clerk.clerk_access(conference)
        clerk_page = enter(browser, address, access)
        clerk.command(conferences.START_CONFERENCE, conference)
        enter(browser, address, clerk.holder_access(conference))
        clerk.command(conferences.START_RECORDING, conference)
        until(lambda: clerk.conference(conference["emission_id"])["recording"] == "on", what="the light")
        begun = time.monotonic()
        until(lambda: time.monotonic() - begun > RECORDED_SECONDS / 2, what="half of the meeting")
        clerk_page.evaluate("room.vanish()")
        enter(browser, address, clerk.clerk_access(conference, participant_id=access["participant_id"]))
        until(lambda: time.monotonic() - begun > RECORDED_SECONDS, what="the other half")
        clerk.command(conferences.END_CONFERENCE, conference)
    emission_id = conference["emission_id"]

    video = until(lambda: [one for one in house.videos(emission_id) if one["state"] == "done"], 60, "the video")[0]

    stopped = next(event for event in house.seen.of("RecordingStopped") if event.emission_id == emission_id)
    length = (video["stopped_at"] - video["started_at"]).total_seconds()
    assert stopped.data["recording_id"] == video["recording_id"]
    assert abs(video["duration_seconds"] - length) < 1.0
    files = {}
    for name in ("playable", "original", "poster"):
        stored = video[name]
        content = house.objects.get(stored["bucket"], stored["key"])
        assert (len(content), hashlib.sha256(content).hexdigest()) == (stored["size"], stored["sha256"])
        assert stored["key"].startswith(f"{emission_id}/{video['recording_id']}/")
        files[name] = tmp_path / name
        files[name].write_bytes(content)
    shop = Workshop(tmp_path, 1, 60)
    playable, original = measure(shop, files["playable"]), measure(shop, files["original"])
    assert (playable.codecs, playable.width, playable.height) == (("h264", "aac"), 1280, 480)
    assert sorted(original.codecs) == ["opus"] * 3 + ["vp8"] * 3
    assert abs(original.duration_seconds - length) < 1.0
    assert files["playable"].read_bytes().find(b"moov") < files["playable"].read_bytes().find(b"mdat")
    assert files["poster"].read_bytes().startswith(b"\xff\xd8")
    until(lambda: not Path(house.recordings, conference["conference_id"]).exists(), what="the tracks' removal")
    processed = until(lambda: house.seen.of("VideoProcessed"), what="the event")[0]
    assert processed.data["playable_sha256"] == video["playable"]["sha256"]
