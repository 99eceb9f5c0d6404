"""Programs start in order, come back when they die, and end with everything they started."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from deploy.local.configuration import load
from deploy.local.process import Program, StartFailed
from deploy.local.supervisor import Supervisor

SERVES = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text('up'); print('hello', flush=True); time.sleep(60)"


def serving(name: str, folder: Path, *after: str) -> Program:
    mark = folder / name
    return Program(name, (sys.executable, "-c", SERVES, str(mark)), mark.exists, cwd=folder, after=after)


def supervising(folder: Path, *programs: Program) -> tuple[Supervisor, list[str], list[tuple[str, str]]]:
    news: list[str] = []
    lines: list[tuple[str, str]] = []
    supervisor = Supervisor(
        programs, lambda name: folder / f"{name}.log", lambda name, line: lines.append((name, line)), news.append
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
