"""Programs start in order, come back when they die, and end with everything they started."""

from __future__ import annotations

import os
import signal
import socket
import sys
from functools import partial
from pathlib import Path

import pytest

from deploy.local.configuration import load
from deploy.local.process import Program, StartFailed, answers_http, free_ports
from deploy.local.supervisor import Supervisor

SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('up'); print('hello', flush=True); time.sleep(60)"


def serving(name: str, folder: Path, *after: str) -> Program:
    mark = folder / name
    return Program(name, (sys.executable, "-c", SERVES, str(mark)), mark.exists, cwd=folder, after=after)


ANSWERS = """
import pathlib, sys, threading, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            for needed in sys.argv[2:]:
                urllib.request.urlopen(f"http://127.0.0.1:{needed}/", timeout=0.2)
            self.send_response(200)
        except OSError:
            self.send_response(503)
        self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""
PORTS: dict[str, int] = {}


def answering(name: str, folder: Path, *after: str) -> Program:
    """Ready while those answer that it needs."""
    (PORTS[name],) = free_ports(1)
    argv = (sys.executable, "-c", ANSWERS, str(PORTS[name]), *(str(PORTS[needed]) for needed in after))
    return Program(name, argv, partial(answers_http, f"http://127.0.0.1:{PORTS[name]}/"), cwd=folder, after=after)


def supervising(
    folder: Path, *programs: Program, hang_seconds: float = 30.0
) -> tuple[Supervisor, list[str], list[tuple[str, str]]]:
    news: list[str] = []
    lines: list[tuple[str, str]] = []
    supervisor = Supervisor(
        programs, lambda name: folder / f"{name}.log", lambda name, line: lines.append((name, line)), news.append, hang_seconds
    )
    return supervisor, news, lines


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_one_starts_after_what_it_needs_and_all_end(tmp_path: Path) -> None:
    supervisor, news, _ = supervising(tmp_path, serving("second", tmp_path, "first"), serving("first", tmp_path))
    supervisor.start()
    pids = supervisor.pids()
    assert [line.split()[0] for line in news] == ["first", "second"]
    supervisor.stop()
    assert not any(alive(pid) for pid in pids.values())
    assert (tmp_path / "first.log").read_text() == "hello\n"


def test_what_dies_is_started_again_and_it_is_said(tmp_path: Path) -> None:
    supervisor, news, _ = supervising(tmp_path, serving("one", tmp_path))
    supervisor.start()
    first = supervisor.pids()["one"]
    os.kill(first, signal.SIGKILL)
    supervisor.watch(lambda: supervisor.pids().get("one", first) != first)
    assert "one started again" in news
    assert any("status -9" in line for line in news)
    supervisor.stop()


def test_what_cannot_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    broken = Program("broken", (sys.executable, "-c", "raise SystemExit('no such setting')"), lambda: False, cwd=tmp_path)
    supervisor, _, _ = supervising(tmp_path, broken)
    with pytest.raises(StartFailed, match="broken ended with status 1"):
        supervisor.start()
    supervisor.stop()


def test_a_restart_finds_its_secrets_and_ports_again(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.secrets == second.secrets
    assert first.ports == second.ports
    assert (tmp_path / "stack.json").stat().st_mode & 0o077 == 0


def test_the_broker_keeps_its_name_where_its_port_is_taken(tmp_path: Path) -> None:
    first = load(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", first.ports["rabbitmq"]))
        second = load(tmp_path)
    assert second.ports["rabbitmq"] != first.ports["rabbitmq"]
    assert second.broker_node == first.broker_node


def test_what_dies_again_and_again_is_given_more_and_more_time(tmp_path: Path) -> None:
    one = serving("one", tmp_path)
    supervisor, news, _ = supervising(tmp_path, one)
    supervisor.start()
    seen = [supervisor.pids()["one"]]
    for _ in range(4):
        os.kill(seen[-1], signal.SIGKILL)
        supervisor.watch(lambda: supervisor.pids().get("one", seen[-1]) != seen[-1])
        seen.append(supervisor.pids()["one"])
    supervisor.stop()
    waits = [line.rpartition(" in ")[2] for line in news if "starting again" in line]
    assert waits == ["0.0 s", "0.0 s", "0.5 s", "1.0 s"]


def test_what_hangs_is_reported_and_started_again(tmp_path: Path) -> None:
    supervisor, news, _ = supervising(tmp_path, answering("one", tmp_path), hang_seconds=1.0)
    supervisor.start()
    first = supervisor.pids()["one"]
    os.kill(first, signal.SIGSTOP)
    supervisor.watch(lambda: "one is ready again" in news)
    assert supervisor.pids()["one"] != first
    assert any("one does not answer" in line for line in news)
    supervisor.stop()


def test_what_lacks_another_is_left_alone(tmp_path: Path) -> None:
    """It is not ready because what it needs is not: to start it again would help nobody."""
    needed, needing = answering("needed", tmp_path), answering("needing", tmp_path, "needed")
    supervisor, news, _ = supervising(tmp_path, needed, needing, hang_seconds=1.0)
    supervisor.start()
    first = supervisor.pids()
    os.kill(first["needed"], signal.SIGSTOP)
    supervisor.watch(lambda: "needing is ready again" in news)
    assert supervisor.pids()["needing"] == first["needing"]
    assert supervisor.pids()["needed"] != first["needed"]
    supervisor.stop()


def test_children_of_what_died_do_not_hold_its_place(tmp_path: Path) -> None:
    """A program that is a script around another: the script dies, the other would keep the port."""
    mark = tmp_path / "child"
    script = f"sleep 61 & echo $! > {mark}; wait"
    program = Program("script", ("sh", "-c", script), mark.exists, cwd=tmp_path)
    supervisor, _, _ = supervising(tmp_path, program)
    supervisor.start()
    child, first = int(mark.read_text()), supervisor.pids()["script"]
    os.kill(first, signal.SIGKILL)
    supervisor.watch(lambda: supervisor.pids().get("script", first) != first)
    assert not alive(child)
    supervisor.stop()
