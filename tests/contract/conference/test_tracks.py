"""What the conference may ask of a recorder's files: in the folder itself, and by the watcher beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from contracts.errors import Unavailable
from services.conference.application.ports import TrackFacts, Tracks
from services.conference.remote_tracks import RemoteTracks
from services.conference.tracks import DRAINING, TrackFolder
from services.conference.watcher import WatcherApplication, server, token_of
from tests.support.tracks import FIXTURES

SECRET = "an-api-secret-of-the-sfu"


@contextlib.contextmanager
def watching(root: Path) -> Iterator[str]:
    """The watcher's address."""
    with server("127.0.0.1", 0, WatcherApplication(TrackFolder(root), SECRET)) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join(5)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "recordings").mkdir()
    return tmp_path / "recordings"


@pytest.fixture(params=["folder", "watcher"])
def tracks(request: pytest.FixtureRequest, root: Path) -> Iterator[Tracks]:
    if request.param == "folder":
        yield TrackFolder(root)
        return
    with watching(root) as url:
        yield RemoteTracks(url, SECRET)


def test_a_room_that_was_never_recorded_has_nothing(tracks: Tracks) -> None:
    assert tracks.look("room-1") == TrackFacts(0, None, None, settled=True)


def test_what_is_on_disk_is_told(tracks: Tracks, root: Path) -> None:
    room = root / "room-1"
    shutil.copytree(FIXTURES / "two-people", room)
    files = sorted(room.glob("*.mjr"))
    written = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    for number, path in enumerate(files):
        os.utime(path, (0, written.timestamp() - number))
    facts = tracks.look("room-1")
    assert 0 < facts.media_bytes < sum(path.stat().st_size for path in files)
    assert facts.begun_at
    assert facts.begun_at.tzinfo
    assert (facts.written_until, facts.settled) == (written, True)


def test_a_file_that_is_written_is_not_settled_and_a_header_is_no_media(tracks: Tracks, root: Path) -> None:
    (root / "room-1").mkdir()
    (root / "room-1" / "a.mjr.tmp").write_bytes(b"MJR00002\x00\x02{}")
    facts = tracks.look("room-1")
    assert (facts.media_bytes, facts.begun_at, facts.settled) == (0, None, False)
    assert facts.written_until


def test_whoever_is_about_to_stop_the_instance_says_so(tracks: Tracks, root: Path) -> None:
    assert not tracks.draining()
    (root / DRAINING).touch()
    assert tracks.draining()


def test_a_folder_that_is_away_is_noticed(tracks: Tracks, root: Path) -> None:
    tracks.check()
    root.rmdir()
    with pytest.raises(Unavailable):
        tracks.check()


def test_a_watcher_that_is_away_or_does_not_know_us_is_unavailable(root: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        away = RemoteTracks(f"http://127.0.0.1:{unused.getsockname()[1]}", SECRET)
        for ask in (lambda: away.look("room-1"), away.draining, away.check):
            with pytest.raises(Unavailable):
                ask()
    with watching(root) as url, pytest.raises(Unavailable):
        RemoteTracks(url, "another secret").look("room-1")


def asked(url: str, *, knowing: str | None = None) -> requests.Response:
    """One question, its path sent as it is written."""
    headers = {"Authorization": f"Bearer {token_of(knowing)}"} if knowing else {}
    with requests.Session() as session:
        question = session.prepare_request(requests.Request("GET", url, headers=headers))
        question.url = url
        return session.send(question, timeout=5)


@pytest.mark.parametrize("room", ["..", "../other", "a/b", "%2e%2e", "..%2f..%2fetc", ".draining", "", "a" * 65])
def test_no_name_leads_out_of_the_folder(root: Path, room: str) -> None:
    (root.parent / "other").mkdir()
    with watching(root) as url:
        assert asked(f"{url}/rooms/{room}", knowing=SECRET).status_code == 404
        assert asked(f"{url}/rooms/room-1", knowing=SECRET).status_code == 200


def test_only_health_and_figures_are_for_everybody(root: Path) -> None:
    with watching(root) as url:
        assert asked(f"{url}/health/live").json() == {"service": "recorder", "alive": True}
        assert asked(f"{url}/metrics").status_code == 200
        for path in ("/rooms/room-1", "/draining"):
            assert asked(url + path).status_code == 401
            assert asked(url + path, knowing="another secret").status_code == 401
