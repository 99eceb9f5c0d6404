"""A part that does not answer: its pages say so and when to try again, all others go on, and nothing typed is lost."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from contracts import certification, conference, media, notify, registry
from contracts.errors import Unavailable
from contracts.operation import Operation
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def away(gateway: SampleGateway, *operations: Operation, retry_after: int | None = None) -> None:
    for operation in operations:
        error = Unavailable("does not answer", reason="circuit", service=operation.service)
        if retry_after:
            error.details["retry_after"] = retry_after
        gateway.caller.answers[operation] = error


def body(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def emission(state: str = "completed") -> str:
    return f"/emissoes/{samples.named_id(f'emission-{state}')}"


def test_a_look_says_which_part_is_away_and_tries_again_by_itself(gateway: SampleGateway) -> None:
    away(gateway, certification.GET_EMISSION, retry_after=4)
    answer = gateway.client("ana").get(emission())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "4"
    assert "A emissão de certificados não responde no momento. Nada se perdeu" in page
    assert '<meta http-equiv="refresh" content="4">' in page


def test_a_form_whose_service_is_away_can_be_sent_again_as_it_was(gateway: SampleGateway) -> None:
    """And counts once: the second sending carries the same command."""
    client = gateway.client("ana")
    before = dict(gateway.caller.answers)
    away(gateway, certification.GET_EMISSION)
    typed = {"reason": 'O <documento> não "confere"', "command_token": "0e3f1d1e-8c5e-4a53-9a1c-0f3c0a3f8f11"}
    refused = gateway.post(client, f"{emission('started')}/recusar", typed)
    page = refused.get_data(as_text=True)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert 'http-equiv="refresh"' not in page
    kept = {name: unescape(value) for name, value in HIDDEN.findall(page.split('<form method="post" class="actions">')[1])}
    assert kept["reason"] == typed["reason"]
    gateway.caller.answers.update(before)
    first = client.post(f"{emission('started')}/recusar", data=kept)
    again = client.post(f"{emission('started')}/recusar", data=kept)
    assert (first.status_code, again.status_code) == (302, 302)
    commands = gateway.caller.commands()
    assert len({command.command_id for command in commands}) == 1
    assert commands[0].data["reason"] == typed["reason"]


def test_a_password_is_never_sent_back(gateway: SampleGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_user_id: str) -> None:
        raise Unavailable("the document store does not answer", reason="documents")

    monkeypatch.setattr(gateway.accounts, "get", fail)
    answer = gateway.post(gateway.client(), "/entrar", {"user_id": "ana", "password": "correct horse battery"})
    assert answer.status_code == 503
    assert "correct horse" not in answer.get_data(as_text=True)


def test_a_file_must_be_chosen_again(gateway: SampleGateway) -> None:
    from io import BytesIO

    away(gateway, registry.ADD_ATTACHMENT)
    form = {"kind": "face_photo", "file": (BytesIO(samples.PNG), "rosto.png")}
    answer = gateway.post(gateway.client("ana"), f"/cadastros/{samples.OWN_REGISTRATION}/anexos", form)
    assert answer.status_code == 503
    assert "escolha o arquivo de novo" in answer.get_data(as_text=True)


def test_programs_are_told_by_status_header_and_body(gateway: SampleGateway) -> None:
    away(gateway, certification.GET_EMISSION, retry_after=5)
    answer = gateway.client("ana").get(f"/api{emission().replace('emissoes', 'emissions')}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.get_json()["code"] == "unavailable"
    assert answer.get_json()["details"]["service"] == "certification"


@pytest.mark.parametrize("state", ["started", "dispatched", "completed"])
def test_the_emissions_page_goes_on_without_its_secondary_parts(gateway: SampleGateway, state: str) -> None:
    away(gateway, conference.GET_CONFERENCE, media.GET_VIDEOS, notify.GET_MESSAGES, registry.GET_REGISTRATION)
    page = body(gateway.client("ana"), emission(state))
    if state == "completed":
        assert "As gravações não podem ser listadas" in page
    if state == "dispatched":
        assert "A lista de mensagens não pode ser mostrada" in page


def test_the_persons_page_goes_on_without_certification(gateway: SampleGateway) -> None:
    away(gateway, certification.LIST_EMISSIONS, certification.GET_PERSON_CERTIFICATE)
    client = gateway.client("ana")
    found = gateway.post(client, "/pessoas/consultar", {"cpf": samples.CPF})
    assert "As emissões não podem ser listadas" in body(client, found.headers["Location"])


def test_the_audit_goes_on_without_media(gateway: SampleGateway) -> None:
    away(gateway, media.GET_VIDEOS)
    assert "As gravações não podem ser listadas" in body(gateway.client("davi"), f"/auditoria{emission()}")


def test_without_accounts_a_page_says_so_and_signs_nobody_out(gateway: SampleGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    client = gateway.client("ana")

    def fail(_user_id: str) -> None:
        raise Unavailable("the document store does not answer", reason="documents")

    with monkeypatch.context() as broken:
        broken.setattr(gateway.accounts, "get", fail)
        assert "não responde no momento" in body(client, "/", 503)
        body(client, "/ajuda/procedimento")
    body(client, "/")


def test_a_refusal_stands_where_it_cannot_be_recorded(gateway: SampleGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("the document store does not answer", reason="documents")

    operator = gateway.client("olga")
    monkeypatch.setattr(gateway.ledger, "record", fail)
    body(operator, emission(), 403)


def test_a_download_from_a_store_that_is_away_has_its_own_status(gateway: SampleGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise Unavailable("the object store does not answer", reason="objects")

    monkeypatch.setattr(gateway.objects, "get", fail)
    answer = gateway.client("ana").get(f"{emission()}/documentos/termo")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
