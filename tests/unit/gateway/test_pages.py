"""The clerk's pages: they render, say what the procedure says, and keep what was typed."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from chassis.clock import now
from contracts import certification, conference, registry
from contracts.errors import AlreadyExists, InvalidInput, PersonBlocked, StaleVersion, Unavailable
from gateway.security.references import References
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway, settings

OWN = f"/cadastros/{samples.OWN_REGISTRATION}"
OTHER = f"/cadastros/{samples.OTHER_REGISTRATION}"


def emission(name: str) -> str:
    return f"/emissoes/{samples.named_id(f'emission-{name}')}"


def person(cpf: str = samples.CPF) -> str:
    return f"/pessoas/{References(settings().secret).refer(cpf)}"


def text(client: FlaskClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return response.get_data(as_text=True)


def words(html: str) -> str:
    """What a reader sees, blanks joined."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def clerk(gateway: SampleGateway) -> FlaskClient:
    return gateway.client("ana")


LABELS = [
    (person(samples.UNREGISTERED_CPF), "Cadastrar pessoa"),
    (OWN, "Certificação"),
    (f"{OWN}/certificacao", "Emitir certificado remotamente"),
    (f"{OWN}/certificacao", "Emitir certificado presencialmente"),
    (f"{OWN}/certificacao/remota", "Iniciar"),
    (emission("started"), "Copiar link de acesso"),
    (emission("started"), "Entrar na conferência"),
    (f"{emission('started')}/sala", "Iniciar conferência"),
    (f"{emission('started')}/sala", "Copiar link de acesso"),
    (f"{emission('started')}/sala", "Sair"),
    (f"{emission('started')}/sala", "Encerrar conferência"),
    (emission("ended"), "Continuar"),
    (emission("identified"), "Continuar"),
    (emission("ended"), "em processamento"),
    (emission("completed"), "concluído"),
    (emission("video-failed"), "falhou"),
]


@pytest.mark.parametrize(("path", "label"), LABELS)
def test_labels_are_the_procedures_letter_for_letter(clerk: FlaskClient, path: str, label: str) -> None:
    shown = re.findall(r">([^<]*)<", text(clerk, path))
    assert label in {re.sub(r"\s+", " ", piece).strip() for piece in shown}


def test_recording_can_be_started_once_the_conference_has_started(gateway: SampleGateway, clerk: FlaskClient) -> None:
    state = samples.emission("started", conference="started")
    gateway.caller.answers[certification.GET_EMISSION] = lambda _d, _a: state
    gateway.caller.answers[conference.GET_CONFERENCE] = lambda _d, _a: samples.conference(state)
    assert "Iniciar gravação" in words(text(clerk, f"{emission('started')}/sala"))


@pytest.mark.parametrize("name", sorted(samples.emissions().keys() - {"foreign"}))
def test_each_situation_has_a_page_and_parts(clerk: FlaskClient, name: str) -> None:
    page = text(clerk, emission(name))
    keys = dict(re.findall(r'name="(key_\w+)" value="(\w+)"', page))
    assert clerk.get(f"{emission(name)}/partes", query_string=keys).status_code == 204
    changed = clerk.get(f"{emission(name)}/partes", query_string={**keys, "key_action": "other"})
    assert 'id="part-action"' in changed.get_data(as_text=True)
    assert 'id="part-steps"' not in changed.get_data(as_text=True)


def test_in_person_is_offered_for_the_own_offices_registration_only(clerk: FlaskClient) -> None:
    assert "Emitir certificado presencialmente" not in text(clerk, f"{OTHER}/certificacao").replace("A emissão presencial", "")
    assert "Emitir certificado remotamente" in text(clerk, f"{OTHER}/certificacao")
    assert clerk.get(f"{OTHER}/certificacao/presencial").status_code == 403


def test_a_cpf_stands_in_no_address(gateway: SampleGateway, clerk: FlaskClient) -> None:
    answer = gateway.post(clerk, "/pessoas/consultar", {"cpf": "529.982.247-25"})
    assert answer.status_code == 302
    assert "52998224725" not in answer.headers["Location"]
    assert "529.982.247-25" in text(clerk, answer.headers["Location"])


def test_a_wrong_cpf_is_said_at_the_field(gateway: SampleGateway, clerk: FlaskClient) -> None:
    answer = gateway.post(clerk, "/pessoas/consultar", {"cpf": "111.111.111-11"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="111.111.111-11"' in page
    assert "Este CPF não é válido" in page


def test_the_look_up_works_without_the_list(gateway: SampleGateway, clerk: FlaskClient) -> None:
    gateway.caller.answers[certification.LIST_EMISSIONS] = Unavailable()
    assert "A lista não pode ser mostrada" in text(clerk, "/")


def test_a_block_is_shown_on_the_persons_page(clerk: FlaskClient) -> None:
    assert "Este CPF está bloqueado: Suspeita de fraude" in words(text(clerk, person(samples.BLOCKED_CPF)))


def test_registering_keeps_what_was_typed_and_marks_every_faulty_field(gateway: SampleGateway, clerk: FlaskClient) -> None:
    form = {"name": "Jo", "email": "not an address", "birth_date": "31/02/1950", "profession": "Costureira"}
    answer = gateway.post(clerk, f"{person(samples.UNREGISTERED_CPF)}/cadastrar", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert all(f'value="{value}"' in page for value in form.values())
    assert page.count('aria-invalid="true"') == 3
    assert not gateway.caller.commands()


def test_registering_sends_tidy_data(gateway: SampleGateway, clerk: FlaskClient) -> None:
    form = {
        "name": " Maria  Souza ",
        "birth_date": "07/03/1955",
        "mobile": "(19) 91234-5678",
        "home_address.postal_code": "13010-001",
        "home_address.city": "Campinas",
        "politically_exposed": "yes",
    }
    answer = gateway.post(clerk, f"{person(samples.UNREGISTERED_CPF)}/cadastrar", form)
    assert answer.status_code == 302
    sent = gateway.caller.commands()[-1].data
    assert sent["cpf"] == samples.UNREGISTERED_CPF
    assert sent["data"]["name"] == "Maria Souza"
    assert sent["data"]["birth_date"].isoformat() == "1955-03-07"
    assert sent["data"]["mobile"] == "19912345678"
    assert sent["data"]["home_address"] == {"postal_code": "13010001", "city": "Campinas"}
    assert sent["data"]["politically_exposed"] is True
    assert sent["data"].get("work_address") is None


def test_letters_in_a_number_do_not_vanish(gateway: SampleGateway, clerk: FlaskClient) -> None:
    answer = gateway.post(clerk, f"{person(samples.UNREGISTERED_CPF)}/cadastrar", {"name": "Maria", "mobile": "199123456O8"})
    assert answer.status_code == 422
    assert "DDD e número" in answer.get_data(as_text=True)


def test_a_stale_edit_is_explained_and_shows_what_is_stored_now(gateway: SampleGateway, clerk: FlaskClient) -> None:
    gateway.caller.answers[registry.UPDATE_REGISTRATION] = StaleVersion("stale", expected=2, actual=3)
    form = {"name": "Maria Outro Nome", "expected_version": "2", "profession": samples.DATA["profession"]}
    answer = gateway.post(clerk, f"{OWN}/editar", form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Outra pessoa alterou este cadastro" in page
    assert 'value="Maria Outro Nome"' in page
    assert f"<strong>{samples.DATA['name']}</strong>" in page
    assert f"<strong>{samples.DATA['profession']}</strong>" not in page
    assert 'name="expected_version" value="3"' in page


def test_an_existing_registration_is_linked(gateway: SampleGateway, clerk: FlaskClient) -> None:
    gateway.caller.answers[registry.REGISTER_PERSON] = AlreadyExists("there", field="cpf", registration_id="r-9")
    answer = gateway.post(clerk, f"{person(samples.UNREGISTERED_CPF)}/cadastrar", {"name": "Maria Souza"})
    assert answer.status_code == 409
    assert "/cadastros/r-9" in answer.get_data(as_text=True)


def test_the_same_form_sent_twice_is_one_command(gateway: SampleGateway, clerk: FlaskClient) -> None:
    form = {"command_token": samples.named_id("form"), "name": "Maria Souza"}
    path = f"{person(samples.UNREGISTERED_CPF)}/cadastrar"
    for _ in range(2):
        gateway.post(clerk, path, form)
    gateway.post(clerk, path, {**form, "name": "Maria Sousa"})
    first, second, corrected = [asked.command_id for asked in gateway.caller.commands()]
    assert first == second != corrected


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (samples.PNG, 302, None),
        (b"MZ not a picture", 422, "Só são aceitos arquivos"),
        (b"", 422, "O arquivo está vazio"),
        (b"%PDF-1.7" + bytes(10 * 1024 * 1024), 422, "mais de 10 MB"),
    ],
)
def test_an_attachment_is_judged_by_its_content(
    gateway: SampleGateway, clerk: FlaskClient, content: bytes, status: int, said: str | None
) -> None:
    form = {"kind": "identity_document", "file": (io.BytesIO(content), "rg.png")}
    answer = gateway.post(clerk, f"{OWN}/anexos", form, content_type="multipart/form-data")
    assert answer.status_code == status
    if said:
        assert said in answer.get_data(as_text=True)
    else:
        key = gateway.caller.commands()[-1].data["incoming_key"]
        assert gateway.objects.get("incoming", key) == content


def test_a_blocked_person_cannot_be_started(gateway: SampleGateway, clerk: FlaskClient) -> None:
    gateway.caller.answers[certification.START_EMISSION] = PersonBlocked("blocked", reason="fraud")
    answer = gateway.post(clerk, f"{OWN}/certificacao/remota")
    assert answer.status_code == 409
    assert "Este CPF está bloqueado" in answer.get_data(as_text=True)


def test_all_three_statements_are_needed(gateway: SampleGateway, clerk: FlaskClient) -> None:
    path = f"{emission('ended')}/identificacao"
    answer = gateway.post(clerk, path, {"identity": "yes", "capacity": "yes"})
    assert answer.status_code == 422
    assert "marque as três declarações" in answer.get_data(as_text=True)
    assert answer.get_data(as_text=True).count(" checked") == 2
    assert not gateway.caller.commands()
    everything = {"identity": "yes", "capacity": "yes", "free_will": "yes"}
    assert gateway.post(clerk, path, everything).status_code == 302
    assert gateway.caller.commands()[-1].operation is certification.ATTEST_IDENTIFICATION


DECISIONS = [
    ("identified", "dados", {"registration_version": "3"}, certification.CONFIRM_DATA),
    ("confirmed", "convite", {"channel": "sms"}, certification.INVITE_HOLDER),
    ("ended", "recusar", {"reason": "Documento de outra pessoa"}, certification.REFUSE_EMISSION),
    ("ended", "inconclusiva", {"reason": "Sem som"}, certification.MARK_INCONCLUSIVE),
    ("ended", "cancelar", {"reason": "Desistiu"}, certification.CANCEL_EMISSION),
    ("inconclusive", "repetir", {}, certification.RETRY_IDENTIFICATION),
    ("completed", "revogar", {"reason": "key_compromise", "confirmed": "yes"}, certification.REVOKE_CERTIFICATE),
]


@pytest.mark.parametrize(("name", "path", "form", "operation"), DECISIONS)
def test_each_decision_is_one_command(
    gateway: SampleGateway, clerk: FlaskClient, name: str, path: str, form: dict[str, str], operation: object
) -> None:
    assert gateway.post(clerk, f"{emission(name)}/{path}", form).status_code == 302
    (asked,) = gateway.caller.commands()
    assert asked.operation is operation
    assert asked.actor.user_id == "ana"
    assert asked.actor.office_id == samples.OFFICE["office_id"]


def test_a_revocation_that_is_not_confirmed_is_asked_about_again(gateway: SampleGateway, clerk: FlaskClient) -> None:
    answer = gateway.post(clerk, f"{emission('completed')}/revogar", {"reason": "superseded"})
    assert answer.status_code == 422
    assert certification.REVOKE_CERTIFICATE not in [asked.operation for asked in gateway.caller.commands()]
    page = answer.get_data(as_text=True)
    assert 'value="superseded" selected' in page
    assert "revocation-confirmed" in page


def test_a_refusal_without_a_reason_is_said_at_the_field(gateway: SampleGateway, clerk: FlaskClient) -> None:
    gateway.caller.answers[certification.REFUSE_EMISSION] = InvalidInput("short", field="reason", reason="too_short")
    answer = gateway.post(clerk, f"{emission('ended')}/recusar", {"reason": "xyz"})
    assert answer.status_code == 422


def test_the_pages_speak_english_when_asked(gateway: SampleGateway, clerk: FlaskClient) -> None:
    answer = gateway.post(clerk, "/idioma", {"language": "en", "next": OWN})
    assert answer.headers["Location"] == OWN
    page = text(clerk, OWN)
    assert '<html lang="en">' in page
    assert "Certification" in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(gateway: SampleGateway, clerk: FlaskClient, target: str) -> None:
    assert gateway.post(clerk, "/idioma", {"language": "en", "next": target}).headers["Location"] == "/"


def test_an_office_sees_which_of_its_certificates_end_soon(gateway: SampleGateway) -> None:
    completed = samples.emissions()["completed"]
    gateway.caller.answers[certification.LIST_EMISSIONS] = lambda _d, _a: {"emissions": [completed]}
    page = gateway.client("ana").get("/?vencem=1").get_data(as_text=True)
    asked = gateway.caller.asked[-1].data
    assert (asked["office_id"], timedelta(days=59) < asked["ending_by"] - now() <= timedelta(days=60)) == ("office-1", True)
    assert "Certificados que vencem em até 60 dias" in page
    assert "Vence em 19/11/2029" in page
    gateway.caller.answers[certification.LIST_EMISSIONS] = lambda _d, _a: {"emissions": []}
    assert "Nenhum certificado do cartório vence em breve." in gateway.client("ana").get("/?vencem=1").get_data(as_text=True)
