"""The way without cells: when the meeting has ended, convert each track and encode all in one go, at the same quality."""

from __future__ import annotations

import resource
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from services.media.tracks import read_folder
from tests.support.feeding import Meeting


@dataclass(frozen=True, slots=True)
class Encoded:
    """Seconds, processor seconds of one meeting (the mean of several at once) and bytes. ``ready``: until the last is."""

    minutes: float
    rooms: int
    ready: float
    cpu: float
    size: int


def encode(folder: Path, minutes: float, rooms: int) -> Encoded:
    """Meetings that ended at once, each encoded as a whole beside the others."""
    meetings = []
    for number in range(rooms):
        meeting = Meeting(folder / f"naive-{minutes:g}-{rooms}-{number}" / "tracks")
        meeting.advance(minutes * 60)
        meeting.close()
        meetings.append(folder / f"naive-{minutes:g}-{rooms}-{number}")
    before = _children_seconds()
    begun = time.monotonic()
    with ThreadPoolExecutor(rooms) as beside:
        videos = list(beside.map(_encode, meetings))
    ready, cpu = time.monotonic() - begun, (_children_seconds() - before) / rooms
    return Encoded(minutes, rooms, ready, cpu, videos[0].stat().st_size)


def _encode(folder: Path, threads: int = 2) -> Path:
    """janus-pp-rec for each track, then one ffmpeg: side by side, x264 veryfast at CRF 23, AAC at 96 kbit/s."""
    inputs: list[str] = []
    for track in sorted(read_folder(folder / "tracks"), key=lambda one: (one.kind != "video", one.participant_id)):
        converted = folder / f"{Path(track.path).stem}.{'webm' if track.kind == 'video' else 'opus'}"
        subprocess.run(("janus-pp-rec", "-d", "2", track.path, str(converted)), check=True, capture_output=True)
        inputs += ["-i", str(converted)]
    graph = "[0:v]fps=24[a];[1:v]fps=24[b];[a][b]hstack,format=yuv420p[v];[2:a][3:a]amix=normalize=0[s]"
    picture = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", str(threads))
    sound = ("-c:a", "aac", "-b:a", "96k", "-ac", "1", "-ar", "48000")
    target = folder / "naive.mp4"
    maps = ("-filter_complex", graph, "-map", "[v]", "-map", "[s]")
    argv = ("nice", "-n", "10", "ffmpeg", "-nostdin", "-y", "-v", "error", *inputs, *maps, *picture, *sound)
    subprocess.run((*argv, "-movflags", "+faststart", str(target)), check=True)
    return target


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
