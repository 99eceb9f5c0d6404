"""Who was shown whose data is told once in half an hour, and no page fails or waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from contracts.certification import NOTE_DOCUMENT_LOOK
from contracts.errors import Unavailable
from contracts.registry import LIST_LOOKS, NOTE_LOOK
from gateway import looks
from gateway.security.references import References
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway, settings

REGISTRATION = f"/cadastros/{samples.OWN_REGISTRATION}"
PERSON = f"/pessoas/{References(settings().secret).refer(samples.CPF)}"
COMPLETED, STARTED = (samples.named_id(f"emission-{state}") for state in ("completed", "started"))


def noted(gateway: SampleGateway) -> list[tuple[str, str]]:
    """Purposes or kinds, with who looked."""
    told = [asked for asked in gateway.caller.asked if asked.operation in {NOTE_LOOK, NOTE_DOCUMENT_LOOK}]
    return [(asked.data.get("purpose") or asked.data["kind"], asked.actor.user_id) for asked in told]


@pytest.mark.parametrize(
    ("user_id", "path", "purpose"),
    [
        ("ana", PERSON, "search"),
        ("ana", REGISTRATION, "registration"),
        ("ana", f"{REGISTRATION}/editar", "registration"),
        ("ana", f"{REGISTRATION}/certificacao/remota", "registration"),
        ("ana", f"{REGISTRATION}/anexos/{samples.named_id('attachment')}", "attachment"),
        ("ana", f"/emissoes/{COMPLETED}", "emission"),
        ("alice", f"/emissoes/{STARTED}", "emission"),
        ("alice", f"/emissoes/{STARTED}/sala", "emission"),
        ("davi", f"/emissoes/{COMPLETED}/documentos/termo", "term"),
        ("ana", f"/emissoes/{COMPLETED}/documentos/certificado", "certificate"),
        ("davi", f"/emissoes/{COMPLETED}/documentos/cadeia", "chain"),
    ],
)
def test_a_look_is_told_once_however_often_the_page_is_opened(
    gateway: SampleGateway, user_id: str, path: str, purpose: str
) -> None:
    client = gateway.client(user_id)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert noted(gateway) == [(purpose, user_id)]


@pytest.mark.parametrize("path", [f"/emissoes/{STARTED}", f"/emissoes/{STARTED}/partes", f"/emissoes/{STARTED}/sala"])
def test_the_clerks_own_emission_under_way_is_work_and_no_look(gateway: SampleGateway, path: str) -> None:
    assert gateway.client("ana").get(path).status_code < 400
    assert noted(gateway) == []


def test_a_page_that_refreshes_itself_is_no_further_look(gateway: SampleGateway) -> None:
    assert gateway.client("alice").get(f"/emissoes/{COMPLETED}/partes").status_code == 200
    assert noted(gateway) == []


def test_a_page_that_is_refused_is_no_look(gateway: SampleGateway) -> None:
    client = gateway.client("rui")
    for path in (f"{REGISTRATION}/editar", f"/emissoes/{COMPLETED}", f"/emissoes/{COMPLETED}/documentos/termo"):
        assert client.get(path).status_code == 403
    assert noted(gateway) == []


def test_another_person_and_another_half_hour_are_other_looks(gateway: SampleGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 22, 12, 10, tzinfo=UTC)
    monkeypatch.setattr(looks, "now", lambda: moment)
    ana, alice = gateway.client("ana"), gateway.client("alice")
    ana.get(REGISTRATION)
    alice.get(REGISTRATION)
    moment += timedelta(minutes=15)
    ana.get(REGISTRATION)
    moment += timedelta(minutes=10)
    ana.get(REGISTRATION)
    assert noted(gateway) == [("registration", "ana"), ("registration", "alice"), ("registration", "ana")]
    first, _, third = (asked.command_id for asked in gateway.caller.asked if asked.operation is NOTE_LOOK)
    assert first != third


def test_a_look_that_cannot_be_noted_is_in_the_log_and_told_with_the_next_page(gateway: SampleGateway) -> None:
    client, answer = gateway.client("ana"), gateway.caller.answers[NOTE_LOOK]
    gateway.caller.answers[NOTE_LOOK] = Unavailable("away", reason="not_running")
    with capture_logs() as lines:
        assert client.get(REGISTRATION).status_code == 200
    said = [(line["log_level"], line["reason"]) for line in lines if line["event"] == "look not noted"]
    assert said == [("error", "not_running")]
    gateway.caller.answers[NOTE_LOOK] = answer
    client.get(REGISTRATION)
    assert noted(gateway) == [("registration", "ana"), ("registration", "ana")]


def test_an_auditor_sees_who_looked_at_the_data(gateway: SampleGateway) -> None:
    page = gateway.client("davi").get(f"/auditoria/emissoes/{COMPLETED}").text
    assert "cadastro aberto · rui (Escrevente, cartório office-2)" in page
    gateway.caller.answers[LIST_LOOKS] = Unavailable("away", reason="not_running")
    assert "Não dá para saber neste momento" in gateway.client("davi").get(f"/auditoria/emissoes/{COMPLETED}").text
