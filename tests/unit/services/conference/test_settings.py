"""The settings of one and of several SFU instances."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chassis.settings import SettingsError, load
from services.conference.model.turn import Turn
from services.conference.settings import InstanceSettings, Settings

ENVIRONMENT = {
    "BROKER_URL": "amqp://",
    "DOCUMENTS_URL": "mongodb://",
    "SFU_URL": "http://sfu:8088/janus/",
    "SFU_API_SECRET": "a" * 16,
    "SFU_TOKEN_SECRET": "b" * 16,
    "SFU_ADMIN_KEY": "c" * 16,
    "SIGNALLING_URL": "wss://sfu",
    "RECORDINGS": "/var/recordings",
    "SECRET": "d" * 32,
}
SEVERAL = {
    "SFU_INSTANCES": "sfu-0, sfu-1",
    "SFU_URL": "http://{instance}.sfu:8088/janus",
    "TRACKS_URL": "http://{instance}.sfu:8090",
    "SIGNALLING_URL": "wss://titular.example/sfu/{instance}",
}


def read(monkeypatch: pytest.MonkeyPatch, **changed: str | None) -> Settings:
    for name in [name for name in os.environ if name.startswith("TITULAR_")]:
        monkeypatch.delenv(name)
    for name, value in {**ENVIRONMENT, **changed}.items():
        if value is not None:
            monkeypatch.setenv(f"TITULAR_{name}", value)
    return load(Settings.read)


def test_one_machine_has_one_nameless_instance_and_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch)
    assert settings.instances == {"": InstanceSettings("http://sfu:8088/janus", "wss://sfu", None)}
    assert settings.recordings == Path("/var/recordings")


def test_several_instances_have_addresses_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, **SEVERAL, RECORDINGS=None)
    assert settings.instances["sfu-1"] == InstanceSettings(
        "http://sfu-1.sfu:8088/janus", "wss://titular.example/sfu/sfu-1", "http://sfu-1.sfu:8090"
    )
    assert list(settings.instances) == ["sfu-0", "sfu-1"]
    assert settings.recordings == Path("/recordings")


def test_a_relay_is_used_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, TURN_SECRET="t" * 16).turn is None
    settings = read(monkeypatch, TURN_URLS="turn:turn.example, turns:turn.example", TURN_SECRET="t" * 16)
    assert settings.turn == Turn(("turn:turn.example", "turns:turn.example"), "t" * 16)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SFU_INSTANCES": "sfu-0,sfu-1"}, ["TITULAR_SFU_URL", "TITULAR_SIGNALLING_URL", "TITULAR_TRACKS_URL"]),
        ({**SEVERAL, "TRACKS_URL": "http://sfu:8090"}, ["TITULAR_TRACKS_URL"]),
        ({**SEVERAL, "SFU_INSTANCES": "sfu-0,sfu-0"}, ["TITULAR_SFU_INSTANCES"]),
        ({**SEVERAL, "SFU_INSTANCES": "sfu-0,"}, ["TITULAR_SFU_INSTANCES"]),
        ({**SEVERAL, "SFU_INSTANCES": "sfu-0,../x"}, ["TITULAR_SFU_INSTANCES"]),
        ({"RECORDINGS": None}, ["TITULAR_RECORDINGS"]),
        ({"TURN_URLS": "turn:turn.example"}, ["TITULAR_TURN_SECRET"]),
        ({"TURN_URLS": "https://turn.example", "TURN_SECRET": "t" * 16}, ["TITULAR_TURN_URLS"]),
        ({"RECORDINGS": None, "SFU_URL": None, "SECRET": "short"}, ["TITULAR_RECORDINGS", "TITULAR_SECRET", "TITULAR_SFU_URL"]),
    ],
)
def test_faults_are_named(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | None], named: list[str]) -> None:
    with pytest.raises(SettingsError) as fault:
        read(monkeypatch, **changed)
    assert [line.split(":")[0].strip() for line in str(fault.value).splitlines()[1:]] == named
