"""``--measure``: the service times, measured on a stack of its own and written into ``measured.json``."""

from __future__ import annotations

import contextlib
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import meetings, room
from bench.scale import operating_point
from bench.scale.driving import Driver, Used, phases, stories, whole
from bench.scale.figures import SERVICES
from bench.scale.pieces import append_seconds, handshake_seconds, object_seconds, stored_bytes
from deploy.local import stack
from deploy.local.configuration import load
from services.media.render import RESULT
from tests.faults.proxies import Proxies
from tests.faults.receiver import Receiver
from tests.faults.stores import Stores
from tests.faults.tap import Tap
from tests.faults.target import Target
from tests.support import engines

WARM = 3
"""Emissions before anything is measured."""
MEGABYTE = 1_000_000
SHORT, LONG = 1.0, 3.0
"""Minutes of the meetings whose difference gives what a minute costs."""
Say = Callable[[str], None]
Figures = dict[str, dict[str, Any]]


def measure_all(path: Path, count: int, say: Say) -> None:
    """Measure everything with so many emissions, and write the file."""
    begun = time.monotonic()
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="titular-scale-") as name:
        folder = Path(name)
        point = _of_the_stack(folder / "stack", count, figures, say)
        _of_pieces(folder, figures)
        say("meetings of one and three minutes")
        _of_media(folder / "media", figures)
        say("a recorded room at the SFU")
        per_core = room.measure(folder / "room").rooms_per_core
        _put(
            figures,
            "sfu.rooms_per_core",
            per_core,
            "rooms a core",
            "bench/room.py: a recorded room of two browsers, 15 s of Janus",
        )
    held = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor()}, {_processors()} shared cores, {platform.system()}, Python {platform.python_version()}",
        "command": f'make bench-scale ARGS="--measure {count}"',
        "took_seconds": round(time.monotonic() - begun),
        "operating_point": point,
        "figures": figures,
    }
    path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n")
    say(f"{len(figures)} figures in {path.name} after {held['took_seconds']} s")


def _of_the_stack(data: Path, count: int, figures: Figures, say: Say) -> dict[str, float]:
    with _running(data) as driver:
        say("the product is up")
        whole(driver, stories(1, WARM, "remote"), driver.clerk())
        driver.be_quiet()
        before = stored_bytes(driver)
        idle = driver.watch_idle()
        driver.idle = {name: used / idle.seconds for name, used in idle.cpu.items()}
        how = f"/proc and /metrics over {count} remote emissions, idling taken off"
        for kind, used in phases(driver, count, say).items():
            _put_used(figures, kind, used, how)
        driver.be_quiet()
        for name, size in stored_bytes(driver).items():
            grown = (size - before[name]) / count
            _put(figures, f"bytes.{name}", grown, "bytes an emission", f"what {count} emissions left, without videos")
        processor, wall = append_seconds(data / "append")
        _put(figures, "event_store.append", wall, "s", "300 single events appended to SQLite (WAL, FULL), one after the other")
        _put(figures, "event_store.append_cpu", processor, "processor s", "the same")
        cpu = object_seconds(driver)
        _put(figures, "objects.cpu_per_mb", cpu, "processor s a MB", "SeaweedFS: 8 objects of 8 MB stored, read once")
        say("the operating point")
        return operating_point.drive(driver)


def _of_pieces(folder: Path, figures: Figures) -> None:
    seconds = handshake_seconds(folder)
    _put(
        figures,
        "ingress.handshake",
        seconds,
        "processor s",
        "half of a TLS 1.3 handshake (P-256) with Python's ssl, both ends in one process",
    )


def _of_media(folder: Path, figures: Figures) -> None:
    found: dict[float, tuple[float, int, int]] = {}
    folder.mkdir()
    with engines.objects(folder) as store:
        env = {
            "TITULAR_OBJECTS_ENDPOINT": store.endpoint,
            "TITULAR_OBJECTS_ACCESS_KEY": store.access_key,
            "TITULAR_OBJECTS_SECRET_KEY": store.secret_key,
        }
        for minutes in (SHORT, LONG):
            (ended,) = meetings.hold(folder, env, minutes, 1, 0.0)
            (result,) = folder.glob(f"m{minutes:g}-*/{RESULT}")
            original = json.loads(result.read_text())["outcome"]["original"]["size"]
            found[minutes] = (ended.cpu, ended.size, original)
    how = f"bench/meetings.py: {LONG:g} minutes less {SHORT:g}, two people at 640×480"
    cpu, playable, original = ((late - early) / (LONG - SHORT) for early, late in zip(found[SHORT], found[LONG], strict=True))
    _put(figures, "media.cpu_per_minute", cpu, "processor s a minute", how)
    _put(
        figures,
        "media.cpu_fixed",
        max(0.0, found[SHORT][0] - cpu * SHORT),
        "processor s",
        "the same: what does not grow with length",
    )
    _put(figures, "media.playable_mb_per_minute", playable / MEGABYTE, "MB a minute", how)
    _put(figures, "media.original_mb_per_minute", original / MEGABYTE, "MB a minute", how)


def _put_used(figures: Figures, kind: str, used: Used, how: str) -> None:
    unit = "processor s a second for one open room" if kind == "look" else "processor s each"
    for program, seconds in used.cpu.items():
        if seconds > 0:
            _put(figures, f"cpu.{kind}.{program}", seconds, unit, how)
    if kind == "look":
        return
    _put(figures, f"requests.{kind}", used.requests, "requests each", how)
    for name in SERVICES:
        for what, counts in (("calls", used.calls), ("handled", used.handled), ("published", used.published)):
            if counts.get(name, 0.0) >= 0.01:
                _put(figures, f"{what}.{kind}.{name}", counts[name], "each", how)
    _put(figures, f"appends.{kind}", used.published.get("certification", 0.0), "events appended each", how)


def _put(figures: Figures, name: str, value: float, unit: str, how: str) -> None:
    figures[name] = {"value": float(f"{value:.4g}"), "unit": unit, "how": how}


@contextlib.contextmanager
def _running(data: Path) -> Iterator[Driver]:
    """The product as ``titular up`` starts it, but for its inbox, whose place a counting one takes."""
    data.mkdir(parents=True)
    configuration = load(data)
    receiver = Receiver(configuration.ports["smtp"])
    proxies = Proxies()
    programs = [program for program in stack.programs(configuration) if program.name != "inbox"]
    target = Target(configuration, programs, proxies, receiver)
    try:
        target.start()
        tap = Tap(configuration.broker_url)
        stores = Stores(target)
        try:
            yield Driver(target, tap, stores)
        finally:
            stores.close()
            tap.close()
    finally:
        target.stop()
        receiver.close()
        proxies.close()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _processors() -> int:
    return sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
