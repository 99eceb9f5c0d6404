"""The key behind the device's unlock, with a virtual authenticator (WebAuthn Level 3, 11) in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.integration.gateway.conftest import Site
from tests.integration.gateway.test_phone_page import give_data, step
from tests.support import gateway_samples as samples
from tests.support.phone_service import CODE, WORDS, PhoneService

pytestmark = pytest.mark.integration
STORED = """id => new Promise(done => {
  const asked = indexedDB.open("titular", 1);
  asked.onsuccess = () => {
    const got = asked.result.transaction("certificates").objectStore("certificates").get(id);
    got.onsuccess = () => done({ plain: !!got.result.keys, locked: !!got.result.locked });
  };
})"""
BROWSER, DEVICE = "protegida por este navegador", "desbloqueio deste aparelho"


def authenticator(page: Page, *, prf: bool = True) -> tuple[CDPSession, Callable[[bool], None]]:
    """A device with an unlock; the second answer says whether the person gives it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "ctap2Version": "ctap2_1",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        "hasPrf": prf,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    return session, lambda unlocks: session.send("WebAuthn.setUserVerified", {"authenticatorId": made, "isUserVerified": unlocks})


def at_the_key(site: Site, page: Page) -> PhoneService:
    service = PhoneService(site.gateway.caller)
    page.goto(f"{site.url}/certificado/#good")
    step(page, "intro")
    give_data(page)
    step(page, "code")
    page.fill("#code", CODE)
    page.fill("#words", WORDS)
    page.locator("#code-form button").click()
    step(page, "key")
    return service


def sign(page: Page) -> None:
    step(page, "term")
    page.check("#read")
    page.click("#sign")


def stored(page: Page) -> dict[str, bool]:
    found: dict[str, bool] = page.evaluate(STORED, samples.named_id("emission-dispatched"))
    return found


def test_where_the_device_can_the_key_is_kept_locked_only_and_signs(site: Site) -> None:
    page = site.phone()
    authenticator(page)
    at_the_key(site, page)
    expect(page.locator("#key-protection")).to_contain_text(DEVICE)
    page.click("#create-key")
    step(page, "term")
    assert stored(page) == {"plain": False, "locked": True}
    sign(page)
    step(page, "done")
    expect(page.locator("#done-protection")).to_contain_text(DEVICE)


@pytest.mark.parametrize("unlocks", [True, False])
def test_after_a_reload_signing_needs_the_unlock(site: Site, unlocks: bool) -> None:
    # given a locked key, and a page that begins anew
    page = site.phone()
    _, unlock = authenticator(page)
    service = at_the_key(site, page)
    page.click("#create-key")
    step(page, "term")
    page.reload()

    # when the term is signed, with the unlock or without
    unlock(unlocks)
    sign(page)

    # then the same key signs, or nothing does and it can be tried again
    if unlocks:
        step(page, "done")
    else:
        expect(page.locator("#phone-problem")).to_contain_text("não foi desbloqueado")
        expect(page.locator("#sign")).to_be_enabled()
        assert service.step == "sign"


def test_who_does_not_want_the_unlock_goes_on_without(site: Site) -> None:
    page = site.phone()
    _, unlock = authenticator(page)
    at_the_key(site, page)
    unlock(False)
    page.click("#create-key")
    expect(page.locator("#phone-problem")).to_contain_text("protegida só por este navegador")
    page.click("#create-plain")
    step(page, "term")
    assert stored(page) == {"plain": True, "locked": False}
    sign(page)
    step(page, "done")
    expect(page.locator("#done-protection")).to_contain_text(BROWSER)


def test_a_device_whose_passkeys_give_no_secret_goes_on_without(site: Site) -> None:
    page = site.phone()
    authenticator(page, prf=False)
    at_the_key(site, page)
    page.click("#create-key")
    step(page, "term")
    assert stored(page) == {"plain": True, "locked": False}


def test_a_device_without_an_unlock_is_asked_for_none(site: Site) -> None:
    page = site.phone()
    at_the_key(site, page)
    expect(page.locator("#key-protection")).to_contain_text(BROWSER)
    page.click("#create-key")
    step(page, "term")


# A virtual authenticator that has refused stays blocked, as one whose tries are used up: the refusal is played before it.
REFUSED_ONCE = """name => {
  const real = navigator.credentials[name].bind(navigator.credentials);
  navigator.credentials[name] = () => {
    navigator.credentials[name] = real;
    return Promise.reject(new DOMException("", "NotAllowedError"));
  };
}"""


def test_an_unlock_that_is_refused_and_then_given_goes_on(site: Site) -> None:
    # given a holder who at first does not unlock the device for the key
    page = site.phone()
    authenticator(page)
    at_the_key(site, page)
    page.evaluate(REFUSED_ONCE, "create")
    page.click("#create-key")
    expect(page.locator("#phone-problem")).to_contain_text("não foi desbloqueado")

    # when the unlock is given after all, and the same happens at the signature after a reload
    page.click("#create-key")
    step(page, "term")
    assert stored(page) == {"plain": False, "locked": True}
    page.reload()
    step(page, "term")
    page.evaluate(REFUSED_ONCE, "get")
    sign(page)
    expect(page.locator("#phone-problem")).to_contain_text("não foi desbloqueado")

    # then the locked key signs
    page.click("#sign")
    step(page, "done")
