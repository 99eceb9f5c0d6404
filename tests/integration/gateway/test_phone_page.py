"""The holder's phone in a real browser: key, request, check of the term, signature, and what may go wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from contracts import certification as contract
from tests.integration.gateway.conftest import Site
from tests.support import gateway_samples as samples
from tests.support.accessibility import violations
from tests.support.phone_service import CODE, WORDS, PhoneService

pytestmark = pytest.mark.integration
LARGEST = 150_000
STORED_KEY = """id => new Promise(done => {
  const asked = indexedDB.open("titular", 1);
  asked.onsuccess = () => {
    const got = asked.result.transaction("certificates").objectStore("certificates").get(id);
    got.onsuccess = () => {
      const { keys, certificate } = got.result;
      done({ extractable: keys.privateKey.extractable, kept: !!certificate });
    };
  };
})"""
INSTAGRAM = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 300.0"


def step(page: Page, name: str) -> None:
    expect(page.locator(f"section[data-step={name}]")).to_be_visible()


def open_link(site: Site, token: str = "good", **options: object) -> Page:
    page = site.phone(accept_downloads=True, **options)
    page.goto(f"{site.url}/certificado/#{token}")
    return page


def give_data(page: Page, cpf: str = "52998224725", birth_date: str = "07031955") -> None:
    if page.locator("[data-go=data]").is_visible():
        page.locator("[data-go=data]").click()
    for field, typed in (("#cpf", cpf), ("#birth-date", birth_date)):
        page.locator(field).fill("")
        page.locator(field).press_sequentially(typed)
    page.locator("#data-form button").click()


def reach_term(page: Page) -> None:
    step(page, "intro")
    give_data(page)
    step(page, "code")
    enter_code(page)
    step(page, "key")
    page.click("#create-key")
    step(page, "term")


def test_from_the_link_to_the_signed_term(site: Site) -> None:
    service = PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    expect(page.locator("#term-check")).to_have_text(
        "Verificado pelo seu celular: o que você assina é exatamente este documento."
    )
    expect(page.locator("#sign")).to_be_disabled()
    page.check("#read")
    page.click("#sign")
    step(page, "done")
    assert service.step == "done"
    expect(page.locator("#done-text")).to_contain_text(samples.emission()["protocol"])
    stored = page.evaluate(STORED_KEY, samples.named_id("emission-dispatched"))
    assert stored == {"extractable": False, "kept": True}
    with page.expect_download() as download:
        page.click("#download-term")
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    with page.expect_download() as download:
        page.click("#download-certificate")
    assert Path(download.value.path()).read_text().startswith("-----BEGIN CERTIFICATE")


def test_a_reload_goes_on_where_it_was(site: Site) -> None:
    service = PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    request = service.request
    page.reload()
    step(page, "term")
    page.check("#read")
    page.click("#sign")
    step(page, "done")
    assert service.request is request
    page.reload()
    step(page, "done")


def test_a_document_that_is_not_the_one_to_be_signed_cannot_be_signed(site: Site) -> None:
    PhoneService(site.gateway.caller, tampered=True)
    page = open_link(site)
    reach_term(page)
    expect(page.locator("#term-check")).to_contain_text("Não assine")
    page.check("#read")
    expect(page.locator("#sign")).to_be_disabled()


def test_typing_mistakes_cost_no_try_and_wrong_data_say_how_many_are_left(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    step(page, "intro")
    for cpf, birth_date, said in (
        ("52998224726", "07031955", "Este CPF não é válido"),
        ("52998224725", "31021955", "Digite a data de nascimento"),
        ("52998224725", "08031955", "Restam 2 tentativas."),
    ):
        give_data(page, cpf, birth_date)
        expect(page.locator("#phone-problem")).to_contain_text(said)
    assert [asked.operation for asked in site.gateway.caller.commands()] == [contract.VERIFY_HOLDER_DATA]
    give_data(page)
    step(page, "code")


def test_impatient_taps_send_one_answer(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    step(page, "intro")
    page.locator("[data-go=data]").click()
    page.fill("#cpf", "529.982.247-25")
    page.fill("#birth-date", "07/03/1955")
    page.evaluate("for (let i = 0; i < 4; i++) document.querySelector('#data-form').requestSubmit()")
    step(page, "code")
    assert len(site.gateway.caller.commands()) == 1


def test_a_link_begun_elsewhere_says_so(site: Site) -> None:
    PhoneService(site.gateway.caller).step = "sign"
    page = open_link(site)
    step(page, "stopped")
    expect(page.locator("#stopped-text")).to_contain_text("já foi usado")


@pytest.mark.parametrize(("token", "said"), [("", "O link está incompleto"), ("old", "Este link venceu. Você pode")])
def test_links_that_open_nothing_say_why(site: Site, token: str, said: str) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site, token)
    step(page, "stopped")
    expect(page.locator("#stopped-text")).to_contain_text(said)
    assert not site.gateway.caller.commands()


def test_code_and_words_are_asked_together_and_a_missing_word_costs_no_try(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    step(page, "intro")
    give_data(page)
    step(page, "code")
    page.fill("#code", CODE)
    page.locator("#code-form button").click()
    expect(page.locator("#phone-problem")).to_contain_text("duas palavras")
    assert site.gateway.caller.commands()[-1].operation is contract.VERIFY_HOLDER_DATA
    page.fill("#words", "outras palavras")
    page.locator("#code-form button").click()
    expect(page.locator("#phone-problem")).to_contain_text("O código e as palavras não conferem")
    page.fill("#words", WORDS)
    page.locator("#code-form button").click()
    step(page, "key")


def test_an_expired_link_offers_a_new_one_that_goes_to_the_known_contact(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site, "old")
    step(page, "stopped")
    page.click("#renew")
    expect(page.locator("#renewed")).to_contain_text("Pronto")
    expect(page.locator("#renew")).to_be_hidden()
    (asked,) = site.gateway.caller.commands()
    assert (asked.operation, set(asked.data)) == (contract.RENEW_LINK, {"token"})


def test_a_page_that_was_closed_goes_on_where_it_was_in_another_tab(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    reach_term(page)
    page.close()
    again = page.context.new_page()
    again.goto(f"{site.url}/certificado/#good")
    step(again, "term")


def test_a_newer_link_pasted_over_the_address_is_opened(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site, "old")
    step(page, "stopped")
    page.goto(f"{site.url}/certificado/#good")
    step(page, "intro")


def enter_code(page: Page) -> None:
    page.fill("#code", CODE)
    page.fill("#words", WORDS)
    page.locator("#code-form button").click()


LARGE_TEXT = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%'; })"


@pytest.mark.parametrize(("width", "large"), [(320, False), (320, True), (1280, False)])
def test_every_step_is_accessible_and_fits(site: Site, width: int, large: bool) -> None:
    """As the staff's pages (axe, WCAG 2.2 AA), on a small phone, also with large text, and on a computer."""
    PhoneService(site.gateway.caller)

    def window(agent: str | None = None) -> Page:
        opened = site.context(viewport={"width": width, "height": 568}, user_agent=agent).new_page()
        if large:
            opened.add_init_script(LARGE_TEXT)
        return opened

    page = window()
    page.goto(f"{site.url}/certificado/#good")
    faults: list[str] = []

    def look(name: str) -> None:
        step(page, name)
        found = violations(page)
        faults.extend(f"{name}: {each['id']} at {[node['target'] for node in each['nodes'][:3]]}" for each in found)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name}: too wide")

    look("intro")
    give_data(page, "11111111111")
    look("data")
    give_data(page)
    step(page, "code")
    page.locator("#code-form button").click()
    look("code")
    enter_code(page)
    look("key")
    page.click("#create-key")
    look("term")
    page.check("#read")
    page.click("#sign")
    look("done")
    page.click("#to-place")
    look("own")
    page.locator("#own-list button").click()
    look("place")
    page.check("#reason-lost")
    page.click("#revoke-form button")
    look("revoke")
    for token, agent in (("old", None), ("good", INSTAGRAM)):
        page = window(agent)
        page.goto(f"{site.url}/certificado/#{token}")
        look("stopped")
    assert faults == []


def test_what_the_page_loads_is_small(site: Site) -> None:
    """As the proxy sends it (gzip); fonts are compressed already. An old phone has it in a second or two."""
    PhoneService(site.gateway.caller)
    page = site.phone()
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda got: sizes.update({got.url.partition("#")[0]: min(len(gzip.compress(got.body())), len(got.body()))})
    )
    page.goto(f"{site.url}/certificado/#good", wait_until="networkidle")
    step(page, "intro")
    assert len([address for address in sizes if address.endswith(".woff2")]) == 2
    assert sum(sizes.values()) <= LARGEST, sizes


LOST_ANSWERS = {
    "dados": give_data,
    "codigo": enter_code,
    "solicitacao": lambda page: page.click("#create-key"),
    "assinatura": lambda page: (page.check("#read"), page.click("#sign")),
}
AFTER = {"dados": "code", "codigo": "key", "solicitacao": "term", "assinatura": "done"}


@pytest.mark.parametrize(
    ("lost", "reloads"),
    [("dados", False), ("codigo", False), ("codigo", True), ("solicitacao", True), ("assinatura", True)],
)
def test_an_answer_that_was_lost_is_had_by_asking_again(site: Site, lost: str, reloads: bool) -> None:
    """The server did what was asked, the network was cut before the answer came, and the holder tries again."""
    PhoneService(site.gateway.caller)
    page = open_link(site, service_workers="block")  # routes are not asked about what a worker lets through
    step(page, "intro")
    for name, act in LOST_ANSWERS.items():
        if name != lost:
            act(page)
            step(page, AFTER[name])
            continue

        # when the answer is lost
        page.route(f"**/certificado/api/{name}", lambda route: (route.fetch(), route.abort()))
        act(page)
        expect(page.locator("#phone-problem")).to_contain_text("Sem conexão", timeout=8000)
        page.unroute(f"**/certificado/api/{name}")

        # then the same act, or the page that begins anew, goes on
        if reloads:
            page.reload()
            expect(page.locator("section[data-step=loading]")).to_be_hidden()
        if page.locator(f"section[data-step={AFTER[name]}]").is_hidden():
            act(page)
        step(page, AFTER[name])
        break
    # A request and a signature are others each time (ECDSA); the server knows them by key and term.
    told = [asked for asked in site.gateway.caller.commands() if asked.operation is contract.VERIFY_HOLDER_CODE]
    assert len({asked.command_id for asked in told}) <= 1


LACKS = {
    "no_keys": ("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })", "antigo demais para criar"),
    "cannot store": (
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'DataCloneError') }",
        "guardar uma chave",
    ),
    "forgets": ("IDBObjectStore.prototype.put = function () { return this.get('nothing') }", "guardar uma chave"),
    "no database": ("Object.defineProperty(window, 'indexedDB', { value: undefined })", "guardar uma chave"),
}


@pytest.mark.parametrize("lack", LACKS)
def test_a_browser_that_cannot_keep_a_key_is_found_out_before_anything_is_typed(site: Site, lack: str) -> None:
    PhoneService(site.gateway.caller)
    page = site.phone()
    page.add_init_script(LACKS[lack][0])
    page.goto(f"{site.url}/certificado/#good")
    step(page, "stopped")
    expect(page.locator("#stopped-text")).to_contain_text(LACKS[lack][1])
    expect(page.locator("[data-way]:visible")).to_have_count(3)
    assert site.gateway.caller.asked == []


def test_inside_another_app_the_reader_is_sent_to_the_browser(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = site.phone(user_agent=INSTAGRAM, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site.url}/certificado/#good")
    step(page, "stopped")
    expect(page.locator("#stopped-text")).to_contain_text("dentro de um aplicativo")
    expect(page.locator("#open-chrome")).to_be_hidden()
    page.click("[data-copy='#link-address']")
    expect(page.locator("[data-copy='#link-address']")).to_contain_text("Copiado")
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}/certificado/#good"


def test_inside_an_app_on_android_one_tap_opens_chrome(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = site.phone(user_agent="Mozilla/5.0 (Linux; Android 9; wv) AppleWebKit/537.36 Chrome/110.0 Mobile WhatsApp/2.23")
    page.goto(f"{site.url}/certificado/#good")
    step(page, "stopped")
    assert "/certificado/#good#Intent;scheme=http;" in str(page.locator("#open-chrome").get_attribute("href"))


def test_no_connection_is_said_and_can_be_tried_again(site: Site) -> None:
    PhoneService(site.gateway.caller)
    page = open_link(site)
    step(page, "intro")
    page.context.set_offline(True)
    give_data(page)
    expect(page.locator("#phone-problem")).to_contain_text("Sem conexão")
    page.context.set_offline(False)
    page.locator("#data-form button").click()
    step(page, "code")
