"""A stack's processes stand still together, and always go on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.freeze import FreezeFailed, frozen, marks, processes, stopped
from deploy.local.process import ROOT
from tests.support.waiting import until

pytestmark = pytest.mark.integration
COUNTING = "import sys, time, threading\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ntime.sleep(60)"
FREEZING = (
    "import sys, pathlib, time\nfrom deploy.local.freeze import frozen\n"
    "with frozen(pathlib.Path(sys.argv[1])):\n    print(flush=True)\n    time.sleep(60)"
)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Three programs that bear the stack's mark, in sessions of their own, one with a child."""
    child = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {COUNTING!r}])"
    started = [
        subprocess.Popen([sys.executable, "-c", code], env={"PATH": "/usr/bin:/bin", **marks(tmp_path)}, start_new_session=True)
        for code in (COUNTING, COUNTING, child)
    ]
    until(lambda: len(processes(tmp_path)) == 4, what="the programs' start")
    yield started
    for pid in processes(tmp_path):
        subprocess.run(["kill", "-KILL", str(pid)], check=False)
    for one in started:
        one.wait(10)


def still(pids: list[int]) -> bool:
    return all(stopped(pid) for pid in pids)


def test_all_stand_still_and_go_on(tmp_path: Path, programs: list[subprocess.Popen[bytes]]) -> None:
    pids = list(processes(tmp_path))
    with frozen(tmp_path) as held:
        assert held.pids == set(pids)
        assert still(pids)

        # a program that is started meanwhile is stopped as well, and told
        late = subprocess.Popen([sys.executable, "-c", COUNTING], env=marks(tmp_path))
        until(lambda: late.pid in processes(tmp_path), what="the late program")
        assert held.stop_all() == 1
    assert not any(stopped(pid) for pid in (*pids, late.pid))
    late.kill()
    late.wait()


def test_a_killed_freezer_leaves_the_stack_running(tmp_path: Path, programs: list[subprocess.Popen[bytes]]) -> None:
    pids = list(processes(tmp_path))
    freezer = subprocess.Popen([sys.executable, "-c", FREEZING, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert freezer.stdout is not None
    freezer.stdout.readline()
    assert still(pids)
    freezer.kill()
    freezer.wait()
    until(lambda: not any(stopped(pid) for pid in pids), 5, "going on")


def test_no_freeze_lasts_longer_than_its_limit(tmp_path: Path, programs: list[subprocess.Popen[bytes]]) -> None:
    pids = list(processes(tmp_path))
    with frozen(tmp_path, limit=0.3) as held:
        until(lambda: not any(stopped(pid) for pid in pids), 5, "going on")
        with pytest.raises(FreezeFailed, match="too long"):
            until(held.check, 5, "the notice")
