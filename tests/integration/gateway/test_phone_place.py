"""The holder's own place in a real browser: the kept certificate, opened and revoked by its key."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from contracts import certification as contract
from contracts.actor import Actor
from contracts.gateway import RECORDING_VIEWED
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.test_phone_page import open_link, reach_term, step
from tests.support import gateway_samples as samples
from tests.support.phone_service import PhoneService

pytestmark = pytest.mark.integration
CLERK = Actor("ana", "clerk", "Ana", office_id="123456")


def test_the_key_shows_what_its_holder_owns_and_revokes_it_in_two_steps(site: Site) -> None:
    service = PhoneService(site.gateway.caller)
    emission_id = samples.named_id("emission-dispatched")
    seen = {"recording_id": "r-1", "form": "playable", "download": False}
    site.gateway.ledger.record(RECORDING_VIEWED, seen, CLERK, emission_id=emission_id)
    page = open_link(site)
    reach_term(page)
    page.check("#read")
    page.click("#sign")
    step(page, "done")
    page.click("#to-place")
    step(page, "own")
    page.locator("#own-list button").click()
    step(page, "place")
    expect(page.locator("#place-status")).to_contain_text("Válido até")
    expect(page.locator("#place-seen")).to_contain_text("gravação assistida – Escrevente, cartório 123456")
    expect(page.locator("#place-seen")).to_contain_text("cadastro aberto – Escrevente, cartório office-2")
    expect(page.locator("#place-seen")).to_contain_text("termo aberto – Auditor")
    expect(page.locator("#place-seen")).not_to_contain_text("rui")
    expect(page.locator("#place-seen")).not_to_contain_text("Ana")
    with page.expect_download() as download:
        page.click("#place-term")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.check("#reason-lost")
    page.click("#revoke-form button")
    step(page, "revoke")
    assert service.revoked is None
    page.click("#revoke")
    step(page, "place")
    expect(page.locator("#place-status")).to_contain_text("Revogado em")
    expect(page.locator("#revoke-way")).to_be_hidden()
    asked = site.gateway.caller.commands()[-1]
    assert (asked.operation, asked.actor.role) == (contract.REVOKE_OWN_CERTIFICATE, "holder")
