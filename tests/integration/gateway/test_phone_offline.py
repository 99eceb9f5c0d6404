"""The phone page kept on the phone, in a real browser: without a network, with a newer version, and the hint to keep it."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from gateway.assets import Assets
from tests.integration.gateway.conftest import Site
from tests.integration.gateway.test_phone_page import LARGEST, give_data, open_link, reach_term, step
from tests.support import gateway_samples as samples
from tests.support.phone_service import PhoneService

pytestmark = pytest.mark.integration
IN_CHARGE = """navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null || new Promise(
  done => navigator.serviceWorker.addEventListener("controllerchange", () => done(true))))"""
CACHES = "caches.keys()"
KEPT = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) found[new URL(request.url).pathname] = await (await cache.match(request)).text();
  }
  return found;
}"""
OFFER = """() => {
  window.asked = 0;
  const offer = new Event("beforeinstallprompt", { cancelable: true });
  offer.prompt = () => { window.asked += 1; return Promise.resolve(); };
  window.dispatchEvent(offer);
}"""
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Android 9; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0"


def opened(site: Site) -> Page:
    """The page by its link, its service worker in charge."""
    page = open_link(site)
    step(page, "intro")
    assert page.evaluate(IN_CHARGE)
    return page


def away(page: Page) -> None:
    expect(page.locator("#offline h1")).to_have_text("Sem conexão")


def test_without_a_network_the_page_says_so_and_goes_on_by_itself_with_the_same_link(site: Site) -> None:
    # given a page that was opened once
    PhoneService(site.gateway.caller)
    page = opened(site)

    # when it is opened again without a network
    page.context.set_offline(True)
    page.reload()
    away(page)
    page.click("#try-again")
    expect(page.locator("#still-away")).to_be_visible()

    # then it goes on as soon as there is one
    page.context.set_offline(False)
    step(page, "intro")
    assert page.url == f"{site.url}/certificado/#good"


def test_while_a_proxy_does_not_reach_the_gateway_the_page_says_so_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    PhoneService(site.gateway.caller)
    page = opened(site)

    def bad_gateway(_environ: dict[str, Any], begin: Any) -> Iterable[bytes]:
        begin("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b""]

    monkeypatch.setattr(site.gateway.app, "wsgi_app", bad_gateway)
    page.reload()
    away(page)
    monkeypatch.undo()
    expect(page.locator("section[data-step=intro]")).to_be_visible(timeout=15000)  # asked for every three seconds


def test_a_step_that_was_begun_goes_on_after_a_time_without_a_network(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = opened(site)
    reach_term(page)
    page.context.set_offline(True)
    page.reload()
    away(page)
    page.context.set_offline(False)
    step(page, "term")
    page.check("#read")
    page.click("#sign")
    step(page, "done")


def test_nothing_is_kept_but_what_every_page_is_made_of(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = opened(site)
    reach_term(page)
    page.check("#read")
    page.click("#sign")
    step(page, "done")
    page.goto(f"{site.url}/certificado/")
    step(page, "own")
    found = page.evaluate(KEPT)
    others = [path for path in found if not path.startswith("/static/built/assets/")]
    assert others == ["/certificado/sem-conexao"]
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    assert token
    for personal in ("Maria", samples.emission()["protocol"], token):
        assert not any(personal in content for content in found.values())


def test_a_new_version_takes_the_place_of_the_old_one_and_disturbs_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a page of the old version, in the midst of its way
    PhoneService(site.gateway.caller)
    page = opened(site)
    (old,) = page.evaluate(CACHES)

    # when there is a newer version, which another window of the same browser meets
    present = Assets.code
    monkeypatch.setattr(Assets, "code", lambda self, entry: present(self, entry) + "\n// newer")
    other = page.context.new_page()
    other.goto(f"{site.url}/certificado/#good")
    other.wait_for_function(
        "async old => { const names = await caches.keys(); return names.length === 1 && names[0] !== old; }", arg=old
    )

    # then the page that was open goes on, and the new version answers without a network
    give_data(page)
    step(page, "code")
    page.context.set_offline(True)
    page.reload()
    away(page)


def test_the_worker_is_asked_for_each_time_and_may_not_reach_beyond_the_phones_pages(site: Site) -> None:
    answer = site.gateway.client().get("/certificado/service-worker.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Service-Worker-Allowed"] == "/certificado/"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    page = opened(site)
    assert page.evaluate("navigator.serviceWorker.ready.then(found => found.scope)") == f"{site.url}/certificado/"


def test_page_and_worker_together_load_little(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = site.phone()
    sizes: dict[str, int] = {}

    def note(got: Response) -> None:
        sizes[got.url.partition("#")[0]] = min(len(gzip.compress(got.body())), len(got.body()))

    page.context.on("response", note)
    page.goto(f"{site.url}/certificado/#good", wait_until="networkidle")
    assert page.evaluate(IN_CHARGE)
    assert {f"{site.url}/certificado/{name}" for name in ("", "service-worker.js", "sem-conexao")} <= set(sizes)
    assert sum(sizes.values()) <= LARGEST, sizes


def finished(page: Page) -> Page:
    """The whole way to the certificate."""
    reach_term(page)
    page.check("#read")
    page.click("#sign")
    step(page, "done")
    return page


def test_the_hint_comes_with_the_certificate_asks_the_browser_and_stays_closed(site: Site) -> None:
    # given a browser that offers to put the page on the home screen
    PhoneService(site.gateway.caller)
    page = opened(site)
    page.evaluate(OFFER)
    expect(page.locator("#keep")).to_be_hidden()

    # when the certificate is there
    finished(page)
    expect(page.locator("#keep [data-keep=prompt]")).to_be_visible()
    page.click("#keep-install")
    assert page.evaluate("window.asked") == 1

    # then the hint can be closed for good
    page.evaluate(OFFER)
    page.click("#keep-close")
    expect(page.locator("#keep")).to_be_hidden()
    page.goto(f"{site.url}/certificado/")
    step(page, "own")
    page.evaluate(OFFER)
    expect(page.locator("#keep")).to_be_hidden()


@pytest.mark.parametrize(("agent", "way"), [(IPHONE, "ios"), (ANDROID, "menu"), (None, None)])
def test_where_the_browser_offers_nothing_words_say_how(site: Site, agent: str | None, way: str | None) -> None:
    PhoneService(site.gateway.caller)
    page = site.phone(user_agent=agent)
    page.goto(f"{site.url}/certificado/#good")
    finished(page)
    expect(page.locator("#keep [data-keep]:visible")).to_have_count(1 if way else 0)
    if way:
        expect(page.locator(f"#keep [data-keep={way}]")).to_be_visible()


def test_an_icon_without_a_key_says_where_the_key_is(site: Site) -> None:
    page = site.phone()
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'standalone', { value: true })")
    page.goto(f"{site.url}/certificado/")
    step(page, "stopped")
    expect(page.locator("#stopped-text")).to_contain_text("Neste ícone não há certificado")
