"""An instance is stopped when nothing is lost by it, and always in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from contracts.errors import Unavailable
from services.conference import draining
from services.conference.draining import DRAINED, LOOK_SECONDS, SILENT_SECONDS, drain
from services.conference.tracks import DRAINING, TrackFolder


class World:
    """An SFU whose rooms end by and by, and a clock that runs while one sleeps."""

    def __init__(self, recordings: Path, rooms: Iterator[int | None]) -> None:
        self.recordings = recordings
        self.time = 0.0
        self.said: list[str] = []
        self.looks = 0
        self._rooms = rooms
        self._last: int | None = 0

    def rooms(self) -> frozenset[str]:
        self.looks += 1
        assert TrackFolder(self.recordings).draining()
        self._last = next(self._rooms, self._last)
        if self._last is None:
            raise Unavailable("the SFU does not answer")
        return frozenset(map(str, range(self._last)))

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def drain(self, seconds: float) -> bool:
        return drain(self.recordings, self.rooms, seconds, self.said.append, self.sleep, lambda: self.time)


def test_it_waits_until_no_room_is_left(tmp_path: Path) -> None:
    world = World(tmp_path, iter([2, 2, 1, 0]))
    assert world.drain(7200)
    assert (world.looks, world.time) == (4, 3 * LOOK_SECONDS)
    assert world.said == ["draining: 2 rooms left", "draining: 1 room left", "drained: no room is left and no track is open"]
    assert (tmp_path / DRAINED).exists()


def test_it_waits_for_tracks_that_are_still_written(tmp_path: Path) -> None:
    track = tmp_path / "room" / "a.mjr.tmp"
    track.parent.mkdir()
    track.touch()

    def rooms() -> Iterator[int | None]:
        yield 0
        yield 0
        track.rename(track.with_suffix(""))
        yield 0

    world = World(tmp_path, rooms())
    assert world.drain(7200)
    assert world.looks == 3


def test_it_ends_in_time_with_a_word(tmp_path: Path) -> None:
    world = World(tmp_path, iter([3]))
    assert not world.drain(5)
    assert world.time == 5
    assert world.said[-1] == "not drained within 5 s: 3 rooms left"


def test_an_sfu_that_stays_away_has_nothing_to_lose(tmp_path: Path) -> None:
    world = World(tmp_path, iter([1, None]))
    assert world.drain(7200)
    assert world.time >= SILENT_SECONDS
    assert "does not answer" in world.said[-1]


def test_the_next_start_takes_the_marks_away(tmp_path: Path) -> None:
    assert World(tmp_path, iter([0])).drain(1)
    draining.begin_anew(tmp_path)
    draining.begin_anew(tmp_path)
    assert not (tmp_path / DRAINING).exists()
    assert not (tmp_path / DRAINED).exists()
