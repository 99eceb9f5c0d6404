"""A stolen session and racing windows on the holder's phone page, in real browsers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contracts import certification as contract
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.test_phone_page import enter_code, give_data, open_link, reach_term, step
from tests.support import gateway_samples as samples
from tests.support.phone_service import SESSION, PhoneService

pytestmark = pytest.mark.integration
EMISSION = samples.named_id("emission-dispatched")
ASK = """async ([path, body]) => (await fetch(`/certificado/api/${path}`, { method: "POST", body: JSON.stringify(body), headers: {
  "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content } })).status"""
HELD_BACK = """const make = crypto.subtle.generateKey.bind(crypto.subtle);
window.release = null;
window.hold = false;
crypto.subtle.generateKey = async (...wanted) => {
  if (window.hold) await new Promise(done => { window.release = done; });
  return make(...wanted);
};"""


def finish(page: Page) -> None:
    step(page, "term")
    page.check("#read")
    page.click("#sign")
    step(page, "done")


def refusals(site: Site) -> list[Any]:
    return [said.data["what"] for said in site.gateway.ledger.of_emission(EMISSION, ["HolderSessionRefused"], 50)]


def test_a_session_that_was_copied_is_refused_and_recorded_and_the_holder_goes_on(site: Site) -> None:
    # given a holder before the signature, whose browser's storage somebody has read
    service = PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    copied = page.evaluate("localStorage.getItem('titular.holder')")
    assert SESSION in copied

    # when it is used in another browser, by the page and by hand
    thief = site.phone()
    thief.add_init_script(f"localStorage.setItem('titular.holder', {json.dumps(copied)})")
    thief.goto(f"{site.url}/certificado/#good")
    step(thief, "stopped")
    expect(thief.locator("#stopped-text")).to_contain_text("outro navegador")
    tries = {
        "solicitacao": {"csr": "AAAA"},
        "termo": {},
        "assinatura": {"signature": "AAAA"},
        "resultado": {},
        "termo-assinado": {},
    }
    answers = [thief.evaluate(ASK, [path, {**body, "holder_session": SESSION}]) for path, body in tries.items()]

    # then nothing was given and nothing done, it is in the history, and the holder does not notice
    assert answers == [410] * len(tries)
    commands = [asked.operation for asked in site.gateway.caller.commands()]
    assert (commands.count(contract.REQUEST_CERTIFICATE), commands.count(contract.SIGN_TERM)) == (1, 0)
    names = ("holder_session", "request_certificate", "term_to_sign", "sign_term", "result", "signed_term")
    assert sorted(refusals(site)) == sorted(f"holder.{name}" for name in names)
    page.reload()
    finish(page)
    assert service.step == "done"


def test_no_script_reads_the_cookie_and_no_other_site_sends_it(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    (cookie,) = [one for one in page.context.cookies() if one["name"].startswith("titular_holder_")]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/certificado/")
    assert "titular_holder_" not in page.evaluate("document.cookie")
    assert SESSION not in cookie["value"]


def test_the_holders_own_place_does_not_open_in_another_browser_by_its_session(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    finish(page)
    page.click("#to-place")
    page.locator("#own-list button").click()
    step(page, "place")
    thief = open_link(site)
    answers = [thief.evaluate(ASK, [path, {"place_session": "place"}]) for path in ("meu/certificado", "meu/termo")]
    assert answers == [410, 410]
    assert set(refusals(site)) == {"holder.own_certificate", "holder.own_term"}


BEFORE = {"data": [], "code": [give_data], "key": [give_data, enter_code]}
ACTS = {"data": give_data, "code": enter_code, "key": lambda page: page.click("#create-key")}


@pytest.mark.parametrize("behind", BEFORE)
def test_a_window_left_behind_shows_the_certificate_that_another_has_brought(site: Site, behind: str) -> None:
    # given two windows of one browser, one of which goes the whole way
    PhoneService(site.gateway.caller)
    page = open_link(site)
    step(page, "intro")
    for act in BEFORE[behind]:
        act(page)
    if behind == "data":
        page.locator("[data-go=data]").click()
    step(page, behind)
    other = page.context.new_page()
    other.goto(f"{site.url}/certificado/#good")
    after = {"data": reach_term, "code": lambda there: (enter_code(there), step(there, "key"), there.click("#create-key"))}
    after.get(behind, lambda there: (step(there, "key"), there.click("#create-key")))(other)
    finish(other)

    # when the one that was left behind goes on
    ACTS[behind](page)

    # then it shows the certificate, and nothing as gone wrong
    step(page, "done")
    expect(page.locator("#phone-problem")).to_be_hidden()


def test_two_windows_may_sign_one_after_the_other(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    other = page.context.new_page()
    other.goto(f"{site.url}/certificado/#good")
    finish(other)
    finish(page)


def test_two_windows_that_make_the_key_at_once_keep_one_and_sign_with_it(site: Site) -> None:
    # given two windows at the key, one of which is slow to make its own
    PhoneService(site.gateway.caller)
    page = open_link(site)
    step(page, "intro")
    give_data(page)
    step(page, "code")
    enter_code(page)
    step(page, "key")
    slow = page.context.new_page()
    slow.add_init_script(HELD_BACK)
    slow.goto(f"{site.url}/certificado/#good")
    step(slow, "key")
    slow.evaluate("window.hold = true")
    slow.click("#create-key")
    slow.wait_for_function("() => window.release !== null")

    # when the other one makes it meanwhile
    page.click("#create-key")
    step(page, "term")
    slow.evaluate("window.release()")

    # then both have the same key, and the certificate can be signed in either
    step(slow, "term")
    finish(page)
    finish(slow)
