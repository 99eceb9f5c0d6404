"""Names of workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys, time
from pathlib import Path
from chassis.worker_name import exclusive_name
print(exclusive_name(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


def worker(folder: Path) -> subprocess.Popen[str]:
    argv = (sys.executable, "-W", "ignore", "-c", SCRIPT, str(folder))
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_two_living_workers_differ_and_a_dead_ones_name_goes_to_its_successor(tmp_path: Path) -> None:
    # given two workers on one folder
    first, second = worker(tmp_path), worker(tmp_path)
    names = {name_of(first), name_of(second)}
    assert len(names) == 2
    # when one is killed
    first.kill()
    first.wait()
    # then the next gets its name, and no other
    third = worker(tmp_path)
    assert {name_of(second_or_third) for second_or_third in (third,)} <= names
    for process in (second, third):
        process.kill()
        process.wait()
        assert process.stdin
        assert process.stdout
        process.stdin.close()
        process.stdout.close()
