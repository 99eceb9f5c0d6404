"""What strangers try at the gateway: other offices' emissions by every address, guessing, flooding, oversized submissions."""

from __future__ import annotations

import pytest
from werkzeug.routing import Rule

from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway, build, csrf_token

FOREIGN = samples.named_id("emission-foreign")
VALUES = {"emission_id": FOREIGN, "decision": "recusar", "kind": "termo", "form": "playable"}
FORM = {"item": "identity", "channel": "email", "reason": "a reason", "identity": "yes", "capacity": "yes", "free_will": "yes"}
BODIES = {
    "/conference/admit": {"admission_id": "a"},
    "/conference/refuse": {"admission_id": "a"},
    "/conference/eject": {"admission_id": "a"},
    "/conference/checklist": {"item": "identity", "done": True},
    "/conference/join": {"display_name": "Ana"},
    "/emissions/<emission_id>/attest-identification": {"identity": True, "capacity": True, "free_will": True},
    "/emissions/<emission_id>/confirm-data": {"registration_version": 1},
    "/emissions/<emission_id>/invite-holder": {"channel": "email"},
    "/emissions/<emission_id>/refuse": {"reason": "a reason"},
    "/emissions/<emission_id>/mark-inconclusive": {"reason": "a reason"},
    "/emissions/<emission_id>/cancel": {"reason": "a reason"},
    "/emissions/<emission_id>/revoke-certificate": {"reason": "superseded"},
}


def emission_routes() -> list[tuple[str, str]]:
    """Each method of each address below an emission, staff pages of one office only."""
    rules: list[Rule] = [rule for rule in build().app.url_map.iter_rules() if "emission_id" in rule.arguments]
    return sorted({(method, rule.rule) for rule in rules for method in (rule.methods or set()) & {"GET", "POST"}})


@pytest.mark.parametrize(("method", "rule"), emission_routes(), ids=str)
def test_no_address_of_an_emission_opens_for_another_offices_clerk(gateway: SampleGateway, method: str, rule: str) -> None:
    # given a clerk, with a session that works
    client = gateway.client("ana")
    adapter = gateway.app.url_map.bind("localhost")
    found = next(each for each in gateway.app.url_map.iter_rules() if each.rule == rule and method in (each.methods or ()))
    values = {name: VALUES.get(name, samples.named_id(name)) for name in found.arguments}
    path = adapter.build(found.endpoint, values, method)

    # when the clerk asks for another office's emission
    if method == "GET":
        status = client.get(path).status_code
    elif "/api/" not in rule:
        status = client.post(path, data={**FORM, "csrf_token": csrf_token(client, "/ajuda/procedimento")}).status_code
    else:
        body = next((sent for end, sent in BODIES.items() if rule.endswith(end)), {})
        status = gateway.post_json(client, path, body).status_code

    # then it is refused, and no service was given a command
    assert status in (403, 404)
    assert gateway.caller.commands() == []


@pytest.mark.parametrize(("path", "least"), [("link", 60), ("sessao", 60), ("codigo", 20), ("link/novo", 5)])
def test_guessing_is_slowed_down_by_address(gateway: SampleGateway, path: str, least: int) -> None:
    client = gateway.client()
    statuses = [gateway.post_json(client, f"/certificado/api/{path}", {}).status_code for _ in range(least + 1)]
    assert statuses == [422] * least + [429]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("solicitacao", {"holder_session": "s", "csr": "A" * 8193}),
        ("assinatura", {"holder_session": "s", "signature": "A" * 513}),
        ("codigo", {"token": "t", "code": "123456", "words": "a" * 101}),
        ("codigo", {"token": "t", "code": ["123456"], "words": "a"}),
        ("link", {"token": {"$ne": ""}}),
    ],
)
def test_oversized_and_misshapen_submissions_reach_no_service(gateway: SampleGateway, path: str, body: dict[str, object]) -> None:
    answer = gateway.post_json(gateway.client(), f"/certificado/api/{path}", body)
    assert answer.status_code == 422
    assert gateway.caller.asked == []
