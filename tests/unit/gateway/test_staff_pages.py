"""Operations and audit."""

from __future__ import annotations

import pytest

from contracts.certification import GET_HISTORY
from contracts.topology import SUBSCRIPTIONS
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

COMPLETED = samples.named_id("emission-completed")
QUEUE = SUBSCRIPTIONS[3].queue


def test_queues_point_at_what_lies_dead(gateway: SampleGateway) -> None:
    page = gateway.client("olga").get("/operacoes/filas").get_data(as_text=True)
    assert "1 evento não pôde ser tratado." in page
    assert f"/operacoes/filas/{QUEUE}" in page


def test_dead_letters_show_error_and_id_and_can_be_given_back(gateway: SampleGateway) -> None:
    client = gateway.client("olga")
    page = client.get(f"/operacoes/filas/{QUEUE}").get_data(as_text=True)
    assert "not_found: no room" in page
    assert samples.named_id("event") in page
    assert gateway.post(client, f"/operacoes/filas/{QUEUE}/devolver").headers["Location"] == "/operacoes/filas?devolvidas=1"


def test_a_queue_that_is_not_ours_is_not_found(gateway: SampleGateway) -> None:
    assert gateway.client("olga").get("/operacoes/filas/amq.something").status_code == 404


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
    assert gateway.caller.asked[-2].data["up_to"] == 2 or gateway.caller.asked[-1].data.get("up_to") == 2


def test_tampering_is_shown(gateway: SampleGateway) -> None:
    broken = {**samples.history(samples.emissions()["completed"]), "intact": False, "broken_at": 3}
    gateway.caller.answers[GET_HISTORY] = lambda _d, _a: broken
    page = gateway.client("davi").get(f"/auditoria/emissoes/{COMPLETED}").get_data(as_text=True)
    assert "O histórico foi adulterado." in page
    assert "se rompe na versão 3" in page
