"""Secrets of a compose installation: made once, kept, handed out by part."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.deploy.test_compose import ROOT, secrets

__all__ = ["secrets"]


def test_they_are_made_once_and_kept(secrets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = secrets.keep(path)
    assert set(first) == set(secrets.NAMES)
    assert len(set(first.values())) == len(first)
    assert min(map(len, first.values())) >= 48
    assert secrets.keep(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_one_that_a_newer_version_needs_is_added(secrets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    older = secrets.keep(path)
    path.write_text(json.dumps({name: value for name, value in older.items() if name != "turn_secret"}))
    newer = secrets.keep(path)
    assert {name: value for name, value in newer.items() if older[name] != value}.keys() == {"turn_secret"}


def test_a_part_gets_what_it_needs_and_nothing_else(secrets: ModuleType) -> None:
    kept = {name: f"value of {name}" for name in secrets.NAMES}
    files = secrets.files(kept, {})
    assert "event_store_url" in files["certification"]
    assert [part for part in files if "event_store_url" in files[part]] == ["certification"]
    assert "secret" not in files["media"]
    assert kept["authority_password"] not in json.dumps({part: files[part] for part in files if part != "certification"})


def test_addresses_can_be_given_from_outside(secrets: ModuleType) -> None:
    kept = {name: name for name in secrets.NAMES}
    files = secrets.files(kept, {"DOCUMENTS_URL": "mongodb://elsewhere/"})
    assert files["registry"]["documents_url"] == "mongodb://elsewhere/"
    assert files["registry"]["broker_url"] == "amqp://titular:broker_password@rabbitmq:5672/"


@pytest.mark.parametrize(("address", "peers"), [("", ["172.30.77.10"]), ("203.0.113.9", ["172.30.77.10", "203.0.113.9"])])
def test_turn_relays_to_the_room_and_to_nobody_else(secrets: ModuleType, address: str, peers: list[str]) -> None:
    kept = {name: name for name in secrets.NAMES}
    text = secrets.turn_configuration(kept, {"TITULAR_SFU_ADDRESS": address, "SFU_INTERNAL_ADDRESS": "172.30.77.10"})
    lines = text.splitlines()
    assert [line.partition("=")[2] for line in lines if line.startswith("allowed-peer-ip")] == peers
    assert "denied-peer-ip=0.0.0.0-255.255.255.255" in lines
    assert ("external-ip=203.0.113.9" in lines) == bool(address)


def test_files_are_readable_within_the_parts_volume_and_replaced_whole(secrets: ModuleType, tmp_path: Path) -> None:
    secrets.write(tmp_path / "registry", {"secret": "one"})
    secrets.write(tmp_path / "registry", {"secret": "two"})
    (only,) = (tmp_path / "registry").iterdir()
    assert (only.name, only.read_text(), stat.S_IMODE(only.stat().st_mode)) == ("secret", "two", 0o444)


@pytest.mark.skipif(os.geteuid() != 0, reason="it runs as root, to give a file to another user")
def test_the_program_fills_every_volume_and_says_nothing(tmp_path: Path) -> None:
    program = ROOT / "deploy" / "compose" / "make_secrets.py"
    (tmp_path / "kept").mkdir()
    env = {"SECRETS_FOLDER": str(tmp_path), "PATH": os.environ["PATH"]}
    for _ in range(2):
        done = subprocess.run((sys.executable, str(program)), env=env, capture_output=True, text=True, check=True)
        assert done.stdout == done.stderr == ""
    assert {path.name for path in tmp_path.iterdir()} >= {"kept", "registry", "certification", "rabbitmq", "documents"}
    key = (tmp_path / "documents" / "key").stat()
    assert (key.st_uid, stat.S_IMODE(key.st_mode)) == (999, 0o400)
