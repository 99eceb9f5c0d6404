"""Recorded meetings in which the SFU is killed and people drop and return: nothing is lost but what is declared."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import conference as conferences
from contracts import media as contract
from deploy.local import engines as programs
from deploy.local.process import free_ports
from services.media.workshop import Workshop, measure
from tests.support import browsers
from tests.support.engines import Broker, Documents, Objects, Sfu
from tests.support.events import Collected, collecting
from tests.support.killable import Killable, killable
from tests.support.room_site import build_script, room_site
from tests.support.rooms import CLERK, Office, office, sfu_settings
from tests.support.services import environment, service
from tests.support.waiting import until

pytestmark = pytest.mark.integration
DOWN_SECONDS = 2.2
"""Longer than what is bridged, so that each is a gap."""
LIGHT_SECONDS = 1.0
SMALL_CAMERA = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) =>
    open({ ...wanted, video: wanted.video && { width: 160, height: 120, frameRate: 8 } });
"""


@dataclass(frozen=True, slots=True)
class House:
    """Conference and media with an SFU that can be killed, and a browser."""

    clerk: Office
    seen: Collected
    objects: S3ObjectStore
    recordings: Path
    sfu: Killable
    script: Path
    browser: Browser

    def light(self, conference: dict[str, Any]) -> str:
        """The recording's state as it is shown."""
        shown: str = self.clerk.conference(conference["emission_id"])["recording"]
        return shown

    def recorded_bytes(self, conference: dict[str, Any]) -> int:
        """How much is on disk."""
        return sum(path.stat().st_size for path in (self.recordings / conference["conference_id"]).glob("*.mjr*"))

    def video(self, conference: dict[str, Any], folder: Path) -> dict[str, Any]:
        """The stored video, once it is done, and found to play and to last as long as the recording."""

        def done() -> list[dict[str, Any]]:
            asked = self.clerk.ask(contract.GET_VIDEOS, {"emission_id": conference["emission_id"]}, actor=CLERK)
            return [one for one in asked["videos"] if one["state"] == "done"]

        video = until(done, 90, "the video")[0]
        length = (video["stopped_at"] - video["started_at"]).total_seconds()
        path = folder / f"{video['recording_id']}.mp4"
        path.write_bytes(self.objects.get(video["playable"]["bucket"], video["playable"]["key"]))
        played = measure(Workshop(folder, 1, 60), path)
        assert played.codecs == ("h264", "aac")
        assert played.duration_seconds == pytest.approx(length, abs=1.0)
        return video

    def told(self, conference: dict[str, Any], *types: str) -> list[tuple[str, str]]:
        """Type and role of the conference's events of these types, in order."""
        mine = [event for event in self.seen.of(*types) if event.emission_id == conference["emission_id"]]
        return [(event.type, event.data["role"]) for event in mine]


@pytest.fixture(scope="module")
def house(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    http, websocket = free_ports(2)
    keys = programs.SfuKeys(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(16))
    recordings = folder / "recordings"
    recordings.mkdir()
    described = Sfu(f"http://127.0.0.1:{http}/janus", f"ws://127.0.0.1:{websocket}", keys, recordings)
    env = environment(broker, document_engine, object_engine) | sfu_settings(described)
    settings = ObjectSettings(
        object_engine.endpoint, object_engine.access_key, object_engine.secret_key, False, env["TITULAR_OBJECTS_BUCKET_PREFIX"]
    )
    with (
        killable(programs.sfu(folder / "sfu", http, websocket, (22000, 22999), keys), folder) as sfu,
        collecting(broker.url, "conference", "media") as seen,
        service("media", env, folder),
        office(broker, env, folder) as clerk,
        browsers.chromium() as browser,
    ):
        yield House(clerk, seen, S3ObjectStore(settings), recordings, sfu, build_script(folder), browser)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two people in a room whose pages come back by themselves."""

    conference: dict[str, Any]
    address: str
    people: dict[str, Page]


def came_in(house: House, address: str) -> Page:
    """A page whose person has asked to come in; its camera is small."""
    page = browsers.new_page(house.browser)
    page.add_init_script(SMALL_CAMERA)
    page.goto(address)
    page.click("[data-action=join]")
    return page


def connected(page: Page) -> None:
    page.wait_for_selector("#room[data-status=connected]", timeout=20_000)


@contextlib.contextmanager
def meeting_of_two(house: House) -> Iterator[Meeting]:
    """Both are in; at the end their pages are closed."""
    clerk, conference = house.clerk, house.clerk.opened()
    with room_site(clerk, house.script, conference) as address:
        ana = came_in(house, f"{address}/clerk")
        clerk.command(conferences.START_CONFERENCE, conference)
        maria = came_in(house, f"{address}/holder#{conference['join_token']}")
        clerk.admit(conference)
        people = {"clerk": ana, "holder": maria}
        for page in people.values():
            connected(page)
        try:
            yield Meeting(conference, address, people)
        finally:
            for page in people.values():
                page.context.close()


@contextlib.contextmanager
def recorded_meeting(house: House) -> Iterator[Meeting]:
    """Both are in, and the light is on."""
    with meeting_of_two(house) as meeting:
        record(house, meeting)
        yield meeting


def record(house: House, *meetings: Meeting) -> None:
    """Ask for the recording of all, and wait for their lights."""
    for meeting in meetings:
        house.clerk.command(conferences.START_RECORDING, meeting.conference)
    for meeting in meetings:
        until(lambda one=meeting: house.light(one.conference) == "on", what="the light")  # type: ignore[misc]


def lasted(seconds: float) -> None:
    """So much of a meeting goes by."""
    begun = time.monotonic()
    until(lambda: time.monotonic() - begun >= seconds, seconds + 5, "the meeting's going on")


@pytest.mark.parametrize("kills", [2, pytest.param(5, marks=pytest.mark.long)])
def test_a_meeting_outlives_deaths_of_the_sfu(house: House, tmp_path: Path, kills: int) -> None:
    # given a recorded meeting
    with recorded_meeting(house) as meeting:
        conference = meeting.conference
        lasted(1)
        late: list[float] = []
        for _ in range(kills):
            # when the SFU is killed, the light goes out
            house.sfu.kill()
            killed = time.monotonic()
            until(lambda: house.light(conference) == "requested", what="the light's going out")
            late.append(time.monotonic() - killed)
            before = house.recorded_bytes(conference)
            until(lambda since=killed: time.monotonic() - since >= DOWN_SECONDS, what="the time without")  # type: ignore[misc]
            house.sfu.start()

            # then all come back by themselves, and the light is on as soon as media is on disk
            until(lambda bytes_then=before: house.recorded_bytes(conference) > bytes_then + 1000, what="more media")  # type: ignore[misc]
            recorded = time.monotonic()
            until(lambda: house.light(conference) == "on", what="the light again")
            late.append(time.monotonic() - recorded)
            for page in meeting.people.values():
                connected(page)
            until(lambda: house.clerk.present(conference) == {"clerk", "holder"}, what="both present")
            lasted(1.5)
        house.clerk.command(conferences.END_CONFERENCE, conference)
    assert max(late) <= LIGHT_SECONDS, [round(one, 2) for one in late]

    # and the video plays, lasts as it should, and says what is missing
    video = house.video(conference, tmp_path)
    for slot in ("clerk", "holder"):
        lost = [gap for gap in video["gaps"] if gap["slot"] == slot and gap["reason"] == "recorder_lost"]
        assert len(lost) == kills, video["gaps"]
        assert all(DOWN_SECONDS - 0.5 <= gap["ends"] - gap["begins"] <= 15 for gap in lost), video["gaps"]


@pytest.mark.long
def test_who_drops_and_returns_is_on_record_with_the_gap(house: House, tmp_path: Path) -> None:
    # given a recorded meeting
    with recorded_meeting(house) as meeting:
        conference, people = meeting.conference, meeting.people
        addresses = {role: page.url for role, page in people.items()}

        # when the holder drops and returns, then the clerk, then both
        for dropping in (("holder",), ("clerk",), ("clerk", "holder")):
            lasted(1)
            for role in dropping:
                people[role].goto("about:blank")
            until(lambda gone=dropping: not house.clerk.present(conference) & set(gone), 10, "the absence")  # type: ignore[misc]
            lasted(2.5)
            for role in dropping:
                people[role].goto(addresses[role])
                people[role].click("[data-action=join]")
                connected(people[role])
            until(lambda: house.clerk.present(conference) == {"clerk", "holder"}, what="both present")
        lasted(1)
        house.clerk.command(conferences.END_CONFERENCE, conference)

    # then the history has each going and coming, and the recording its gap
    video = house.video(conference, tmp_path)
    for role in ("clerk", "holder"):
        history = [name for name, who in house.told(conference, "ParticipantJoined", "ParticipantLeft") if who == role]
        assert history[:5] == ["ParticipantJoined", "ParticipantLeft"] * 2 + ["ParticipantJoined"], history
        gaps = [gap for gap in video["gaps"] if gap["slot"] == role]
        assert [gap["reason"] for gap in gaps] == ["left", "left"], video["gaps"]
    both = (
        [gap for gap in video["gaps"] if gap["slot"] == "clerk"][1],
        [gap for gap in video["gaps"] if gap["slot"] == "holder"][1],
    )
    assert min(gap["ends"] for gap in both) - max(gap["begins"] for gap in both) > 2.0


@pytest.mark.long
def test_four_rooms_at_once_become_four_videos(house: House, tmp_path: Path) -> None:
    # given four recorded meetings at the same time
    with contextlib.ExitStack() as rooms:
        meetings = [rooms.enter_context(meeting_of_two(house)) for _ in range(4)]
        record(house, *meetings)

        # when all go on together for a while, and end
        before = [house.recorded_bytes(meeting.conference) for meeting in meetings]
        lasted(3)
        for meeting, bytes_then in zip(meetings, before, strict=True):
            assert house.recorded_bytes(meeting.conference) > bytes_then
            assert house.clerk.present(meeting.conference) == {"clerk", "holder"}
        for meeting in meetings:
            house.clerk.command(conferences.END_CONFERENCE, meeting.conference)

    # then each has its video, which plays and lasts as its recording did
    for meeting in meetings:
        house.video(meeting.conference, tmp_path)
