"""Two SFU instances, each with its track watcher, behind two replicas of the conference service."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts import conference as contract
from contracts.errors import Unavailable
from deploy.local import engines as programs
from deploy.local.process import Program, answers_http, free_ports
from services.conference.sfu import JanusSettings, JanusSfu
from services.conference.tracks import DRAINING
from tests.support import engines
from tests.support.engines import Broker, Documents, running
from tests.support.events import Collected, collecting
from tests.support.killable import Killable, killable
from tests.support.rooms import Office, browser_in_rooms, enter, office
from tests.support.services import environment, service
from tests.support.waiting import until

pytestmark = pytest.mark.integration
WATCHER_HOST = "127.0.0.2"
"""The watcher has the same port as its SFU's API, on another loopback address, so that one name leads to both."""


@dataclass(frozen=True)
class Instance:
    """A Janus that records into a folder of its own, and the watcher beside it; its name is its port."""

    name: str
    sfu: engines.Sfu
    janus: Killable
    recorder: Killable
    recordings: Path

    def settings(self) -> dict[str, str]:
        return watcher_settings(self.name, self.sfu)

    def rooms(self) -> frozenset[str]:
        keys = self.sfu.keys
        return JanusSfu(JanusSettings(self.sfu.http_url, keys.api_secret, "", keys.admin_key, self.recordings, "")).rooms()


@dataclass(frozen=True)
class House:
    office: Office
    instances: dict[str, Instance]
    seen: Collected
    env: dict[str, str]

    def opened(self) -> tuple[dict[str, Any], Instance]:
        """A conference and the instance that its browsers are sent to."""
        conference = self.office.opened()
        found = until(lambda: self.place_of(conference), what="the room's place")
        return conference, found

    def place_of(self, conference: dict[str, Any]) -> Instance | None:
        for one in self.instances.values():
            with contextlib.suppress(Unavailable):
                if conference["conference_id"] in one.rooms():
                    return one
        return None


def watcher_settings(name: str, sfu: engines.Sfu) -> dict[str, str]:
    return {
        "TITULAR_RECORDER_HOST": WATCHER_HOST,
        "TITULAR_RECORDER_PORT": name,
        "TITULAR_RECORDINGS": str(sfu.recordings),
        "TITULAR_SFU_URL": sfu.http_url,
        "TITULAR_SFU_API_SECRET": sfu.keys.api_secret,
        "TITULAR_SFU_ADMIN_KEY": sfu.keys.admin_key,
    }


@contextlib.contextmanager
def instance(folder: Path, keys: programs.SfuKeys) -> Iterator[Instance]:
    """Both processes, running."""
    http, websocket = free_ports(2)
    data = folder / "sfu"
    sfu = engines.Sfu(f"http://127.0.0.1:{http}/janus", f"ws://127.0.0.1:{websocket}", keys, data / "recordings")
    sfu.recordings.mkdir(parents=True)
    watcher = Program(
        "recorder",
        (sys.executable, "-m", "services.conference.recorder"),
        lambda: answers_http(f"http://{WATCHER_HOST}:{http}/health/live"),
        watcher_settings(str(http), sfu),
    )
    janus = programs.sfu(data, http, websocket, (20000, 20999), keys)
    with killable(janus, folder) as room_maker, killable(watcher, folder) as recorder:
        yield Instance(str(http), sfu, room_maker, recorder, sfu.recordings)


@pytest.fixture(scope="module")
def house(broker: Broker, document_engine: Documents, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with contextlib.ExitStack() as stack:
        keys = programs.SfuKeys(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(16))
        both = [stack.enter_context(instance(tmp_path_factory.mktemp("instance"), keys)) for _ in range(2)]
        found = {one.name: one for one in both}
        env = environment(broker, document_engine) | {
            "TITULAR_SFU_INSTANCES": ",".join(found),
            "TITULAR_SFU_URL": "http://127.0.0.1:{instance}/janus",
            "TITULAR_TRACKS_URL": f"http://{WATCHER_HOST}:{{instance}}",
            "TITULAR_SIGNALLING_URL": "ws://sfu.example/{instance}",
            "TITULAR_SFU_API_SECRET": keys.api_secret,
            "TITULAR_SFU_TOKEN_SECRET": keys.token_secret,
            "TITULAR_SFU_ADMIN_KEY": keys.admin_key,
            # As each Janus sees it, below the folder that it runs in.
            "TITULAR_RECORDINGS": "recordings",
        }
        seen = stack.enter_context(collecting(broker.url, "conference"))
        clerk = stack.enter_context(office(broker, env | {"TITULAR_REPLICA": "a"}, tmp_path_factory.mktemp("conference")))
        stack.enter_context(service("conference", env | {"TITULAR_REPLICA": "b"}, tmp_path_factory.mktemp("replica")))
        yield House(clerk, found, seen, env)


def test_rooms_are_shared_out_and_a_meeting_is_recorded_where_its_room_is(house: House) -> None:
    # given two conferences, on an instance each
    first, one = house.opened()
    second, other = house.opened()
    assert {one.name, other.name} == set(house.instances)
    # when people meet in the second
    access = house.office.clerk_access(second)
    assert access["signalling_url"] == f"ws://sfu.example/{other.name}"
    with browser_in_rooms() as (browser, address):
        enter(browser, address, access | {"signalling_url": other.sfu.websocket_url})
        until(lambda: house.office.present(second) == {"clerk"}, what="the clerk's presence")
        house.office.command(contract.START_CONFERENCE, second)
        house.office.command(contract.START_RECORDING, second)
        until(lambda: house.office.conference(second["emission_id"])["recording"] == "on", what="the light")
        house.office.command(contract.END_CONFERENCE, second)
    house.office.command(contract.END_CONFERENCE, first)
    # then its tracks lie there, and the events say so
    stopped = until(lambda: house.seen.of("RecordingStopped"), what="the recording's end")[0]
    assert stopped.data["instance"] == other.name
    assert house.seen.of("RecordingStarted")[0].data["instance"] == other.name
    assert list((other.recordings / second["conference_id"]).glob("*.mjr"))
    assert not (one.recordings / second["conference_id"]).exists()
    until(lambda: not one.rooms() and not other.rooms(), what="the rooms' removal")
    # and, two replicas or not, everything is said once and in order
    until(lambda: len(house.seen.of("ConferenceEnded")) == 2, what="both ends")
    assert [event.type for event in house.seen.of() if event.subject == second["conference_id"]] == [
        "ConferenceOpened",
        "ParticipantJoined",
        "ConferenceStarted",
        "RecordingRequested",
        "RecordingStarted",
        "ParticipantLeft",
        "RecordingStopped",
        "ConferenceEnded",
    ]
    assert len(house.seen.arrivals) == len(set(house.seen.arrivals))


def test_a_draining_instance_gets_no_room_loses_those_that_wait_and_ends(house: House, tmp_path: Path) -> None:
    # given a waiting room and a room that is used, on an instance each
    waiting, draining = house.opened()
    used, staying = house.opened()
    drain = (sys.executable, "-m", "services.conference.recorder", "drain", "--seconds", "60")
    # when the first instance is about to be stopped
    program = Program("drain", drain, (draining.recordings / DRAINING).exists, draining.settings())
    with running(program, tmp_path) as process:
        # then the waiting room goes to the other one, new ones are made there, and it can be stopped
        until(lambda: house.place_of(waiting) == staying, what="the waiting room's move")
        fresh, place = house.opened()
        assert place == staying
        assert process.wait(30) == 0
    assert "drained: no room is left" in (tmp_path / "log" / "drain.log").read_text()
    assert house.office.clerk_access(waiting)["signalling_url"] == f"ws://sfu.example/{staying.name}"
    # and the watcher's next start puts it back into service
    draining.recorder.kill()
    draining.recorder.start()
    until(lambda: not (draining.recordings / DRAINING).exists(), what="the mark's removal")
    more, place = house.opened()
    assert place == draining
    for conference in (waiting, used, fresh, more):
        house.office.command(contract.END_CONFERENCE, conference)


def test_a_dead_instance_gets_no_room_and_holds_up_nobody_and_its_rooms_come_back(house: House) -> None:
    # given a room on each instance, of which one dies
    lost, dead = house.opened()
    kept, alive = house.opened()
    dead.janus.kill()
    # then the others' rooms are open and looked after
    more, place = house.opened()
    assert place == alive
    with browser_in_rooms() as (browser, address):
        access = house.office.clerk_access(kept)
        enter(browser, address, access | {"signalling_url": alive.sfu.websocket_url})
        until(lambda: house.office.present(kept) == {"clerk"}, what="the clerk's presence")
    with pytest.raises(Unavailable):
        house.office.clerk_access(lost)
    # and its own room is there again once it is
    dead.janus.start()
    until(lambda: house.place_of(lost) == dead, what="the lost room")
    for conference in (lost, kept, more):
        house.office.command(contract.END_CONFERENCE, conference)
