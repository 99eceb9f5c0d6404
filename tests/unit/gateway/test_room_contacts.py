"""The contacts in the room's panel: verified by a code that the person reads out, or by voice."""

from __future__ import annotations

from contracts import certification
from contracts.errors import Unavailable, WrongAnswer
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

ROOM = f"/emissoes/{samples.named_id('emission-recording')}/sala"
FRAGMENT = {"HX-Request": "true"}


def test_the_panel_shows_both_contacts_and_how_to_correct_them(gateway: SampleGateway) -> None:
    page = gateway.client("ana").get(ROOM).get_data(as_text=True)
    assert 'data-contact="email" data-state="unverified"' in page
    assert 'data-contact="sms" data-state="unverified"' in page
    assert f"/cadastros/{samples.OWN_REGISTRATION}/editar" in page


def test_a_code_is_sent_and_what_is_read_out_is_checked(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    sent = gateway.post(client, f"{ROOM}/contato/enviar", {"channel": "email"}, headers=FRAGMENT).get_data(as_text=True)
    assert 'data-state="sent"' in sent
    assert 'name="code"' in sent
    answer = gateway.post(client, f"{ROOM}/contato/conferir", {"channel": "email", "code": "123456"}, headers=FRAGMENT)
    assert "Conferido pelo código" in answer.get_data(as_text=True)
    asked = gateway.caller.commands()[-1]
    assert (asked.operation, asked.data["code"]) == (certification.VERIFY_CONTACT, "123456")


def test_by_voice_no_code_is_given(gateway: SampleGateway) -> None:
    gateway.post(gateway.client("ana"), f"{ROOM}/contato/voz", {"channel": "email"}, headers=FRAGMENT)
    assert gateway.caller.commands()[-1].data["code"] is None


def test_a_forgotten_code_is_no_confirmation_by_voice(gateway: SampleGateway) -> None:
    answer = gateway.post(gateway.client("ana"), f"{ROOM}/contato/conferir", {"channel": "email", "code": " "}, headers=FRAGMENT)
    assert "Preencha este campo" in answer.get_data(as_text=True)
    assert not gateway.caller.commands()


def test_a_wrong_code_is_said_beside_its_contact(gateway: SampleGateway) -> None:
    wrong = WrongAnswer("no", field="code", reason="wrong", tries_left=4)
    gateway.caller.answers[certification.VERIFY_CONTACT] = wrong
    answer = gateway.post(gateway.client("ana"), f"{ROOM}/contato/conferir", {"channel": "email", "code": "1"}, headers=FRAGMENT)
    assert "Este não é o código enviado" in answer.get_data(as_text=True)
    assert "4 tentativas" in answer.get_data(as_text=True)


def test_without_certification_the_room_opens_all_the_same(gateway: SampleGateway) -> None:
    gateway.caller.answers[certification.GET_CONTACTS] = Unavailable("away", service="certification")
    assert gateway.client("ana").get(ROOM).status_code == 200


def test_the_dispatch_says_which_contact_was_verified(gateway: SampleGateway) -> None:
    gateway.caller.answers[certification.GET_CONTACTS] = lambda *_: samples.contacts("verified")
    page = gateway.client("ana").get(f"/emissoes/{samples.named_id('emission-confirmed')}").get_data(as_text=True)
    assert page.count(" · conferido com a pessoa") == 1
    assert page.count(" · não conferido com a pessoa") == 1
