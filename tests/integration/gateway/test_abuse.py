"""What strangers try at a real browser: our pages in a frame of theirs, and markup in every field that people fill in."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import expect

from contracts import certification, notify, registry
from contracts.actor import Actor
from gateway.security.references import References
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.test_phone_page import enter_code, give_data, step
from tests.support import gateway_samples as samples
from tests.support.phone_service import PhoneService
from tests.support.sample_gateway import settings

pytestmark = pytest.mark.integration
MARKUP = """'"></script><i data-injected>"""
# Values that only our own lists allow; all other text may be anything.
OURS = (
    "_id",
    "_at",
    "sha256",
    "state",
    "status",
    "type",
    "channel",
    "mode",
    "kind",
    "video",
    "conference",
    "cpf",
    "mobile",
    "phone",
)
OURS_EXACTLY = ("civil_status", "regime", "action", "step", "delivery", "not_before", "not_after", "deadline", "serial", "hash")
PERSON = f"/pessoas/{References(settings().secret).refer(samples.CPF)}"
PAGES = [
    ("ana", PERSON),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}"),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}/editar"),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}/certificacao"),
    ("ana", f"/emissoes/{samples.named_id('emission-recording')}/sala"),
    *(("ana", f"/emissoes/{samples.named_id(f'emission-{state}')}") for state in ("identified", "dispatched", "completed")),
    ("davi", f"/auditoria/emissoes/{samples.named_id('emission-completed')}"),
]


def poisoned(value: Any, name: str = "") -> Any:
    """The value with markup in every text that somebody types."""
    if isinstance(value, Mapping):
        return {key: poisoned(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, name) for each in value]
    typed = isinstance(value, str) and not name.endswith(OURS) and name not in OURS_EXACTLY
    free = name in FREE
    return MARKUP if typed and free else value


FREE = {
    *("name", "holder_masked", "clerk_name", "office_name", "reason", "note", "filename", "address_masked", "street"),
    *("complement", "district", "city", "occupation", "nationality", "birthplace", "mother", "father"),
    *("social_name", "spouse", "display_name", "delivery_reason", "mother_name", "father_name", "spouse_name", "protocol"),
}


@pytest.mark.parametrize("path", ["/certificado/", "/videoconferencia/", "/entrar", "/emissoes/x"])
def test_no_page_of_ours_stands_in_a_frame(site: Site, path: str) -> None:
    # The framing page has our own origin, so that nothing but the pages' policy keeps them out.
    page = site.context("ana").new_page()
    frame = f'<iframe src="{site.url}{path}"></iframe>'
    page.route(f"{site.url}/framing", lambda route: route.fulfill(body=frame, content_type="text/html"))
    failed: list[str | None] = []
    page.on("requestfailed", lambda request: failed.append(request.failure))
    page.goto(f"{site.url}/framing")
    assert failed == ["net::ERR_BLOCKED_BY_RESPONSE"]


def test_markup_in_any_field_is_shown_as_text_on_every_staff_page(site: Site) -> None:
    # given services whose every typed text is markup
    answers = site.gateway.caller.answers
    poisoned_operations = (
        *(registry.FIND_PERSON, registry.GET_REGISTRATION, certification.GET_EMISSION),
        *(certification.GET_HISTORY, certification.LIST_EMISSIONS, notify.GET_MESSAGES),
    )
    for operation in poisoned_operations:
        true = answers[operation]
        answers[operation] = lambda data, actor, true=true: poisoned(true(data, actor))
    contexts = {user_id: site.context(user_id, permissions=["camera", "microphone"]) for user_id in ("ana", "davi")}

    shown = 0
    for user_id, path in PAGES:
        page = contexts[user_id].new_page()
        page.goto(site.url + path)
        assert page.locator("[data-injected]").count() == 0, path
        shown += MARKUP in html.unescape(page.content())
        page.close()

    # then it was there to be seen, as text
    assert shown == len(PAGES)


def test_markup_in_a_name_or_an_office_is_shown_as_text_on_the_phone(site: Site) -> None:
    service = PhoneService(site.gateway.caller)
    answers = site.gateway.caller.answers

    def link(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {**service.link(data, actor), "office_name": MARKUP}

    def code(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {**service.code(data, actor), "holder_name": MARKUP}

    answers[certification.GET_HOLDER_LINK], answers[certification.VERIFY_HOLDER_CODE] = link, code
    page = site.phone()
    page.goto(f"{site.url}/certificado/#good")
    step(page, "intro")
    expect(page.locator("#office-name")).to_have_text(MARKUP)
    give_data(page)
    step(page, "code")
    enter_code(page)
    step(page, "key")
    expect(page.locator("#greeting")).to_contain_text(MARKUP)
    assert page.locator("[data-injected]").count() == 0
