"""A meeting without browsers: guests who are really in the room, and recorded tracks that grow as the recorder's would."""

from __future__ import annotations

import json
import secrets
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import requests

from tests.support.tracks import FIXTURES

SOURCE = FIXTURES / "two-people"
PREAMBLE = struct.Struct(">8sH")
FRAME = struct.Struct(">4sIH")
STEP_SECONDS = 0.2
KEEP_ALIVE_SECONDS = 20


class Guest:
    """Somebody in the room at the SFU, by what the conference gave the browser; sends no media."""

    def __init__(self, sfu_url: str, access: Mapping[str, Any]) -> None:
        self._url = sfu_url
        self._access = access
        self._path = ""

    def enter(self) -> None:
        """Join; raises :class:`requests.RequestException` or :class:`KeyError` where the SFU does not answer or refuses."""
        session = f"/{self._post('', janus='create')['data']['id']}"
        self._path = f"{session}/{self._post(session, janus='attach', plugin='janus.plugin.videoroom')['data']['id']}"
        body = {
            "request": "join",
            "ptype": "publisher",
            "room": self._access["room"],
            "id": self._access["participant_id"],
            "token": self._access["room_token"],
        }
        self._post(self._path, janus="message", body=body)

    def _post(self, path: str, **message: Any) -> dict[str, Any]:
        message |= {"transaction": secrets.token_hex(6), "token": self._access["gateway_token"]}
        answer: dict[str, Any] = requests.post(self._url + path, json=message, timeout=5).json()
        return answer


@dataclass
class Track:
    """One growing track file."""

    path: Path
    frames: Iterator[tuple[int, bytes]]
    file: BinaryIO
    next_frame: tuple[int, bytes] | None
    written: int = 0


@dataclass
class Recording:
    """Recorded tracks of two people, written once more at the pace at which they were recorded."""

    folder: Path
    clerk_id: str
    holder_id: str
    tracks: list[Track] = field(default_factory=list)
    begun: float = 0.0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """The recorder begins."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.begun = time.time()
        for source in sorted(SOURCE.glob("*.mjr")):
            self.tracks.append(self._open(source))
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, int]:
        """The recorder closes its files; returns how many packets each kind of track holds."""
        self._stopped.set()
        if self._thread:
            self._thread.join()
        packets: dict[str, int] = {"audio": 0, "video": 0}
        for track in self.tracks:
            track.file.close()
            packets["audio" if "-audio-" in track.path.name else "video"] += track.written
            track.path.rename(track.path.with_suffix(""))
        return packets

    @property
    def seconds(self) -> float:
        """How long it has been recording."""
        return time.time() - self.begun

    def _open(self, source: Path) -> Track:
        kind = "audio" if "-audio-" in source.name else "video"
        participant = self.clerk_id if "-user-clerk-" in source.name else self.holder_id
        begun = int(self.begun * 1e6)
        path = self.folder / f"videoroom-{self.folder.name}-user-{participant}-{begun}-{kind}-0.mjr.tmp"
        content = source.read_bytes()
        magic, length = PREAMBLE.unpack_from(content)
        header = json.loads(content[PREAMBLE.size : PREAMBLE.size + length]) | {"s": begun, "u": begun}
        described = json.dumps(header).encode()
        file = path.open("wb", buffering=0)
        file.write(PREAMBLE.pack(magic, len(described)) + described)
        frames = _frames(content, PREAMBLE.size + length)
        return Track(path, frames, file, next(frames, None))

    def _write(self) -> None:
        while not self._stopped.wait(STEP_SECONDS):
            now = self.seconds * 1000
            for track in self.tracks:
                while track.next_frame and track.next_frame[0] <= now:
                    track.file.write(track.next_frame[1])
                    track.written += 1
                    track.next_frame = next(track.frames, None)


def _frames(content: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Packets with their arrival in milliseconds after the first of the track."""
    first: int | None = None
    while position + FRAME.size <= len(content):
        magic, milliseconds, length = FRAME.unpack_from(content, position)
        first = milliseconds if first is None else first
        end = position + FRAME.size + length
        since = milliseconds - first
        yield since, FRAME.pack(magic, since, length) + content[position + FRAME.size : end]
        position = end
