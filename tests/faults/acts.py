"""How each fault is brought about, and what must hold before the product counts as recovered."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pika

from contracts.topology import SUBSCRIPTIONS
from tests.faults.plan import ENGINES, Fault
from tests.faults.tap import Tap
from tests.faults.target import Target
from tests.support.waiting import until

RECOVERY_LIMIT_SECONDS = 120.0
LOOK_SECONDS = 0.1
AGAIN = 60
WORKER_SECONDS = 30.0
WORKERS = {"media worker": ("media", "services.media.render"), "term worker": ("certification", "services.certification.term")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """``recovery``: seconds from the fault's end until everything served again (None: not within the limit).

    ``last``: what came back last.
    """

    fault: Fault
    done: bool
    recovery: float | None
    note: str = ""
    begun: float = 0.0
    ended: float = 0.0
    last: tuple[str, ...] = ()


class Acts:
    """Brings faults about on a target."""

    def __init__(self, target: Target, tap: Tap) -> None:
        self._target = target
        self._tap = tap
        self.corrupted = 0

    def carry_out(self, fault: Fault) -> Outcome:
        """Bring one about, and wait until the product serves again."""
        act = {
            "kill": self._kill,
            "broker away": self._broker_away,
            "cut": self._cut,
            "slow store": self._slow,
            "disk full": self._fill,
            "corrupt": self._corrupt,
            "again and out of order": self._again,
            "clock back": self._turn_back,
        }[fault.kind]
        begun = time.monotonic()
        note = act(fault)
        if note:
            return Outcome(fault, False, 0.0, note)
        over = time.monotonic()
        last: list[str] = []
        while time.monotonic() - over < RECOVERY_LIMIT_SECONDS:
            missing = self._target.missing()
            now = time.monotonic()
            if not missing:
                return Outcome(fault, True, now - over, begun=begun, ended=now, last=tuple(last))
            last = missing
            time.sleep(LOOK_SECONDS)
        return Outcome(fault, True, None, begun=begun, ended=time.monotonic(), last=tuple(last))

    def _kill(self, fault: Fault) -> str:
        if fault.target in WORKERS:
            return self._kill_worker(*WORKERS[fault.target])
        pid = self._target.pids().get(fault.target)
        if pid is None:
            return "not running just then"
        with contextlib.suppress(ProcessLookupError):
            if fault.target in ENGINES:
                os.killpg(pid, signal.SIGKILL)
            else:
                os.kill(pid, signal.SIGKILL)
        # Recovery is counted from the kill, and the dead must be seen as dead first.
        until(lambda: self._target.pids().get(fault.target) != pid, what=f"the end of {fault.target}")
        return ""

    def _kill_worker(self, service: str, module: str) -> str:
        """A child of a service, awaited for a while: it may have nothing to do just then."""
        deadline = time.monotonic() + WORKER_SECONDS
        while time.monotonic() < deadline:
            parent = self._target.pids().get(service)
            for pid in _children(parent) if parent else ():
                if module in _command(pid):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        return ""
            time.sleep(LOOK_SECONDS)
        return "not running just then"

    def _broker_away(self, fault: Fault) -> str:
        pid = self._target.pids().get("rabbitmq")
        if pid is None:
            return "not running just then"
        # What cannot be reached is away, whether the process lives or not; it must not come back before its time.
        for wire in self._wires("broker"):
            self._target.proxies.reset(wire)
        os.killpg(pid, signal.SIGKILL)
        time.sleep(fault.seconds)
        for wire in self._wires("broker"):
            self._target.proxies.heal(wire)
        return ""

    def _wires(self, dependency: str) -> list[str]:
        return [name for name in self._target.proxies.wires if name.endswith(f"from {dependency}")]

    def _cut(self, fault: Fault) -> str:
        if fault.way == "silent":
            self._target.proxies.silence(fault.target)
        else:
            self._target.proxies.reset(fault.target)
        time.sleep(fault.seconds)
        self._target.proxies.heal(fault.target)
        return ""

    def _slow(self, fault: Fault) -> str:
        self._target.proxies.slow(fault.target, 2.0)
        time.sleep(fault.seconds)
        self._target.proxies.heal(fault.target)
        return ""

    def _fill(self, fault: Fault) -> str:
        folder = self._target.disk(fault.target)
        if not folder.is_mount():
            return "no small disk can be made here (needs root)"
        filler = folder / "filler"
        _fill(filler)
        try:
            time.sleep(fault.seconds)
        finally:
            filler.unlink()
        return ""

    def _corrupt(self, fault: Fault) -> str:
        """Bytes that are no event, into the queue of one of a service's consumers."""
        queue = next(one.queue for one in SUBSCRIPTIONS if one.service == fault.target)
        bodies = (b"\x00\xffnot JSON", b'{"specversion": "1.0", "type": "Half')
        with self._channel() as channel:
            for body in bodies:
                channel.basic_publish("", queue, body, pika.BasicProperties(content_type="application/json", delivery_mode=2))
        self.corrupted += len(bodies)
        return ""

    def _again(self, _fault: Fault) -> str:
        """The newest events once more, the last first."""
        events = self._tap.newest(AGAIN)
        with self._channel() as channel:
            for one in reversed(events):
                channel.basic_publish(one.exchange, one.routing_key, one.body, one.properties)
        return "" if events else "nothing had happened yet"

    def _turn_back(self, fault: Fault) -> str:
        clock = self._target.clock(fault.target)
        _write(clock, "-300")
        time.sleep(fault.seconds)
        _write(clock, "0")
        return ""

    @contextlib.contextmanager
    def _channel(self) -> Iterator[pika.channel.Channel]:
        connection = pika.BlockingConnection(pika.URLParameters(self._target.configuration.broker_url))
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
        finally:
            connection.close()


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def _fill(path: Path) -> None:
    """Until not a byte is left."""
    for size in (1 << 20, 1 << 12, 1):
        with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * size)


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, IndexError, ValueError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
