"""The images' build: others' rules, and those of the house."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "deploy" / "images"
HADOLINT = ROOT / ".checks" / "bin" / "hadolint"
FINAL = ("registry", "certification", "conference", "media", "notify", "gateway", "sfu")


def stages() -> dict[str, tuple[str, str]]:
    """Of each stage by name: what it stands on, and its text."""
    text = (IMAGES / "Dockerfile").read_text()
    parts = re.split(r"^FROM (\S+) AS (\S+)$", text, flags=re.MULTILINE)[1:]
    return {name: (base, body) for base, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)}


def lint(path: Path) -> subprocess.CompletedProcess[str]:
    argv = (str(HADOLINT), "--no-color", "--config", str(IMAGES / "hadolint.yaml"), str(path))
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_hadolint_has_nothing_to_say() -> None:
    done = lint(IMAGES / "Dockerfile")
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_would_say_so(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text("FROM debian:latest\nRUN cd /tmp && apt-get install -y curl\n")
    assert lint(path).returncode != 0


@pytest.mark.parametrize("name", FINAL)
def test_an_image_runs_without_rights_and_says_what_it_is(name: str) -> None:
    body = stages()[name][1]
    users = re.findall(r"^USER (\S+)$", body, re.MULTILINE)
    assert users == ["10001:10001"]
    assert f'org.opencontainers.image.title="titular/{name}"' in body
    assert re.search(r"^CMD \[", body, re.MULTILINE)
    assert "HEALTHCHECK" in body or "HEALTHCHECK" in stages()["part"][1]


@pytest.mark.parametrize("name", FINAL)
def test_no_tools_for_building_come_along(name: str) -> None:
    found = stages()
    bases = []
    stage = name
    while stage in found:
        bases.append(stage)
        stage = found[stage][0]
    text = "".join(found[stage][1] for stage in bases)
    for tool in ("pip", "gcc", "build-essential", "nodejs", "binutils", "git", "python3-venv"):
        assert not re.search(rf"\b{tool}\b", text), tool


def test_each_part_takes_its_own_code_alone() -> None:
    for name in ("registry", "certification", "conference", "media", "notify"):
        copied = re.findall(r"^COPY (services/\S+)", stages()[name][1], re.MULTILINE)
        assert copied == [f"services/{name}"]
    assert "services/" not in stages()["gateway"][1]


def test_what_is_sent_to_the_build_holds_no_secrets_and_no_data() -> None:
    rules = (ROOT / ".dockerignore").read_text().split()
    assert rules[0] == "*"
    taken = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert taken == {"contracts", "chassis", "services", "gateway", "requirements", "deploy/images", "deploy/sfu"}
