"""The room at the SFU: how long from the click to media on disk, and how many rooms a processor core carries."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from contracts import conference as contract
from tests.support import engines
from tests.support.engines import Sfu
from tests.support.rooms import browser_in_rooms, enter, office, sfu_settings
from tests.support.services import environment
from tests.support.waiting import until

WATCHED_SECONDS = 15.0
RECORDINGS = 3
LOOK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Measured:
    """``durable``: seconds from asking for the recording until media bytes are on disk, of each recording."""

    durable: list[float]
    rooms_per_core: float


def measure(folder: Path) -> Measured:
    """Two-person rooms in real browsers, one after the other; the SFU's processor time is that of the last, recorded."""
    durable: list[float] = []
    with (
        engines.broker(folder) as broker,
        engines.documents(folder) as documents,
        engines.sfu(folder) as sfu,
        office(broker, environment(broker, documents) | sfu_settings(sfu), folder) as clerk,
        browser_in_rooms() as (browser, address),
    ):
        for _ in range(RECORDINGS):
            conference = clerk.opened()
            pages = [enter(browser, address, clerk.clerk_access(conference))]
            clerk.command(contract.START_CONFERENCE, conference)
            pages.append(enter(browser, address, clerk.holder_access(conference)))
            until(lambda room=conference: clerk.present(room) == {"clerk", "holder"}, what="both in the room")  # type: ignore[misc]
            begun = time.monotonic()
            clerk.command(contract.START_RECORDING, conference)
            _await_media(sfu, conference["conference_id"])
            durable.append(time.monotonic() - begun)
            used = _watched(_pid_of(folder / "sfu"))
            clerk.command(contract.END_CONFERENCE, conference)
            for page in pages:
                page.close()
    return Measured(durable, WATCHED_SECONDS / used if used else 0.0)


def _await_media(sfu: Sfu, room: str) -> None:
    """Until a track holds more than its header."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if any(path.stat().st_size > 512 for path in (sfu.recordings / room).glob("*.mjr*")):
                return
        time.sleep(LOOK_SECONDS)
    raise TimeoutError("no media on disk after 20 s")


def _watched(pid: int) -> float:
    """Processor seconds that a process takes while it is watched."""
    before = _processor_seconds(pid)
    time.sleep(WATCHED_SECONDS)
    return _processor_seconds(pid) - before


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _pid_of(folder: Path) -> int:
    """The SFU that was started with that folder."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if words[0].endswith(b"janus") and any(str(folder).encode() in word for word in words):
                return int(path.parent.name)
    raise LookupError("the SFU is not running")
