"""A conference goes on when the SFU or the service itself is killed."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from contracts import conference as contract
from deploy.local import engines as programs
from deploy.local.process import Program, free_ports, stop, wait_ready
from tests.support import engines
from tests.support.engines import Broker, Documents
from tests.support.events import collecting
from tests.support.rooms import Office, browser_in_rooms, enter, sfu_settings
from tests.support.services import caller, environment, service
from tests.support.waiting import until

pytestmark = pytest.mark.integration


@dataclass
class KillableSfu:
    """A Janus of the test's own."""

    program: Program
    log: Path
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start(self) -> None:
        self.process = self.program.start(self.log)
        wait_ready(self.program, self.process, self.log)


@dataclass(frozen=True)
class Scene:
    """What a test works with."""

    clerk: Office
    sfu: KillableSfu
    recordings: Path
    restart_service: Callable[[], None]
    browser: Browser
    address: str


@pytest.fixture
def scene(broker: Broker, document_engine: Documents, tmp_path: Path) -> Iterator[Scene]:
    http, websocket = free_ports(2)
    keys = programs.SfuKeys(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(16))
    program = programs.sfu(tmp_path / "sfu", http, websocket, (21000, 21999), keys)
    log = tmp_path / "log" / "sfu.log"
    sfu = KillableSfu(program, log, program.start(log))
    wait_ready(program, sfu.process, log)
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    described = engines.Sfu(f"http://127.0.0.1:{http}/janus", f"ws://127.0.0.1:{websocket}", keys, recordings)
    env = environment(broker, document_engine) | sfu_settings(described)
    running = [service("conference", env, tmp_path)]
    running[0].__enter__()

    def restart_service() -> None:
        running[-1].__exit__(None, None, None)
        running.append(service("conference", env, tmp_path))
        running[-1].__enter__()

    try:
        with caller(broker) as ask, browser_in_rooms() as (browser, address):
            yield Scene(Office(ask, broker.url), sfu, recordings, restart_service, browser, address)
    finally:
        running[-1].__exit__(None, None, None)
        stop(sfu.process)


def test_a_killed_sfu_gets_its_room_back_with_the_recording_on(scene: Scene, broker: Broker) -> None:
    clerk, conference = scene.clerk, scene.clerk.opened()
    light = lambda: clerk.conference(conference["emission_id"])["recording"]  # noqa: E731 - a look, named
    with collecting(broker.url, "conference") as seen:
        access = clerk.clerk_access(conference)
        enter(scene.browser, scene.address, access)
        clerk.command(contract.START_CONFERENCE, conference)
        clerk.command(contract.START_RECORDING, conference)
        until(lambda: light() == "on", what="the light")

        scene.sfu.kill()
        scene.sfu.start()
        until(lambda: light() == "requested", what="the light's going out")
        access = clerk.clerk_access(conference, participant_id=access["participant_id"])
        enter(scene.browser, scene.address, access)
        until(lambda: light() == "on", what="the light again")
        ended = clerk.command(contract.END_CONFERENCE, conference)
        assert ended["recording"] == "stopped"
        until(lambda: seen.of("ConferenceEnded"), what="the end")
    assert len(seen.of("RecordingStarted")) == 1
    names = sorted(path.name for path in (scene.recordings / conference["conference_id"]).iterdir())
    assert sum(name.endswith(".mjr.tmp") for name in names) == 2
    assert sum(name.endswith(".mjr") for name in names) == 2


def test_the_recording_does_not_need_the_service(scene: Scene, broker: Broker) -> None:
    clerk, conference = scene.clerk, scene.clerk.opened()
    with collecting(broker.url, "conference") as seen:
        enter(scene.browser, scene.address, clerk.clerk_access(conference))
        clerk.command(contract.START_CONFERENCE, conference)
        clerk.command(contract.START_RECORDING, conference)
        until(lambda: clerk.conference(conference["emission_id"])["recording"] == "on", what="the light")
        folder = scene.recordings / conference["conference_id"]
        before = sum(path.stat().st_size for path in folder.iterdir())
        scene.restart_service()
        until(lambda: sum(path.stat().st_size for path in folder.iterdir()) > before, what="more media")
        assert clerk.conference(conference["emission_id"])["recording"] == "on"
        until(lambda: clerk.present(conference) == {"clerk"}, what="the clerk's presence")
        clerk.command(contract.END_CONFERENCE, conference)
        until(lambda: seen.of("RecordingStopped"), what="the recording's end")


def test_an_end_while_the_sfu_is_away_is_finished_when_it_is_back(scene: Scene, broker: Broker) -> None:
    clerk, conference = scene.clerk, scene.clerk.opened()
    with collecting(broker.url, "conference") as seen:
        enter(scene.browser, scene.address, clerk.clerk_access(conference))
        clerk.command(contract.START_CONFERENCE, conference)
        clerk.command(contract.START_RECORDING, conference)
        until(lambda: clerk.conference(conference["emission_id"])["recording"] == "on", what="the light")
        scene.sfu.kill()
        assert clerk.command(contract.END_CONFERENCE, conference)["state"] == "ended"
        assert not seen.of("ConferenceEnded")
        scene.sfu.start()
        until(lambda: seen.of("ConferenceEnded"), what="the end")
    assert [event.type for event in seen.of("RecordingStopped", "ConferenceEnded")] == ["RecordingStopped", "ConferenceEnded"]
