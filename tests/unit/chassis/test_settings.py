"""One message lists every fault of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chassis.logs import drop_personal
from chassis.settings import ProcessSettings, SettingsError, load
from services.registry.settings import Settings


def test_every_fault_is_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROKER_URL", "DOCUMENTS_URL", "OBJECTS_ENDPOINT", "OBJECTS_ACCESS_KEY", "OBJECTS_SECRET_KEY"):
        monkeypatch.delenv(f"TITULAR_{name}", raising=False)
    monkeypatch.setenv("TITULAR_HEALTH_PORT", "many")
    monkeypatch.setenv("TITULAR_SECRET", "short")
    with pytest.raises(SettingsError) as fault:
        load(Settings.read)
    text = str(fault.value)
    for name in ("TITULAR_BROKER_URL", "TITULAR_HEALTH_PORT", "TITULAR_SECRET", "TITULAR_OBJECTS_ENDPOINT"):
        assert name in text


def test_a_setting_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    address = tmp_path / "broker"
    address.write_text("amqp://user: p w@broker/\n")
    monkeypatch.delenv("TITULAR_BROKER_URL", raising=False)
    monkeypatch.setenv("TITULAR_BROKER_URL_FILE", str(address))
    port = tmp_path / "port"
    port.write_text("8080\r\n")
    monkeypatch.delenv("TITULAR_HEALTH_PORT", raising=False)
    monkeypatch.setenv("TITULAR_HEALTH_PORT_FILE", str(port))
    settings = load(ProcessSettings.read)
    assert (settings.broker_url, settings.health_port) == ("amqp://user: p w@broker/", 8080)


def test_faults_of_files_are_listed_with_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    for name in ("BROKER_URL", "HEALTH_HOST", "HEALTH_PORT"):
        monkeypatch.delenv(f"TITULAR_{name}", raising=False)
    monkeypatch.setenv("TITULAR_BROKER_URL_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("TITULAR_HEALTH_HOST_FILE", str(tmp_path / "bytes"))
    monkeypatch.setenv("TITULAR_HEALTH_PORT", "many")
    monkeypatch.setenv("TITULAR_LOG_LEVEL", "INFO")
    monkeypatch.setenv("TITULAR_LOG_LEVEL_FILE", str(tmp_path / "bytes"))
    with pytest.raises(SettingsError) as fault:
        load(ProcessSettings.read)
    lines = {line.split(":")[0].strip(): line for line in str(fault.value).splitlines()[1:]}
    assert sorted(lines) == ["TITULAR_BROKER_URL", "TITULAR_HEALTH_HOST", "TITULAR_HEALTH_PORT", "TITULAR_LOG_LEVEL"]
    assert "TITULAR_BROKER_URL_FILE" in lines["TITULAR_BROKER_URL"]
    assert "No such file" in lines["TITULAR_BROKER_URL"]
    assert "TITULAR_LOG_LEVEL_FILE" in lines["TITULAR_LOG_LEVEL"]


def test_an_empty_name_of_a_file_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(env: Any) -> str:
        return str(env.str("LOG_LEVEL", "INFO"))

    monkeypatch.delenv("TITULAR_LOG_LEVEL", raising=False)
    monkeypatch.setenv("TITULAR_LOG_LEVEL_FILE", "")
    assert load(read) == "INFO"


def test_logs_hold_no_personal_data() -> None:
    entry = drop_personal(None, "info", {"event": "x", "cpf": "52998224725", "token": "t", "emission_id": "e1"})
    assert entry == {"event": "x", "cpf": "[withheld]", "token": "[withheld]", "emission_id": "e1"}
