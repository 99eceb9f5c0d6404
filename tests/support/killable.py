"""Programs that a test kills, stops for a while and starts again."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.local import engines
from deploy.local.process import Program, free_ports, stop, wait_ready
from tests.support.engines import Broker


class Killable:
    """One program; started at once and ready."""

    def __init__(self, program: Program, folder: Path) -> None:
        self._program = program
        self._log = folder / "log" / f"{program.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        self.begin()
        assert self._process
        wait_ready(self._program, self._process, self._log)

    def begin(self) -> None:
        """Start it without waiting."""
        self._process = self._program.start(self._log)

    def kill(self) -> None:
        """End it and its children without a chance to say goodbye."""
        assert self._process
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """Stop it, if it runs."""
        if self._process:
            stop(self._process)


@contextlib.contextmanager
def killable(program: Program, folder: Path) -> Iterator[Killable]:
    """Started at the beginning of the block, ended with it."""
    one = Killable(program, folder)
    try:
        one.start()
        yield one
    finally:
        one.end()


@contextlib.contextmanager
def killable_broker(folder: Path) -> Iterator[tuple[Broker, Killable]]:
    """A broker of the test's own."""
    port, distribution = free_ports(2)
    program = engines.rabbitmq(folder / "rabbitmq", port, distribution, f"titular-test-{secrets.token_hex(3)}")
    with killable(program, folder) as one:
        yield Broker(f"amqp://guest:guest@127.0.0.1:{port}/", port), one
