"""Audit, and what the office sees of an end that it did not bring about."""

from __future__ import annotations

import pytest

from contracts.actor import Actor
from contracts.certification import GET_EMISSION, GET_HISTORY
from contracts.gateway import HOLDER_SESSION_REFUSED
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

COMPLETED = samples.named_id("emission-completed")


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        (COMPLETED, f"/auditoria/emissoes/{COMPLETED}"),
        ("529.982.247-25", "/auditoria/pessoas/"),
        ("000123.2026.11.20.00000042-17", "/auditoria/emissoes/"),
    ],
)
def test_an_auditor_finds_by_id_cpf_and_protocol(gateway: SampleGateway, typed: str, start: str) -> None:
    client = gateway.client("davi")
    answer = gateway.post(client, "/auditoria/buscar", {"query": typed})
    assert answer.headers["Location"].startswith(start)
    assert "52998224725" not in answer.headers["Location"]
    assert client.get(answer.headers["Location"]).status_code == 200


def test_nothing_typed_is_said_at_the_field(gateway: SampleGateway) -> None:
    answer = gateway.post(gateway.client("davi"), "/auditoria/buscar", {"query": " "})
    assert answer.status_code == 422
    assert "Preencha este campo." in answer.get_data(as_text=True)


def test_the_timeline_shows_actor_cause_and_hash_and_replays(gateway: SampleGateway) -> None:
    client = gateway.client("davi")
    page = client.get(f"/auditoria/emissoes/{COMPLETED}").get_data(as_text=True)
    assert "O histórico está íntegro." in page
    assert "Ana Lima (Escrevente) · 203.0.113.7" in page
    assert samples.named_id("cause-2") in page
    assert "02" * 32 in page
    client.get(f"/auditoria/emissoes/{COMPLETED}?ate=2")
    assert [asked.data["up_to"] for asked in gateway.caller.asked if asked.operation is GET_HISTORY][-1] == 2


def test_tampering_is_shown(gateway: SampleGateway) -> None:
    broken = {**samples.history(samples.emissions()["completed"]), "intact": False, "broken_at": 3}
    gateway.caller.answers[GET_HISTORY] = lambda _d, _a: broken
    page = gateway.client("davi").get(f"/auditoria/emissoes/{COMPLETED}").get_data(as_text=True)
    assert "O histórico foi adulterado." in page
    assert "se rompe na versão 3" in page


def test_an_auditor_sees_that_a_holders_session_was_tried_elsewhere(gateway: SampleGateway) -> None:
    path = f"/auditoria/emissoes/{COMPLETED}"
    said = "A sessão do titular foi tentada em outro navegador, e recusada."
    client = gateway.client("davi")
    assert said not in client.get(path).text
    thief = Actor("holder", "holder", address="198.51.100.9")
    for _ in range(2):
        gateway.ledger.record(HOLDER_SESSION_REFUSED, {"what": "holder.sign_term"}, thief, emission_id=COMPLETED)
    page = client.get(path).text
    assert said in page
    assert "Tentativas: 2." in page
    assert "198.51.100.9" in page


@pytest.mark.parametrize("by_holder", [True, False])
def test_the_office_and_the_auditor_see_when_the_holder_revoked(gateway: SampleGateway, by_holder: bool) -> None:
    ended = {"revoked_at": samples.NOW, "revocation_reason": "key_compromise", "revoked_by_holder": by_holder}
    revoked = {**samples.emissions()["revoked"], "certificate": samples.certificate(status="revoked", **ended)}
    gateway.caller.answers[GET_EMISSION] = lambda _d, _a: revoked
    gateway.caller.answers[GET_HISTORY] = lambda _d, _a: samples.history(revoked)
    office = gateway.client("ana").get(f"/emissoes/{revoked['emission_id']}").text
    audit = gateway.client("davi").get(f"/auditoria/emissoes/{revoked['emission_id']}").text
    assert ("O titular revogou em 20/11/2026 às 11:30, com assinatura" in office) is by_holder
    assert ("o titular, com assinatura da própria chave" in audit) is by_holder
