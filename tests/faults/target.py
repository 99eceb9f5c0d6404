"""The whole product under supervision, with wires to cut, small disks to fill and clocks to turn."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from cli.running import add_samples
from contracts.topology import SUBSCRIPTIONS
from deploy.local import stack
from deploy.local.configuration import Configuration, load
from deploy.local.process import Program
from deploy.local.supervisor import Supervisor
from tests.faults.proxies import Proxies
from tests.faults.receiver import Receiver

SMALL_DISKS = {"media": 96, "event store": 192}
"""Megabytes."""
TURNED_CLOCKS = ("certification", "media", "conference")
WIRED = ("registry", "certification", "conference", "media", "notify", "gateway")


class Target:
    """A running product. Its supervisor restarts what dies, as ``titular up`` does."""

    def __init__(self, configuration: Configuration, programs: list[Program], proxies: Proxies, receiver: Receiver) -> None:
        self.configuration = configuration
        self.proxies = proxies
        self.receiver = receiver
        self.programs = {program.name: program for program in programs}
        self.news: list[str] = []
        self._supervisor: Supervisor | None = None
        self._programs = programs
        self._stop = threading.Event()
        self._up = threading.Event()
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._supervise, name="supervisor")

    def start(self) -> None:
        """Start everything; processes belong to the thread that starts them, so one thread does all of it."""
        self._thread.start()
        while not self._up.wait(0.2):
            if self._trouble:
                raise self._trouble
        add_samples(self.configuration)

    def stop(self) -> None:
        """Stop everything."""
        self._stop.set()
        self._thread.join()

    def pids(self) -> dict[str, int]:
        """Process ids by program."""
        return self._supervisor.pids() if self._supervisor else {}

    def serves(self) -> bool:
        """Whether every program answers and every queue has its consumer."""
        return not self.missing()

    def missing(self) -> list[str]:
        """What does not serve just now: programs that do not answer, or else queues without a consumer."""
        return [program.name for program in self._programs if not program.ready()] or self._unconsumed()

    def disk(self, name: str) -> Path:
        """A small disk's folder."""
        return self.configuration.data / "small" / name.replace(" ", "-")

    def clock(self, service: str) -> Path:
        """The file that turns a service's clock."""
        return self.configuration.data / "clocks" / service

    def _unconsumed(self) -> list[str]:
        try:
            connection = pika.BlockingConnection(pika.URLParameters(self.configuration.broker_url))
        except (AMQPError, OSError):
            return ["the broker"]
        try:
            channel = connection.channel()
            queues = [subscription.queue for subscription in SUBSCRIPTIONS]
            return [queue for queue in queues if not channel.queue_declare(queue, passive=True).method.consumer_count]
        except AMQPError:
            return ["the broker's queues"]
        finally:
            with contextlib.suppress(AMQPError):
                connection.close()

    def _supervise(self) -> None:
        self._supervisor = Supervisor(self._programs, self.configuration.log, lambda _name, _line: None, self.news.append)
        try:
            self._supervisor.start()
            self._up.set()
            self._supervisor.watch(self._stop.is_set)
        except BaseException as error:  # told by start()
            self._trouble = error
        finally:
            self._supervisor.stop()


@contextlib.contextmanager
def running(data: Path) -> Iterator[Target]:
    """The product on a folder of its own, until the end of the block."""
    configuration = load(data)
    proxies = Proxies()
    receiver = Receiver(configuration.ports["smtp"])
    with _small_disks(data) as disks:
        programs = [
            _changed(program, configuration, proxies, disks)
            for program in stack.programs(configuration)
            if program.name not in {"inbox", "streams"}
        ]
        target = Target(configuration, programs, proxies, receiver)
        try:
            target.start()
            yield target
        finally:
            target.stop()
            receiver.close()
            proxies.close()


def _changed(program: Program, configuration: Configuration, proxies: Proxies, disks: Mapping[str, Path]) -> Program:
    """A program of ours reaches its dependencies by wires of its own, works on a small disk, and has a clock to be turned."""
    if program.name not in WIRED:
        return program
    ports = configuration.ports
    broker = proxies.add(f"{program.name} from broker", ports["rabbitmq"])
    documents = proxies.add(f"{program.name} from documents", ports["documents"])
    objects = proxies.add(f"{program.name} from objects", ports["objects"] + 3)
    env = {
        **program.env,
        "TITULAR_BROKER_URL": f"amqp://guest:guest@127.0.0.1:{broker}/",
        "TITULAR_DOCUMENTS_URL": f"mongodb://127.0.0.1:{documents}/?directConnection=true",
        "TITULAR_OBJECTS_ENDPOINT": f"127.0.0.1:{objects}",
        "TITULAR_LOG_LEVEL": "INFO",
        "TITULAR_UPLOADS_KEPT_MINUTES": "2",
    }
    if "media" in disks:
        env["TITULAR_MEDIA_WORK"] = str(disks["media"])
    if "event store" in disks and program.name == "certification":
        env["TITULAR_EVENT_STORE_URL"] = f"sqlite:///{disks['event store'] / 'events.sqlite'}"
    return replace(program, argv=_with_clock(program, configuration), env=env)


def _with_clock(program: Program, configuration: Configuration) -> tuple[str, ...]:
    if program.name not in TURNED_CLOCKS:
        return program.argv
    clock = configuration.data / "clocks" / program.name
    clock.parent.mkdir(parents=True, exist_ok=True)
    clock.write_text("0")
    python, _, module = program.argv
    return (python, "-m", "tests.faults.turned_clock", str(clock), module)


def event_store_url(target: Target) -> str:
    """Where the histories lie."""
    return str(target.programs["certification"].env["TITULAR_EVENT_STORE_URL"])


def may_mount() -> bool:
    """Whether small disks can be made here: that needs a mount, hence root."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


@contextlib.contextmanager
def _small_disks(data: Path) -> Iterator[dict[str, Path]]:
    mounted: dict[str, Path] = {}
    try:
        if may_mount():
            for name, megabytes in SMALL_DISKS.items():
                folder = data / "small" / name.replace(" ", "-")
                folder.mkdir(parents=True, exist_ok=True)
                argv = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
                if subprocess.run(argv, check=False, capture_output=True).returncode == 0:
                    mounted[name] = folder
        yield mounted
    finally:
        for folder in mounted.values():
            _unmount(folder)


def _unmount(folder: Path) -> None:
    """What a program just ended may hold the disk for a moment."""
    deadline = time.monotonic() + 10
    while subprocess.run(("umount", str(folder)), check=False, capture_output=True).returncode:
        if time.monotonic() > deadline:
            subprocess.run(("umount", "-l", str(folder)), check=True)
            return
        time.sleep(0.2)
