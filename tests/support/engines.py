"""The engines for integration tests: started once per run on free ports, stopped by process id at the end."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pika

from contracts.topology import RETRY_DELAYS_SECONDS, SUBSCRIPTIONS
from deploy.local import engines
from deploy.local.process import Program, free_ports, stop, wait_ready


@dataclass(frozen=True, slots=True)
class Broker:
    """A running RabbitMQ of our own."""

    url: str
    port: int


@dataclass(frozen=True, slots=True)
class Documents:
    """A running document store."""

    url: str


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running PostgreSQL; ``url`` names an empty database."""

    url: str


@dataclass(frozen=True, slots=True)
class Objects:
    """A running object store."""

    endpoint: str
    access_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Sfu:
    """A running Janus; ``recordings`` is where it writes track files."""

    http_url: str
    websocket_url: str
    keys: engines.SfuKeys
    recordings: Path


@dataclass(frozen=True, slots=True)
class Inbox:
    """A running inbox: ``web_url`` answers ``/api/email`` with what arrived."""

    smtp_port: int
    web_url: str


@contextlib.contextmanager
def running(program: Program, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is ready, stopped at the end."""
    log = folder / "log" / f"{program.name}.log"
    process = program.start(log)
    try:
        wait_ready(program, process, log)
        yield process
    finally:
        stop(process, program.stop_signal)


@contextlib.contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """RabbitMQ with a node, ports and data of its own."""
    port, distribution = free_ports(2)
    program = engines.rabbitmq(folder / "rabbitmq", port, distribution, f"titular-test-{secrets.token_hex(3)}")
    with running(program, folder):
        yield Broker(f"amqp://guest:guest@127.0.0.1:{port}/", port)


def forget_waiting_events(broker: Broker) -> None:
    """Delete the queues of every subscription, so that no test sees another's events."""
    connection = pika.BlockingConnection(pika.URLParameters(broker.url))
    try:
        channel = connection.channel()
        for subscription in SUBSCRIPTIONS:
            names = (subscription.queue, subscription.dead, *map(subscription.retry, RETRY_DELAYS_SECONDS))
            for name in names:
                channel.queue_delete(name)
    finally:
        connection.close()


@contextlib.contextmanager
def documents(folder: Path) -> Iterator[Documents]:
    """SecantusDB with data of its own."""
    (port,) = free_ports(1)
    with running(engines.documents(folder / "documents", port), folder):
        yield Documents(f"mongodb://127.0.0.1:{port}/?directConnection=true")


POSTGRES_PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def _accepts_connections(port: int) -> bool:
    """Its port is open before it has started."""
    asked = subprocess.run([str(POSTGRES_PROGRAMS / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
    return asked.returncode == 0


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """PostgreSQL from Debian with data of its own; it refuses to run as root, so root runs it as its own user."""
    (port,) = free_ports(1)
    data = Path(tempfile.mkdtemp(prefix="titular-postgres-"))
    as_user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(data, user.pw_uid, user.pw_gid)
        as_user = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    try:
        create = (*as_user, str(POSTGRES_PROGRAMS / "initdb"), "-D", str(data), "-U", "titular", "--auth=trust", "-E", "UTF8")
        subprocess.run(create, check=True, capture_output=True, cwd=data)
        options = (f"-p{port}", "-h127.0.0.1", f"-k{data}", "-cfsync=off")
        argv = (*as_user, str(POSTGRES_PROGRAMS / "postgres"), "-D", str(data), *options)
        with running(Program("postgres", argv, lambda: _accepts_connections(port), {}, data), folder):
            yield Postgres(f"postgresql://titular:none@127.0.0.1:{port}/postgres")
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def objects(folder: Path) -> Iterator[Objects]:
    """SeaweedFS with data of its own."""
    port = free_ports(14, consecutive=True)[0]
    keys = engines.ObjectKeys("test", secrets.token_hex(16), secrets.token_hex(16))
    with running(engines.objects(folder / "objects", port, keys), folder):
        yield Objects(f"127.0.0.1:{port + 3}", keys.access_key, keys.secret_key)


@contextlib.contextmanager
def sfu(folder: Path) -> Iterator[Sfu]:
    """Janus with ports of its own."""
    http, websocket = free_ports(2)
    keys = engines.SfuKeys(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(16))
    recordings = folder / "recordings"
    recordings.mkdir(parents=True, exist_ok=True)
    with running(engines.sfu(folder / "sfu", http, websocket, (20000, 20999), keys), folder):
        yield Sfu(f"http://127.0.0.1:{http}/janus", f"ws://127.0.0.1:{websocket}", keys, recordings)


@contextlib.contextmanager
def inbox(folder: Path) -> Iterator[Inbox]:
    """MailDev with ports of its own."""
    smtp, web = free_ports(2)
    with running(engines.inbox(folder / "inbox", smtp, web), folder):
        yield Inbox(smtp, f"http://127.0.0.1:{web}")
