"""No folder of tests is left out by the script that runs them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_folder_of_tests_is_run() -> None:
    script = (ROOT / "deploy" / "local" / "test.sh").read_text()
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert {folder for folder in folders if f"tests/{folder}" not in script} == set()
