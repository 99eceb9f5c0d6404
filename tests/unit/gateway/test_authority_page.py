"""The authority's page: who sees it, what it warns of, the journal and its table, any office's certificate and its end."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest

from contracts.actor import Actor
from contracts.certification import (
    FIND_CERTIFICATE,
    GET_AUTHORITY_STATE,
    GET_HISTORY,
    LIST_KEY_USES,
    REVOKE_CERTIFICATE,
)
from contracts.errors import IllegalStep, Unavailable
from gateway.authority.pages import SHOWN
from gateway.authority.table import line
from tests.support import authority_samples
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

COMPLETED = samples.named_id("emission-completed")
CERTIFICATE = f"/autoridade/certificados/{COMPLETED}"


def page(gateway: SampleGateway, path: str = "/autoridade/", user_id: str = "ada") -> str:
    return gateway.client(user_id).get(path).get_data(as_text=True)


@pytest.mark.parametrize(("user_id", "status"), [("ada", 200), ("davi", 200), ("ana", 403), ("olga", 403), ("alice", 403)])
def test_the_administrator_of_the_authority_and_auditors_see_it(gateway: SampleGateway, user_id: str, status: int) -> None:
    client = gateway.client(user_id)
    for path in ("/autoridade/", "/autoridade/usos.csv", "/autoridade/certificados", CERTIFICATE):
        assert client.get(path).status_code == status
    assert ("/autoridade/" in client.get("/ajuda/procedimento").get_data(as_text=True)) == (status == 200)


def test_the_administrator_of_the_authority_begins_there_and_sees_no_offices_pages(gateway: SampleGateway) -> None:
    client = gateway.client("ada")
    assert client.get("/").headers["Location"] == "/autoridade/"
    for path in ("/auditoria/", "/operacoes/", f"/emissoes/{COMPLETED}"):
        assert client.get(path).status_code == 403


def test_it_warns_of_what_ends_and_shows_lists_and_totals(gateway: SampleGateway) -> None:
    text = page(gateway)
    assert "O certificado de “Respostas sobre certificados” vence em 12 dias." in text
    assert "O certificado de “Carimbos do tempo” vence em 80 dias." in text
    assert "“Autoridade emissora” vence" not in text
    assert "1 entrada · próxima atualização" in text
    assert ("pill-bad" in text, "1795348800000" in text, "41.210" in text) == (True, True, True)


def test_what_has_ended_and_what_is_overdue_is_said(gateway: SampleGateway) -> None:
    overdue = {**authority_samples.LIST, "next_update": samples.NOW.replace(year=2025)}
    ended = authority_samples.state(
        certificates=[authority_samples.own("ocsp", "issuing", -1)],
        list=overdue,
    )
    gateway.caller.answers[GET_AUTHORITY_STATE] = lambda _d, _a: ended
    text = page(gateway)
    assert "O certificado de “Respostas sobre certificados” venceu." in text
    assert "Atrasada" in text


def test_an_authority_without_lists_and_answers_is_shown(gateway: SampleGateway) -> None:
    empty = authority_samples.state(list=None, year_lists=[], root_list=None, answers=[])
    gateway.caller.answers[GET_AUTHORITY_STATE] = lambda _d, _a: empty
    text = page(gateway)
    assert "Nenhuma lista foi assinada ainda." in text
    assert "Nenhuma nas últimas duas semanas." in text


def test_every_kind_of_use_is_shown(gateway: SampleGateway) -> None:
    text = page(gateway)
    for said in ("1200 respostas em um minuto", "Lista com 2 entradas", "Um documento que não foi concluído", "=server-1"):
        assert said in text
    assert f'href="{CERTIFICATE}"' in text


def test_uses_are_filtered_by_days_of_the_offices_time_zone(gateway: SampleGateway) -> None:
    page(gateway, "/autoridade/?chave=ocsp&tipo=KeyOpened&de=2026-11-01&ate=2026-11-02")
    asked = next(one.data for one in gateway.caller.asked if one.operation is LIST_KEY_USES)
    assert (asked["key"], asked["type"]) == ("ocsp", "KeyOpened")
    assert [asked[name].isoformat() for name in ("since", "until")] == ["2026-11-01T00:00:00-03:00", "2026-11-03T00:00:00-03:00"]


def test_a_filter_that_nobody_could_choose_is_none(gateway: SampleGateway) -> None:
    page(gateway, "/autoridade/?chave=other&tipo=other&de=yesterday")
    asked = next(one.data for one in gateway.caller.asked if one.operation is LIST_KEY_USES)
    assert (asked["key"], asked["type"], asked["since"]) == (None, None, None)


def test_pages_go_on_where_the_one_before_ended(gateway: SampleGateway) -> None:
    many = [authority_samples.use(200 - number, "KeyOpened", "ocsp", host="server-1") for number in range(SHOWN + 1)]
    gateway.caller.answers[LIST_KEY_USES] = lambda data, _a: {"uses": many[: data["limit"]]}
    text = page(gateway, "/autoridade/?chave=ocsp")
    assert f"chave=ocsp&amp;antes={many[SHOWN - 1]['position']}" in text
    assert "Mais recentes" not in text
    assert "Mais recentes" in page(gateway, "/autoridade/?antes=100")


def test_the_table_has_all_uses_of_the_filter_and_no_formula(gateway: SampleGateway) -> None:
    # given more uses than one question gives
    found = authority_samples.uses()

    def some(data: Mapping[str, Any], _actor: Actor) -> dict[str, Any]:
        rest = [one for one in found if data["before"] is None or one["position"] < data["before"]]
        return {"uses": rest[:3]}

    gateway.caller.answers[LIST_KEY_USES] = some

    # when an auditor exports them
    answer = gateway.client("davi").get("/autoridade/usos.csv?chave=issuing")

    # then the table has them all, each asked for with the filter
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert [row[2] for row in rows[1:]] == [one["type"] for one in found]
    assert all(one.data["key"] == "issuing" for one in gateway.caller.asked if one.operation is LIST_KEY_USES)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_is_a_formula_is_text(sign: str) -> None:
    (row,) = csv.reader(io.StringIO(line([f"{sign}SUM(A1)", "plain"]), newline=""))
    assert row == [f"'{sign}SUM(A1)", "plain"]


def test_a_service_that_is_away_gets_its_own_status(gateway: SampleGateway) -> None:
    gateway.caller.answers[LIST_KEY_USES] = Unavailable("certification does not answer")
    assert gateway.client("davi").get("/autoridade/usos.csv").status_code == 503


def test_any_offices_certificate_is_found(gateway: SampleGateway) -> None:
    client = gateway.client("ada")
    answer = gateway.post(client, "/autoridade/certificados", {"wanted": " 5C:5C:5c "})
    assert answer.headers["Location"] == CERTIFICATE
    assert next(one.data for one in gateway.caller.asked if one.operation is FIND_CERTIFICATE) == {"wanted": "5C:5C:5c"}
    assert gateway.post(client, "/autoridade/certificados", {"wanted": "unknown"}).status_code == 404
    assert gateway.post(client, "/autoridade/certificados", {"wanted": " "}).status_code == 422


def test_the_administrator_revokes_with_a_reason_once_it_is_confirmed(gateway: SampleGateway) -> None:
    client = gateway.client("ada")
    assert "Revogar" in client.get(CERTIFICATE).get_data(as_text=True)
    unconfirmed = gateway.post(client, f"{CERTIFICATE}/revogar", {"reason": "privilege_withdrawn"})
    assert unconfirmed.status_code == 422
    assert REVOKE_CERTIFICATE not in [one.operation for one in gateway.caller.asked]
    answer = gateway.post(client, f"{CERTIFICATE}/revogar", {"reason": "privilege_withdrawn", "confirmed": "yes"})
    assert answer.headers["Location"] == CERTIFICATE
    told = next(one for one in gateway.caller.asked if one.operation is REVOKE_CERTIFICATE)
    assert told.data == {"emission_id": COMPLETED, "reason": "privilege_withdrawn"}
    assert (told.actor.user_id, told.actor.role) == ("ada", "authority_administrator")


def test_auditors_see_the_same_and_revoke_nothing(gateway: SampleGateway) -> None:
    client = gateway.client("davi")
    text = client.get(CERTIFICATE).get_data(as_text=True)
    assert "Revogar" not in text
    assert f"/auditoria/emissoes/{COMPLETED}" in text
    answer = gateway.post(client, f"{CERTIFICATE}/revogar", {"reason": "unspecified", "confirmed": "yes"})
    assert answer.status_code == 403
    assert REVOKE_CERTIFICATE not in [one.operation for one in gateway.caller.asked]


def test_a_certificate_that_was_revoked_meanwhile_is_said(gateway: SampleGateway) -> None:
    gateway.caller.answers[REVOKE_CERTIFICATE] = IllegalStep(
        "revoke_certificate is not possible now", reason="revoke_certificate"
    )
    answer = gateway.post(gateway.client("ada"), f"{CERTIFICATE}/revogar", {"reason": "unspecified", "confirmed": "yes"})
    assert answer.status_code == 409
    assert "Esta etapa não é possível agora." in answer.get_data(as_text=True)


def test_the_history_shows_who_revoked_it(gateway: SampleGateway) -> None:
    revoked = samples.emissions()["revoked"]
    history = samples.history(revoked)
    entry = {
        **history["entries"][-1],
        "type": "CertificateRevoked",
        "actor": {"user_id": "ada", "name": "Ada Moraes", "role": "authority_administrator", "address": "203.0.113.7"},
        "data": {"serial": "5c" * 16, "reason": "privilege_withdrawn"},
    }
    gateway.caller.answers[GET_HISTORY] = lambda _d, _a: {**history, "entries": [*history["entries"], entry], "intact": False}
    text = page(gateway, f"/autoridade/certificados/{revoked['emission_id']}", "davi")
    assert "Ada Moraes (Administrador da autoridade) · 203.0.113.7" in text
    assert "Emitido por engano ou por fraude" in text or "Certificado revogado" in text
    assert "O histórico foi adulterado." in text
