"""The waiting room on the clerk's and the holder's side."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import conference
from contracts.errors import Conflict, Forbidden
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

STARTED = samples.emissions()["recording"]
ROOM = f"/emissoes/{STARTED['emission_id']}/sala"
API = f"/api/emissions/{STARTED['emission_id']}/conference"
HTMX = {"HX-Request": "true"}


def given(gateway: SampleGateway, **changes: Any) -> None:
    gateway.caller.answers[conference.GET_CONFERENCE] = lambda _d, _a: samples.conference(STARTED, **changes)


def test_the_clerk_sees_who_waits_by_the_typed_name_which_is_no_markup(gateway: SampleGateway) -> None:
    given(gateway, participants=[], admissions=[samples.admission("<b>Maria</b>"), samples.admission("Rosa", "refused")])
    page = gateway.client("ana").get(ROOM).get_data(as_text=True)
    assert "&lt;b&gt;Maria&lt;/b&gt;" in page
    assert "<b>Maria" not in page
    assert "1 pessoa à espera para entrar" in page
    assert "Rosa" not in page
    assert 'id="eject"' not in page


def test_before_the_start_nobody_can_be_admitted(gateway: SampleGateway) -> None:
    given(gateway, state="open", recording="off", participants=[], admissions=[samples.admission("Maria")])
    page = gateway.client("ana").get(ROOM).get_data(as_text=True)
    assert "Inicie a conferência para poder admitir." in page
    assert f'id="admit-{samples.admission("Maria")["admission_id"]}"' not in page


def test_the_second_person_waits_until_the_first_is_removed(gateway: SampleGateway) -> None:
    given(gateway, admissions=[samples.admission("Maria", "admitted"), samples.admission("Rosa")])
    page = gateway.client("ana").get(ROOM).get_data(as_text=True)
    assert f'id="admit-{samples.admission("Rosa")["admission_id"]}" disabled' in page
    assert "Uma pessoa por vez" in page
    assert "Remover Maria da sala?" in page


@pytest.mark.parametrize(
    ("path", "name", "operation"),
    [
        ("admitir", "admit", conference.ADMIT_PARTICIPANT),
        ("recusar", "refuse", conference.REFUSE_ADMISSION),
        ("remover", "eject", conference.EJECT_PARTICIPANT),
    ],
)
def test_the_clerk_decides_on_the_page_and_a_program_through_the_api(
    gateway: SampleGateway, path: str, name: str, operation: object
) -> None:
    client = gateway.client("ana")
    answer = gateway.post(client, f"{ROOM}/{path}", {"admission_id": "a"}, headers=HTMX)
    assert 'id="part-waiting"' in answer.get_data(as_text=True)
    assert gateway.post_json(client, f"{API}/{name}", {"admission_id": "a"}).status_code == 200
    told = gateway.caller.commands()[-2:]
    assert [(one.operation, one.data["admission_id"]) for one in told] == [(operation, "a")] * 2
    assert gateway.post_json(client, f"{API}/{name}", {}).status_code == 422
    assert gateway.post(gateway.client("rui"), f"{ROOM}/{path}", {"admission_id": "a"}).status_code == 403


def test_a_decision_that_came_too_late_says_so(gateway: SampleGateway) -> None:
    gateway.caller.answers[conference.ADMIT_PARTICIPANT] = Conflict("no", reason="not_waiting")
    answer = gateway.post(gateway.client("ana"), f"{ROOM}/admitir", {"admission_id": "a"}, headers=HTMX)
    assert answer.status_code == 409
    assert "Esta pessoa não está mais à espera." in answer.get_data(as_text=True)


def test_a_holder_asks_by_link_and_name(gateway: SampleGateway) -> None:
    body = {"token": "good", "display_name": "Maria"}
    answer = gateway.post_json(gateway.client(), "/videoconferencia/api/pedir", body)
    assert (answer.status_code, answer.json["admission_state"]) == (200, "waiting")
    assert gateway.caller.commands()[-1].data == {**body, "admission": None}
    for name in ("", "M" * 81):
        assert (
            gateway.post_json(gateway.client(), "/videoconferencia/api/pedir", {**body, "display_name": name}).status_code == 422
        )


def test_who_is_not_admitted_is_told_to_ask(gateway: SampleGateway) -> None:
    gateway.caller.answers[conference.JOIN_CONFERENCE] = Forbidden("no", reason="not_admitted")
    answer = gateway.post_json(gateway.client(), "/videoconferencia/api/entrar", {"token": "good", "display_name": "Maria"})
    assert answer.status_code == 403
    assert answer.json["reason"] == "not_admitted"
    assert "Peça para entrar" in answer.json["text"]


def test_asking_is_limited(gateway: SampleGateway) -> None:
    client = gateway.client()
    body = {"token": "good", "display_name": "Maria"}
    assert {gateway.post_json(client, "/videoconferencia/api/pedir", body).status_code for _ in range(21)} == {200, 429}
