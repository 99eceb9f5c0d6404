"""One message lists every fault of the settings."""

from __future__ import annotations

import pytest

from chassis.logs import drop_personal
from chassis.settings import SettingsError, load
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


def test_logs_hold_no_personal_data() -> None:
    entry = drop_personal(None, "info", {"event": "x", "cpf": "52998224725", "token": "t", "emission_id": "e1"})
    assert entry == {"event": "x", "cpf": "[withheld]", "token": "[withheld]", "emission_id": "e1"}
