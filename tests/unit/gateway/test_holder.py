"""The holder's pages and questions."""

from __future__ import annotations

import struct

import pytest

from contracts import certification, conference
from contracts.errors import Locked, Unavailable, WrongAnswer
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

GETS = ["/videoconferencia/", "/certificado/", "/certificado/manifest.webmanifest", "/ajuda/videoconferencia"]
POSTS = [
    *(f"/videoconferencia/api/{name}" for name in ("estado", "entrar", "sair")),
    *(
        f"/certificado/api/{name}"
        for name in ("link", "link/novo", "dados", "codigo", "codigo/reenviar", "sessao", "solicitacao", "termo")
    ),
    *(f"/certificado/api/{name}" for name in ("assinatura", "resultado", "termo-assinado")),
    *(f"/certificado/api/meu/{name}" for name in ("desafio", "abrir", "certificado", "termo", "revogar")),
]


@pytest.mark.parametrize("path", GETS)
def test_a_look_asks_no_service_at_all(gateway: SampleGateway, path: str) -> None:
    assert gateway.client().get(path).status_code == 200
    assert gateway.caller.asked == []


def test_the_home_screen_has_icons_of_the_sizes_that_the_manifest_says(gateway: SampleGateway) -> None:
    client = gateway.client()
    drawn = [
        icon for icon in client.get("/certificado/manifest.webmanifest").get_json(force=True)["icons"] if "png" in icon["type"]
    ]
    assert len(drawn) == 3
    for icon in drawn:
        png = client.get(icon["src"]).get_data()
        assert png.startswith(b"\x89PNG")
        assert "{}x{}".format(*struct.unpack(">II", png[16:24])) == icon["sizes"]


def test_a_holder_who_has_lost_the_way_is_not_led_to_the_staffs_sign_in(gateway: SampleGateway) -> None:
    answer = gateway.client().get("/certificado/nothing")
    assert answer.status_code == 404
    assert 'class="btn btn-primary btn-lg" href="/certificado/"' in answer.text
    assert 'href="/"' not in answer.text


@pytest.mark.parametrize("path", POSTS)
def test_questions_are_posts_with_the_sessions_token(gateway: SampleGateway, path: str) -> None:
    client = gateway.client()
    assert client.get(path).status_code == 405
    assert client.post(path, json={"token": "good"}).status_code == 422
    assert gateway.caller.asked == []


@pytest.mark.parametrize("path", POSTS)
def test_a_body_that_is_no_object_is_named_so(gateway: SampleGateway, path: str) -> None:
    client = gateway.client()
    answer = gateway.post_json(client, path, {})
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_input"


def test_the_holder_asks_as_a_holder(gateway: SampleGateway) -> None:
    client = gateway.client()
    body = {"token": "good", "cpf": samples.CPF, "birth_date": "1955-03-07", "command_token": samples.named_id("form")}
    answer = gateway.post_json(client, "/certificado/api/dados", body)
    assert answer.status_code == 200
    assert answer.json["sends_left"] == 2
    (asked,) = gateway.caller.commands()
    assert asked.operation is certification.VERIFY_HOLDER_DATA
    assert asked.actor.role == "holder"
    assert asked.actor.address == "127.0.0.1"


def test_a_question_repeated_by_the_phone_is_one_command(gateway: SampleGateway) -> None:
    client = gateway.client()
    body = {"token": "good", "cpf": samples.CPF, "birth_date": "1955-03-07", "command_token": samples.named_id("form")}
    for _ in range(2):
        gateway.post_json(client, "/certificado/api/dados", body)
    first, second = gateway.caller.commands()
    assert first.command_id == second.command_id


def test_a_wrong_answer_says_how_many_tries_are_left(gateway: SampleGateway) -> None:
    gateway.caller.answers[certification.VERIFY_HOLDER_DATA] = WrongAnswer("no", tries_left=1)
    body = {"token": "t", "cpf": samples.CPF, "birth_date": "1950-01-01"}
    answer = gateway.post_json(gateway.client(), "/certificado/api/dados", body)
    assert answer.status_code == 422
    assert "Resta 1 tentativa." in answer.json["text"]


@pytest.mark.parametrize(("error", "status"), [(Locked(), 423), (Unavailable(), 503)])
def test_other_refusals_have_words_for_the_holder(gateway: SampleGateway, error: Locked | Unavailable, status: int) -> None:
    gateway.caller.answers[certification.GET_HOLDER_LINK] = error
    answer = gateway.post_json(gateway.client(), "/certificado/api/link", {"token": "t"})
    assert answer.status_code == status
    assert answer.json["text"]


def test_a_link_that_opens_nothing_is_410(gateway: SampleGateway) -> None:
    answer = gateway.post_json(gateway.client(), "/videoconferencia/api/estado", {"token": "bad"})
    assert answer.status_code == 410
    assert answer.json["reason"] == "unknown"


def test_a_holder_cannot_join_by_the_conferences_id(gateway: SampleGateway) -> None:
    gateway.caller.answers[conference.JOIN_CONFERENCE] = lambda _d, _a: {
        "conference_id": "c",
        "participant_id": "p",
        "room": "r",
        "signalling_url": "ws://localhost:8188",
        "gateway_token": "g",
        "room_token": "t",
        "ice_servers": [],
        "bitrate": 1,
    }
    body = {"token": "good", "conference_id": "another", "display_name": "Maria"}
    assert gateway.post_json(gateway.client(), "/videoconferencia/api/entrar", body).status_code == 200
    assert gateway.caller.commands()[-1].data["conference_id"] is None


def test_answers_are_limited(gateway: SampleGateway) -> None:
    client = gateway.client()
    body = {"token": "t", "cpf": samples.CPF, "birth_date": "1955-03-07"}
    statuses = {gateway.post_json(client, "/certificado/api/dados", body).status_code for _ in range(21)}
    assert statuses == {200, 429}
