"""Staff pages in a real browser: live parts, copying, dialogs, and accessibility of every page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from contracts import certification, conference
from contracts.errors import Conflict
from gateway.security.references import References
from tests.integration.gateway.conftest import DESKTOP, PHONE, Site
from tests.support import gateway_samples as samples
from tests.support.accessibility import violations
from tests.support.sample_gateway import settings

pytestmark = pytest.mark.integration


TAKEN_UP = "() => document.querySelector('#tick-consent').form['htmx-internal-data']?.listenerInfos?.length > 0"
"""A form that was put in anew is sent as forms are until its script has it: then the whole page comes anew."""


def emission(name: str) -> str:
    return f"/emissoes/{samples.named_id(f'emission-{name}')}"


def signed_in(site: Site, user_id: str, path: str) -> Page:
    context = site.context(user_id, permissions=["clipboard-read", "clipboard-write", "camera", "microphone"])
    page = context.new_page()
    page.goto(site.url + path)
    return page


def refresh(page: Page) -> None:
    """What an event of the stream does."""
    page.evaluate("document.querySelector('[data-stream]').dispatchEvent(new Event('refresh'))")


def test_parts_change_without_a_reload_and_typing_elsewhere_stays(site: Site) -> None:
    page = signed_in(site, "ana", emission("started"))
    page.locator("#part-other summary").first.click()
    page.locator("#reason-inconclusiva").fill("Sem som")
    ended = samples.emission("started", conference="ended", video="processing")
    site.gateway.caller.answers[certification.GET_EMISSION] = lambda _d, _a: ended
    refresh(page)
    expect(page.locator("#part-action")).to_contain_text("A conferência foi encerrada")
    expect(page.locator("#part-video")).to_contain_text("em processamento")
    expect(page.locator("#part-steps [aria-current]")).to_contain_text("Identificação")
    expect(page.locator("#reason-inconclusiva")).to_have_value("Sem som")


def test_the_access_link_is_copied_whole(site: Site) -> None:
    page = signed_in(site, "ana", emission("started"))
    button = page.get_by_role("button", name="Copiar link de acesso")
    button.click()
    expect(page.get_by_role("button", name="Copiado")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{site.url}/videoconferencia/#{samples.conference(samples.emission())['join_token']}"


def test_words_are_shown_to_be_told_and_the_link_as_a_code_behind_a_click(site: Site) -> None:
    # given an emission whose holder was invited
    page = signed_in(site, "ana", emission("dispatched"))
    expect(page.locator("#spoken-words")).to_have_text("maçã lua")
    expect(page.locator(".qr-code")).to_have_count(0)
    assert certification.SHOW_LINK not in [asked.operation for asked in site.gateway.caller.commands()]

    # when the clerk shows the link, then it is there and stays when the page looks for what has changed
    page.click("#show-link")
    expect(page.locator("#link-code .qr-code")).to_be_visible()
    refresh(page)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#link-code .qr-code")).to_be_visible()


def test_the_words_stand_in_the_room_while_the_person_is_there(site: Site) -> None:
    state = samples.emission("recording", conference="recording")
    site.gateway.caller.answers[certification.GET_EMISSION] = lambda _d, _a: state
    page = signed_in(site, "ana", f"{emission('recording')}/sala")
    expect(page.locator("#spoken-words")).to_have_text("maçã lua")


def test_the_checklist_is_ticked_by_keyboard_and_keeps_the_place(site: Site) -> None:
    state = samples.emission("recording", conference="recording")
    ticked: list[dict[str, object]] = []
    site.gateway.caller.answers[conference.GET_CONFERENCE] = lambda _d, _a: samples.conference(state, checklist=list(ticked))

    def tick(data: dict[str, object], _actor: object) -> dict[str, object]:
        ticked[:] = [{"item": data["item"], "at": samples.NOW}] if data["done"] else []
        return samples.conference(state, checklist=list(ticked))

    site.gateway.caller.answers[conference.TICK_CHECKLIST] = tick
    page = signed_in(site, "ana", f"{emission('recording')}/sala")
    item = page.locator("#tick-consent")
    item.focus()
    for pressed in ("true", "false"):
        page.keyboard.press("Space")
        expect(item).to_have_attribute("aria-pressed", pressed)
        page.wait_for_function(TAKEN_UP)
        expect(item).to_be_focused()


def test_a_refusal_in_the_room_is_said_and_the_room_stays(site: Site) -> None:
    state = samples.emission("started", conference="started")
    answers = site.gateway.caller.answers
    answers[certification.GET_EMISSION] = lambda _d, _a: state
    answers[conference.GET_CONFERENCE] = lambda _d, _a: samples.conference(state)
    answers[conference.START_RECORDING] = Conflict("not now")
    page = signed_in(site, "ana", f"{emission('started')}/sala")
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="Iniciar gravação").click()
    expect(page.locator("#messages")).to_contain_text("não é possível na situação atual")
    assert page.evaluate("window.stayed") is True


def test_ending_asks_twice(site: Site) -> None:
    page = signed_in(site, "ana", f"{emission('recording')}/sala")
    page.locator(".room-end").click()
    expect(page.locator("#confirm-end")).to_be_visible()
    assert not site.gateway.caller.commands()
    page.keyboard.press("Escape")
    expect(page.locator("#confirm-end")).to_be_hidden()
    page.locator(".room-end").click()
    page.get_by_role("button", name="Sim, encerrar conferência").click()
    page.wait_for_url(f"**{emission('recording')}")
    assert [asked.operation for asked in site.gateway.caller.commands()] == [conference.END_CONFERENCE]


def test_masks_and_double_clicks(site: Site) -> None:
    page = signed_in(site, "ana", "/")
    page.locator("#cpf").press_sequentially("52998224725")
    expect(page.locator("#cpf")).to_have_value("529.982.247-25")
    page.locator(".search-form button").dblclick()
    page.wait_for_url("**/pessoas/*")


REFERENCE = References(settings().secret).refer
PAGES: list[tuple[str | None, str]] = [
    (None, "/entrar"),
    (None, "/videoconferencia/#good"),
    (None, "/videoconferencia/#bad"),
    (None, "/certificado/#good"),
    (None, "/certificado/"),
    (None, "/ajuda/videoconferencia"),
    (None, "/ajuda/procedimento"),
    ("ana", "/"),
    ("ana", f"/pessoas/{REFERENCE(samples.CPF)}"),
    ("ana", f"/pessoas/{REFERENCE(samples.UNREGISTERED_CPF)}"),
    ("ana", f"/pessoas/{REFERENCE(samples.BLOCKED_CPF)}"),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}"),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}/editar"),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}/certificacao"),
    ("ana", f"/cadastros/{samples.OWN_REGISTRATION}/certificacao/remota"),
    *(("ana", emission(name)) for name in samples.emissions()),
    ("ana", f"{emission('started')}/sala"),
    ("ana", f"{emission('recording')}/sala"),
    ("ana", "/api/"),
    ("ana", "/nada"),
    ("olga", "/operacoes/"),
    ("olga", "/operacoes/filas"),
    ("olga", "/operacoes/nao-tratados"),
    *(("olga", f"/operacoes/nao-tratados/{letter.queue}/{letter.id}") for letter in samples.dead_letters()),
    ("olga", f"/operacoes/nao-tratados/{samples.dead_letters()[0].queue}"),
    ("olga", f"/operacoes/nao-tratados/{samples.dead_letters()[0].queue}/descartar"),
    ("olga", "/operacoes/paradas"),
    ("olga", "/operacoes/registro"),
    ("davi", "/auditoria/"),
    ("davi", f"/auditoria/{emission('completed').lstrip('/')}?ate=3"),
    ("ana", "/?vencem=1"),
    ("davi", "/autoridade/?chave=ocsp"),
    ("ada", "/autoridade/"),
    ("ada", "/autoridade/certificados"),
    ("ada", f"/autoridade/certificados/{samples.named_id('emission-completed')}"),
]


@pytest.mark.parametrize("size", [pytest.param("desktop", marks=pytest.mark.long), "phone"])
def test_every_page_is_accessible_and_fits(site: Site, size: str) -> None:
    """WCAG 2.2 AA as far as a program can judge it (axe), no sideways scrolling, no error in the console."""
    faults: list[str] = []
    contexts = {
        user_id: site.context(user_id, viewport=DESKTOP if size == "desktop" else PHONE, permissions=["camera", "microphone"])
        for user_id in dict.fromkeys(user_id for user_id, _ in PAGES)
    }
    for user_id, path in PAGES:
        page = contexts[user_id].new_page()
        said: list[str] = []
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("console", lambda message, said=said: said.append(message.text))
        page.goto(site.url + path)
        page.wait_for_function("document.fonts.status === 'loaded'")
        found = violations(page)
        faults += [f"{path}: {each['id']} at {[node['target'] for node in each['nodes'][:3]]}" for each in found]
        # Streams are not served here, and some pages are errors by purpose: those two the browser names itself.
        faults += [f"{path}: {text}" for text in said if "Failed to load resource" not in text and "EventSource" not in text]
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            faults.append(f"{path}: {width} px too wide")
        page.close()
    assert faults == []
