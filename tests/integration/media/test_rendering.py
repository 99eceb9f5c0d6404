"""From recorded tracks to files, by the real tools."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from chassis.objects import MemoryObjectStore, ObjectStore
from services.media.cell_rendering import CellFolder
from services.media.model.cells import CELL_SECONDS
from services.media.model.timeline import FRAME_RATE, make_plan
from services.media.model.video import Outcome
from services.media.notices import Silent
from services.media.render import CannotRender, Job, render
from services.media.tracks import read_folder
from services.media.workshop import Measured, Workshop, measure
from tests.support.feeding import Meeting
from tests.support.tracks import FIXTURES, encoded_picture, encoded_sound, vp8, write_track

pytestmark = pytest.mark.integration
EMPTY_TILE = (0x2C, 0x32, 0x3C)


class Rendered:
    """The files that a job stored, in a folder."""

    def __init__(self, outcome: Outcome, objects: MemoryObjectStore, folder: Path) -> None:
        self.outcome = outcome
        self.shop = Workshop(folder, 1, 60)
        for name in ("playable", "original", "poster"):
            stored = getattr(outcome, name)
            (folder / name).write_bytes(objects.get(stored["bucket"], stored["key"]))
        self.folder = folder

    def measured(self, name: str) -> Measured:
        return measure(self.shop, self.folder / name)

    def color(self, seconds: float, x: int, y: int) -> tuple[int, int, int]:
        """A pixel of the playable video at a moment."""
        frame = self.folder / "frame.png"
        self.shop.ffmpeg("-ss", str(seconds), "-i", str(self.folder / "playable"), "-frames:v", "1", str(frame))
        with Image.open(frame) as image:
            red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
            return red, green, blue

    def is_empty(self, seconds: float, x: int, y: int = 240) -> bool:
        """Whether nobody is shown there then."""
        return all(abs(seen - empty) < 12 for seen, empty in zip(self.color(seconds, x, y), EMPTY_TILE, strict=True))

    def silences(self) -> list[tuple[float, float]]:
        """Begin and end of each silence of two seconds or more in the playable video."""
        detect = ("-af", "silencedetect=noise=-50dB:d=2", "-f", "null", "-")
        argv = ("ffmpeg", "-nostdin", "-i", str(self.folder / "playable"), *detect, "-loglevel", "info")
        text = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
        found = re.findall(r"silence_start: ([\d.]+).*?silence_end: ([\d.]+)", text, re.DOTALL)
        return [(float(begin), float(end)) for begin, end in found]


def made(tracks: Path, folder: Path, objects: ObjectStore, stopped_at: float) -> Outcome:
    """What the job makes of a recording that has stopped."""
    (folder / "work").mkdir(exist_ok=True)
    job = Job(str(tracks), str(folder / "work"), "e/r", threads=2, slots_folder=str(folder), slots=1)
    stop = folder / "stop.json"
    stop.write_text(json.dumps({"stopped_at": stopped_at, "roles": {}}))
    return render(job, objects, stop, Silent())


@pytest.fixture
def rendered(tmp_path: Path) -> Callable[..., Rendered]:
    def run(tracks: Path, stopped_after: float = 0.0) -> Rendered:
        begins = min(stretch.whole.begins_at for track in read_folder(tracks) for stretch in track.stretches)
        objects = MemoryObjectStore()
        outcome = made(tracks, tmp_path, objects, begins + stopped_after)
        (tmp_path / "files").mkdir()
        return Rendered(outcome, objects, tmp_path / "files")

    return run


def test_two_people_stand_side_by_side(rendered: Callable[..., Rendered]) -> None:
    video = rendered(FIXTURES / "two-people", 10.5)
    assert video.outcome.duration_seconds == pytest.approx(10.5, abs=0.1)
    assert video.measured("playable").codecs == ("h264", "aac")
    assert (video.outcome.width, video.outcome.height) == (1280, 480)
    assert sorted(video.measured("original").codecs) == ["opus", "opus", "vp8", "vp8"]
    assert not video.is_empty(5, 320)
    assert not video.is_empty(5, 960)
    with Image.open(video.folder / "poster") as poster:
        assert (poster.format, poster.size) == ("JPEG", (1280, 480))


def test_the_original_is_what_was_received(rendered: Callable[..., Rendered], tmp_path: Path) -> None:
    """Nothing encoded anew: the pictures' bytes in the original are those of the track."""
    video = rendered(FIXTURES / "two-people", 10.0)
    track = next(track for track in read_folder(FIXTURES / "two-people") if track.kind == "video")
    direct = tmp_path / "direct.webm"
    video.shop.run("janus-pp-rec", "-d", "2", track.path, str(direct))
    digests = [
        video.shop.run("ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:v:{0}", "-c", "copy", "-f", "md5", "-")
        for path in (direct, video.folder / "original")
    ]
    assert digests[0] == digests[1]


def test_gaps_are_shown_and_heard_as_gaps(rendered: Callable[..., Rendered]) -> None:
    video = rendered(FIXTURES / "three-stays", 46.0)
    assert video.outcome.duration_seconds == pytest.approx(46.0, abs=0.1)
    assert [video.is_empty(at, 320) for at in (1.5, 10, 21, 30, 43.5, 45.7)] == [False, True, False, True, False, True]
    assert all(video.is_empty(at, 960) for at in (1.5, 21, 43.5))
    first, second = video.silences()[:2]
    assert first == (pytest.approx(3.0, abs=0.3), pytest.approx(20.0, abs=0.5))
    assert second == (pytest.approx(22.6, abs=0.3), pytest.approx(42.4, abs=0.5))
    assert len(video.measured("original").codecs) == 6


def test_a_picture_that_pauses_is_an_empty_tile_while_the_sound_goes_on(
    rendered: Callable[..., Rendered], tmp_path: Path
) -> None:
    # given a clerk whose picture stops after four seconds and comes back at ten, within one track; the sound goes on
    tracks = tmp_path / "tracks"
    tracks.mkdir()
    stay = list(encoded_picture("blue", (640, 480), 4.0))
    shown = [(begins + at, begins + at, payload) for begins in (0.0, 10.0) for at, payload in stay]
    write_track(tracks, "clerk-1", "video", shown)
    write_track(tracks, "clerk-1", "audio", [(at, at, payload) for at, payload in encoded_sound("sine=440", 14.0)])

    # when it is rendered
    video = rendered(tracks, 14.0)

    # then nobody is shown meanwhile, the sound has no hole, and it is on record from when to when
    assert [video.is_empty(at, 320) for at in (3.5, 4.5, 7.0, 9.7, 10.5, 13.5)] == [False, True, True, True, False, False]
    assert video.silences() == []
    (unseen,) = [gap for gap in video.outcome.gaps if gap["slot"] == "clerk"]
    assert (unseen["reason"], unseen["begins"], unseen["ends"]) == (
        "no_picture",
        pytest.approx(4.0, abs=0.15),
        pytest.approx(10.0, abs=0.15),
    )


def test_what_a_killed_recorder_left_becomes_a_video(rendered: Callable[..., Rendered]) -> None:
    video = rendered(FIXTURES / "recorder-killed")
    longest = max(stretch.whole.ends_at for track in read_folder(FIXTURES / "recorder-killed") for stretch in track.stretches)
    begins = min(stretch.whole.begins_at for track in read_folder(FIXTURES / "recorder-killed") for stretch in track.stretches)
    assert video.outcome.duration_seconds == pytest.approx(longest - begins, abs=0.2)
    assert not video.is_empty(2, 320)
    assert not video.is_empty(2, 960)
    assert video.is_empty(5, 960)


def test_a_shared_screen_is_shown_large_with_the_face_beside_it(rendered: Callable[..., Rendered], tmp_path: Path) -> None:
    tracks = tmp_path / "tracks"
    shutil.copytree(FIXTURES / "two-people", tracks)
    holder = next(path for path in tracks.iterdir() if "holder" in path.name and "-video-" in path.name)
    holder.rename(tracks / holder.name.replace("holder-ed1dce", "clerk-8e537c-screen"))
    video = rendered(tracks)
    assert (video.outcome.width, video.outcome.height) == (1280, 480)
    assert not video.is_empty(5, 160, 120)  # the clerk, small, in the upper left
    assert video.is_empty(5, 160, 360)  # no holder below
    assert not video.is_empty(5, 800, 240)  # the screen, large


def test_pictures_that_change_their_size_keep_their_tile(rendered: Callable[..., Rendered], tmp_path: Path) -> None:
    """Browsers send smaller pictures when the network is slow, and larger ones later."""
    sizes = ((640, 480), (320, 240), (640, 360))
    packets = [
        (second + at, second + at, payload)
        for second, size in zip((0, 2, 4), sizes, strict=True)
        for at, payload in encoded_picture("red", size, seconds=2.0)
    ]
    tracks = tmp_path / "tracks"
    tracks.mkdir()
    write_track(tracks, "holder-1", "video", packets)
    video = rendered(tracks, 7.0)
    assert video.outcome.duration_seconds == pytest.approx(7.0, abs=0.1)
    for moment in (0.5, 1.8, 2.5, 3.8, 4.5, 5.8):
        red, green, _ = video.color(moment, 960, 240)
        assert (red > 200, green < 60) == (True, True), moment
    assert video.is_empty(6.7, 960)


@pytest.mark.parametrize(
    ("content", "reason"), [("missing", "tracks_missing"), ("empty", "no_media"), ("junk", "unreadable_track")]
)
def test_tracks_that_can_never_become_a_video_say_why(tmp_path: Path, content: str, reason: str) -> None:
    tracks = tmp_path / "tracks"
    if content != "missing":
        tracks.mkdir()
        write_track(tracks, "clerk-1", "video", [(0, 0, vp8())])
    if content == "junk":
        (tracks / "videoroom-room-user-clerk-2-1-video-0.mjr").write_bytes(b"not a track at all")
    with pytest.raises(CannotRender) as failed:
        made(tracks, tmp_path, MemoryObjectStore(), 0.0)
    assert failed.value.reason.startswith(reason)
    assert failed.value.lasting


def test_a_failing_tool_is_named_and_tried_again(tmp_path: Path) -> None:
    tracks = tmp_path / "tracks"
    tracks.mkdir()
    write_track(tracks, "clerk-1", "video", [(n / 10, n / 10, vp8(640, 480)) for n in range(10)])
    with pytest.raises(CannotRender) as failed:
        made(tracks, tmp_path, MemoryObjectStore(), 0.0)
    assert failed.value.reason.startswith("rendering_failed: ffmpeg")
    assert not failed.value.lasting


@pytest.mark.parametrize("pictures", [1, 2, 3])
@pytest.mark.parametrize("key_frame_at_last", [False, True])
def test_a_last_cell_of_few_pictures_is_made(tmp_path: Path, pictures: int, key_frame_at_last: bool) -> None:
    """Given a meeting whose last cell has a single picture or few, then it is as long as it should be."""
    begins = CELL_SECONDS * 15 if key_frame_at_last else CELL_SECONDS  # a key frame comes every ten seconds
    meeting = Meeting(tmp_path / "tracks")
    meeting.advance(begins + 0.02)
    meeting.close()
    whole = make_plan(read_folder(tmp_path / "tracks"), {}, meeting.begins_at)
    plan = replace(whole, duration=begins + pictures / FRAME_RATE)
    cell = CellFolder(tmp_path / "cells").make(plan, begins // CELL_SECONDS)
    (tmp_path / "cell.mp4").write_bytes(cell.initialisation.read_bytes() + cell.fragment.read_bytes())
    counting = ("ffprobe", "-v", "error", "-select_streams", "v", "-count_frames", "-show_entries", "stream=nb_read_frames")
    argv = (*counting, "-of", "csv=p=0", str(tmp_path / "cell.mp4"))
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip(",\n") == str(pictures)
