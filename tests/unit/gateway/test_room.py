"""The clerk's side of the room."""

from __future__ import annotations

import pytest

from contracts import conference, registry
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

ROOM = f"/emissoes/{samples.named_id('emission-started')}/sala"
RECORDING = f"/emissoes/{samples.named_id('emission-recording')}/sala"


def test_the_state_for_scripts_keeps_the_holders_token_back(gateway: SampleGateway) -> None:
    answer = gateway.client("ana").get(f"{ROOM}/api/estado")
    assert answer.status_code == 200
    assert "join_token" not in answer.json
    assert answer.json["state"] == "open"


@pytest.mark.parametrize(
    ("path", "operation"), [("iniciar", conference.START_CONFERENCE), ("gravar", conference.START_RECORDING)]
)
def test_controls_change_without_reloading_the_room(gateway: SampleGateway, path: str, operation: object) -> None:
    client = gateway.client("ana")
    answer = gateway.post(client, f"{ROOM}/{path}", headers={"HX-Request": "true"})
    assert 'hx-swap-oob="true"' in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    assert gateway.caller.commands()[-1].operation is operation


def test_ending_leads_back_to_the_emission(gateway: SampleGateway) -> None:
    answer = gateway.post(gateway.client("ana"), f"{RECORDING}/encerrar")
    assert answer.headers["Location"] == RECORDING.removesuffix("/sala")
    assert gateway.caller.commands()[-1].operation is conference.END_CONFERENCE


def test_the_light_tells_the_recordings_true_state(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    assert 'data-recording="off"' in client.get(ROOM).get_data(as_text=True)
    assert 'data-recording="on"' in client.get(RECORDING).get_data(as_text=True)


def test_leaving_ends_nothing(gateway: SampleGateway) -> None:
    gateway.caller.answers[conference.LEAVE_CONFERENCE] = lambda _d, _a: {
        "conference_id": "c",
        "emission_id": "e",
        "office_name": None,
        "state": "started",
        "recording": "on",
        "clerk_present": False,
    }
    answer = gateway.post_json(gateway.client("ana"), f"{RECORDING}/api/sair", {"participant_id": "p"})
    assert answer.status_code == 200
    assert [asked.operation for asked in gateway.caller.commands()] == [conference.LEAVE_CONFERENCE]


def test_the_way_to_the_room_is_asked_for_this_conference(gateway: SampleGateway) -> None:
    route = {"signalling_url": "ws://localhost:8188", "ice_servers": [{"urls": "turn:localhost"}]}
    gateway.caller.answers[conference.GET_ROUTE] = lambda _d, _a: route
    assert gateway.post_json(gateway.client("ana"), f"{ROOM}/api/caminho", {}).json == route
    assert gateway.caller.asked[-1].data["conference_id"] == samples.named_id("conference-started")
    assert gateway.post_json(gateway.client("rui"), f"{ROOM}/api/caminho", {}).status_code == 403


def test_a_holder_asks_for_the_way_by_the_link_alone(gateway: SampleGateway) -> None:
    gateway.caller.answers[conference.GET_ROUTE] = lambda _d, _a: {"signalling_url": "ws://localhost:8188", "ice_servers": []}
    body = {"token": "good", "conference_id": "another"}
    assert gateway.post_json(gateway.client(), "/videoconferencia/api/caminho", body).status_code == 200
    assert gateway.caller.asked[-1].data == {"token": "good", "conference_id": None}


def test_another_offices_clerk_stays_outside(gateway: SampleGateway) -> None:
    client = gateway.client("rui")
    assert client.get(ROOM).status_code == 403
    assert gateway.post_json(client, f"{ROOM}/api/entrar", {"display_name": "Rui"}).status_code == 403
    assert not gateway.caller.commands()


def test_the_checklist_is_there_while_it_is_recorded(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    assert 'id="tick-identity"' not in client.get(ROOM).get_data(as_text=True)
    page = client.get(RECORDING).get_data(as_text=True)
    assert page.count('aria-pressed="true"') == 1
    assert all(f'id="tick-{item}"' in page for item in conference.CHECKLIST)


def test_a_tick_is_told_and_can_be_taken_back(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    for done in ("yes", "no"):
        answer = gateway.post(client, f"{RECORDING}/conferir", {"item": "consent", "done": done}, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        told = gateway.caller.commands()[-1]
        assert told.operation is conference.TICK_CHECKLIST
        assert (told.data["item"], told.data["done"]) == ("consent", done == "yes")


def test_an_item_that_is_not_on_the_list_is_refused(gateway: SampleGateway) -> None:
    assert gateway.post(gateway.client("ana"), f"{RECORDING}/conferir", {"item": "weather", "done": "yes"}).status_code == 422


def test_what_was_not_ticked_is_said_before_going_on(gateway: SampleGateway) -> None:
    page = gateway.client("ana").get(f"/emissoes/{samples.named_id('emission-ended')}").get_data(as_text=True)
    said = page.split("data-unticked", 1)[1].split("</div>", 1)[0]
    assert "Consentimento" in said
    assert "Identidade" not in said


def test_no_picture_is_asked_for_where_the_registration_is_another_offices(gateway: SampleGateway) -> None:
    gateway.caller.answers[registry.GET_REGISTRATION] = lambda *_: samples.registration(**samples.OTHER_OFFICE)
    answer = gateway.post(gateway.client("ana"), f"{RECORDING}/documento/pedir")
    assert answer.status_code == 409
    assert "é de outro cartório" in answer.get_data(as_text=True)
    assert not gateway.caller.commands()


def test_the_clerk_is_warned_before_an_empty_room_closes(gateway: SampleGateway) -> None:
    soon = {"closes_at": samples.NOW, "warned_at": samples.NOW, "participants": []}
    emission = samples.emission("started", conference="started")
    gateway.caller.answers[conference.GET_CONFERENCE] = lambda *_: samples.conference(emission, **soon)
    page = gateway.client("ana").get(RECORDING.removesuffix("/sala")).get_data(as_text=True)
    assert "Não há ninguém na sala. Ela fecha sozinha às 11:30." in page
    assert "data-abandonment" in page
