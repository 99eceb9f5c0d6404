"""What a supervised process is: how it starts, and how one knows that it is ready."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.05
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Program:
    """A program to run. ``ready`` answers whether it serves; ``after`` names the programs that must be ready first."""

    name: str
    argv: tuple[str, ...]
    ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = ROOT
    after: tuple[str, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60.0

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own, output to ``log``."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            return self._start(output)

    def start_piped(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own, output to the caller."""
        return self._start(subprocess.PIPE)

    def _start(self, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        self.cwd.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            self.argv,
            cwd=self.cwd,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class StartFailed(Exception):
    """A program ended or did not become ready in time; the text says where its log is."""


def wait_ready(program: Program, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a started program serves; raises :class:`StartFailed`."""
    deadline = time.monotonic() + program.start_seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartFailed(f"{program.name} ended with status {process.returncode}; its log: {log}\n{tail(log)}")
        if program.ready():
            return
        time.sleep(POLL_SECONDS)
    raise StartFailed(f"{program.name} was not ready after {program.start_seconds:.0f} s; its log: {log}\n{tail(log)}")


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals = signal.SIGTERM, seconds: float = 15.0) -> None:
    """Ask a process to end, and end its whole group if it does not."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    try:
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived it, or itself
    except ProcessLookupError:
        return
    process.wait(5)


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def port_open(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0


def answers_http(url: str, *statuses: int) -> bool:
    """Whether a GET answers with one of the statuses (default 200)."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - our own loopback addresses
            return response.status in (statuses or (200,))
    except urllib.error.HTTPError as error:
        return error.code in statuses
    except OSError:
        return False


_handed_out: set[int] = set()


def free_ports(count: int, consecutive: bool = False) -> list[int]:
    """Ports that nobody uses now, below the ephemeral range so that no outgoing connection takes one meanwhile.

    A port is handed out once per process, so that two programs about to start never get the same.
    """
    found: list[int] = []
    start = 15000 + (os.getpid() * 37) % 5000
    for port in (*range(start, 20000), *range(21000, 32000)):
        if port in _handed_out or not bindable(port):
            if consecutive:
                found.clear()
            continue
        if consecutive and found and port != found[-1] + 1:
            found.clear()
        found.append(port)
        if len(found) == count:
            _handed_out.update(found)
            return found
    raise StartFailed("no free ports between 15000 and 32000")


def bindable(port: int) -> bool:
    """Whether a program of ours could listen there."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
