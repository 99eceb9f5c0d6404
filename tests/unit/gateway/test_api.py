"""What programs do through the API beyond reading."""

from __future__ import annotations

import io

import pytest

from contracts import conference
from contracts.registry import ADD_ATTACHMENT
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway, csrf_token

STARTED = f"/api/emissions/{samples.named_id('emission-started')}"
CONFERENCE = f"{STARTED}/conference"
REFUSAL = {"reason": "o documento não confere"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def refuse(gateway: SampleGateway, user_id: str, key: str | None, body: dict[str, str] = REFUSAL) -> str:
    client = gateway.client(user_id)
    headers = {"X-CSRFToken": csrf_token(client, "/"), **({"Idempotency-Key": key} if key else {})}
    assert client.post(f"{STARTED}/refuse", json=body, headers=headers).status_code == 200
    command_id = gateway.caller.commands()[-1].command_id
    assert command_id
    return command_id


def test_a_key_makes_a_repeated_request_the_same_command(gateway: SampleGateway) -> None:
    assert refuse(gateway, "ana", "order 17") == refuse(gateway, "ana", "order 17")


def test_another_body_another_key_another_account_or_no_key_is_another_command(gateway: SampleGateway) -> None:
    other_body = {"reason": "a pessoa desistiu"}
    seen = [
        refuse(gateway, "ana", "order 17"),
        refuse(gateway, "ana", "order 18"),
        refuse(gateway, "ana", "order 17", other_body),
        refuse(gateway, "alice", "order 17"),
        refuse(gateway, "ana", None),
        refuse(gateway, "ana", None),
    ]
    assert len(set(seen)) == len(seen)


def test_a_key_too_long_is_named(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    headers = {"X-CSRFToken": csrf_token(client, "/"), "Idempotency-Key": "k" * 256}
    answer = client.post(f"{STARTED}/refuse", json=REFUSAL, headers=headers)
    assert answer.status_code == 422
    assert answer.json["field"] == "Idempotency-Key"
    assert not gateway.caller.commands()


@pytest.mark.parametrize(
    ("name", "operation"),
    [("start", conference.START_CONFERENCE), ("record", conference.START_RECORDING), ("end", conference.END_CONFERENCE)],
)
def test_a_conference_is_led_by_commands(gateway: SampleGateway, name: str, operation: object) -> None:
    answer = gateway.post_json(gateway.client("ana"), f"{CONFERENCE}/{name}", {})
    assert answer.status_code == 200
    assert "join_token" not in answer.json
    assert gateway.caller.commands()[-1].operation is operation


def test_the_holders_link_is_for_the_offices_clerks(gateway: SampleGateway) -> None:
    assert "/videoconferencia/#" in gateway.client("ana").get(f"{CONFERENCE}/link").json["link"]
    assert gateway.client("rui").get(f"{CONFERENCE}/link").status_code == 403
    assert gateway.client("alice").get(CONFERENCE).status_code == 200


def test_a_file_is_attached(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    headers = {"X-CSRFToken": csrf_token(client, "/"), "Idempotency-Key": "scan 1"}
    path = f"/api/registrations/{samples.OWN_REGISTRATION}/attachments"
    gateway.caller.answers[ADD_ATTACHMENT] = lambda _data, _actor: {"attachment": samples.attachment(), "version": 2}
    for _ in range(2):
        form = {"kind": "identity_document", "file": (io.BytesIO(PNG), "rg.png")}
        assert client.post(path, data=form, headers=headers).status_code == 201
    first, second = gateway.caller.commands()
    assert first.operation is ADD_ATTACHMENT
    assert first.data["incoming_key"] == second.data["incoming_key"]
    assert first.command_id == second.command_id


def test_a_file_of_another_kind_is_refused(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    form = {"kind": "identity_document", "file": (io.BytesIO(b"MZ\x90"), "rg.exe")}
    path = f"/api/registrations/{samples.OWN_REGISTRATION}/attachments"
    answer = client.post(path, data=form, headers={"X-CSRFToken": csrf_token(client, "/")})
    assert answer.status_code == 422
    assert not gateway.caller.commands()


def test_the_checklist_is_ticked_through_the_api_too(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    assert gateway.post_json(client, f"{CONFERENCE}/checklist", {"item": "consent"}).status_code == 200
    told = gateway.caller.commands()[-1]
    assert told.operation is conference.TICK_CHECKLIST
    assert (told.data["item"], told.data["done"]) == ("consent", True)
    assert gateway.post_json(client, f"{CONFERENCE}/checklist", {"item": "weather"}).status_code == 422
