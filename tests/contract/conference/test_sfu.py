"""What every SFU behind the conference must do: the one in memory, and Janus."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.errors import Unavailable
from services.conference.application.ports import Access, RoomGone
from services.conference.application.ports import Sfu as SfuPort
from services.conference.sfu import JanusSettings, JanusSfu
from tests.support import engines
from tests.support.browsers import chromium, new_page, served
from tests.support.memory_rooms import MemorySfu
from tests.support.waiting import until

pytestmark = pytest.mark.integration


def janus(sfu: engines.Sfu, **changed: Any) -> JanusSfu:
    options = {
        "url": sfu.http_url,
        "api_secret": sfu.keys.api_secret,
        "token_secret": sfu.keys.token_secret,
        "admin_key": sfu.keys.admin_key,
        "recordings": sfu.recordings,
        "room_secret": "room-secret",
    }
    return JanusSfu(JanusSettings(**{**options, **changed}))


@pytest.fixture(params=["memory", "janus"])
def sfu_under_test(request: pytest.FixtureRequest) -> SfuPort:
    return MemorySfu() if request.param == "memory" else janus(request.getfixturevalue("sfu"))


@pytest.fixture
def room(sfu_under_test: SfuPort) -> Iterator[str]:
    name = str(uuid.uuid4())
    yield name
    sfu_under_test.destroy_room(name)


def test_a_room_is_made_once(sfu_under_test: SfuPort, room: str) -> None:
    assert sfu_under_test.create_room(room, recording=False)
    assert not sfu_under_test.create_room(room, recording=False)
    assert sfu_under_test.participants(room) == frozenset()


def test_recording_may_be_started_and_stopped_again_and_again(sfu_under_test: SfuPort, room: str) -> None:
    sfu_under_test.create_room(room, recording=False)
    for _ in range(2):
        sfu_under_test.start_recording(room)
    for _ in range(2):
        sfu_under_test.stop_recording(room)


def test_nobody_can_be_sent_out_who_is_not_there(sfu_under_test: SfuPort, room: str) -> None:
    sfu_under_test.create_room(room, recording=True)
    sfu_under_test.kick(room, "clerk-000000")


def test_a_room_that_is_not_there_is_gone(sfu_under_test: SfuPort) -> None:
    room = str(uuid.uuid4())
    for ask in (sfu_under_test.participants, sfu_under_test.start_recording, sfu_under_test.stop_recording):
        with pytest.raises(RoomGone):
            ask(room)
    with pytest.raises(RoomGone):
        sfu_under_test.kick(room, "clerk-000000")
    sfu_under_test.destroy_room(room)


def test_a_destroyed_room_is_gone_and_can_be_made_anew(sfu_under_test: SfuPort, room: str) -> None:
    sfu_under_test.create_room(room, recording=False)
    sfu_under_test.destroy_room(room)
    with pytest.raises(RoomGone):
        sfu_under_test.participants(room)
    assert sfu_under_test.create_room(room, recording=True)


def test_a_silent_sfu_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings = JanusSettings(
            f"http://127.0.0.1:{unused.getsockname()[1]}/janus",
            "a",
            "b",
            "c",
            recordings=None,
            room_secret="d",  # type: ignore[arg-type]
        )
        away = MemorySfu()
        away.answering = False
        for sfu in (away, JanusSfu(settings)):
            for ask in (sfu.participants, sfu.start_recording, sfu.stop_recording, sfu.destroy_room):
                with pytest.raises(Unavailable):
                    ask("room")


def test_janus_lost_session_is_made_anew(sfu: engines.Sfu) -> None:
    adapter = janus(sfu)
    room = str(uuid.uuid4())
    adapter.create_room(room, recording=False)
    session = str(adapter._path).split("/")[1]
    adapter._post(f"/{session}", janus="destroy")
    assert adapter.participants(room) == frozenset()
    adapter.destroy_room(room)


def test_janus_refuses_whoever_does_not_know_the_secrets(sfu: engines.Sfu) -> None:
    with pytest.raises(Unavailable):
        janus(sfu, admin_key="wrong").create_room(str(uuid.uuid4()), recording=False)


@pytest.fixture
def enter(sfu: engines.Sfu) -> Iterator[Callable[[str, Access], str]]:
    """Try to enter a room with a browser; returns "published" or what was refused."""
    with served() as address, chromium() as browser:

        def attempt(room: str, access: Access) -> str:
            page = new_page(browser)
            page.goto(f"{address}/room.html")
            given = {"room": room, "participant_id": "clerk-000001", "ice_servers": [], "bitrate": 500_000, **asdict(access)}
            given["signalling_url"] = sfu.websocket_url
            return str(page.evaluate("access => window.join(access).then(() => room.state, error => error.message)", given))

        yield attempt


def test_only_a_rooms_own_tokens_open_it_and_only_in_time(sfu: engines.Sfu, enter: Callable[[str, Access], str]) -> None:
    adapter = janus(sfu)
    room, other = str(uuid.uuid4()), str(uuid.uuid4())
    for name in (room, other):
        adapter.create_room(name, recording=False)
    now = datetime.now(UTC)
    good, of_other = adapter.access(room, now + timedelta(minutes=5)), adapter.access(other, now + timedelta(minutes=5))

    assert "nauthorized" in enter(room, Access(good.gateway_token, of_other.room_token))
    assert "nauthorized" in enter(room, adapter.access(room, now - timedelta(seconds=1)))
    assert enter(room, good) == "published"
    assert adapter.participants(room) == {"clerk-000001"}

    adapter.kick(room, "clerk-000001")
    until(lambda: adapter.participants(room) == frozenset(), what="the room's emptiness")
