"""The room's pages as the gateway makes them, in real browsers, on a running conference service and a real SFU."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts import conference as contract
from tests.integration.gateway.conftest import DESKTOP, PHONE
from tests.support.room_pages import RoomPages
from tests.support.rooms import Office
from tests.support.sample_gateway import PASSWORD

pytestmark = pytest.mark.integration
ANDROID = "Mozilla/5.0 (Linux; Android 13; SM-A135M) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
NOT_ALLOWED_YET = "navigator.permissions.query = async () => ({ state: 'prompt' });"
REFUSED_ONCE = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.refused = true;
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (window.refused) throw new DOMException("no", "NotAllowedError");
    return open(wanted);
  };
"""


TWO_SIDES = """
  const { mediaDevices } = navigator;
  const [open, list] = ["getUserMedia", "enumerateDevices"].map((name) => mediaDevices[name].bind(mediaDevices));
  const back = { kind: "videoinput", deviceId: "back", groupId: "back", label: "back" };
  mediaDevices.enumerateDevices = async () => [...(await list()), back];
  mediaDevices.getUserMedia = (wanted) => {
    window.facing = wanted.video.facingMode?.exact ?? "user";
    return open({ ...wanted, video: true });
  };
"""


def opened(browser: Browser, address: str, *scripts: str, **options: Any) -> Page:
    allowed = ["camera", "microphone", "clipboard-read", "clipboard-write"]
    context = browser.new_context(**{"viewport": DESKTOP, "locale": "pt-BR", "permissions": allowed, **options})
    context.set_default_timeout(15_000)
    page = context.new_page()
    for script in scripts:
        page.add_init_script(script)
    page.goto(address)
    return page


def clerks_page(browser: Browser, pages: RoomPages) -> Page:
    page = opened(browser, f"{pages.url}/entrar")
    page.fill("#user_id", "ana")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_selector(".account-name")
    page.goto(pages.clerk_url)
    return page


def phone(agent: str = ANDROID) -> dict[str, Any]:
    return {"viewport": PHONE, "is_mobile": True, "has_touch": True, "user_agent": agent}


def found(page: Page, part: str, finding: str) -> None:
    expect(page.locator(f"[data-check={part}]")).to_have_attribute("data-finding", finding, timeout=15_000)


def test_the_check_finds_that_all_is_well(browser: Browser, pages: RoomPages) -> None:
    page = opened(browser, pages.holder_url, NOT_ALLOWED_YET, **phone())
    found(page, "connection", "good")
    found(page, "camera", "idle")
    page.get_by_role("button", name="Ligar câmera e microfone").click()
    found(page, "camera", "good")
    found(page, "microphone", "good")
    page.get_by_role("button", name="Ouvir um som").click()
    page.get_by_role("button", name="Sim", exact=True).click()
    found(page, "sound", "good")
    expect(page.locator("#repair")).to_be_hidden()


def test_the_clerk_checks_as_well(browser: Browser, pages: RoomPages) -> None:
    page = clerks_page(browser, pages)
    for part in ("camera", "microphone", "connection"):
        found(page, part, "good")
    page.locator("#prejoin [data-action=join]").click()
    expect(page.locator("#room")).to_have_attribute("data-status", "connected", timeout=20_000)


def test_another_microphone_is_chosen_and_remembered(browser: Browser, pages: RoomPages) -> None:
    page = opened(browser, pages.holder_url)
    choice = page.get_by_label("Microfone", exact=True)
    expect(choice.locator("option")).to_have_count(2)
    other = choice.locator("option:not(:checked)").get_attribute("value")
    assert other is not None
    choice.select_option(other)
    expect(choice).to_have_value(other)
    page.reload()
    expect(choice).to_have_value(other)


@pytest.mark.parametrize(
    ("agent", "step"),
    [
        (ANDROID, "Toque em “Permissões”."),
        (f"{IPHONE} Version/17.0 Mobile/15E148 Safari/604.1", "“aA”"),
        (f"{IPHONE} CriOS/130.0 Mobile/15E148 Safari/604.1", "Abra os “Ajustes” do iPhone."),
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Clique no “x” ao lado de “Bloqueado”.",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
            "“Configurações” do Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
            "No menu “Safari”",
        ),
    ],
)
def test_a_refused_camera_is_repaired_as_browser_and_system_want_it(
    browser: Browser, pages: RoomPages, agent: str, step: str
) -> None:
    page = opened(browser, pages.holder_url, NOT_ALLOWED_YET, REFUSED_ONCE, user_agent=agent)
    page.get_by_role("button", name="Ligar câmera e microfone").click()
    expect(page.locator("#repair")).to_contain_text("O navegador não permite câmera e microfone")
    expect(page.locator("#repair-steps")).to_contain_text(step)
    page.evaluate("window.refused = false")
    page.get_by_role("button", name="Tentar de novo").click()
    found(page, "camera", "good")
    expect(page.locator("#repair")).to_be_hidden()


def test_what_is_not_vital_keeps_nobody_out(browser: Browser, pages: RoomPages) -> None:
    silence = "AnalyserNode.prototype.getFloatTimeDomainData = (samples) => samples.fill(0);"
    no_way = "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.()); } close() {} };"
    page = opened(browser, pages.holder_url, silence, no_way, **phone())
    found(page, "connection", "bad")
    found(page, "microphone", "doubt")
    page.locator("[data-action=help-connection]").click()
    expect(page.locator("#repair")).to_contain_text("dados móveis")
    expect(page.locator("#repair")).to_contain_text("Isso não impede a entrada")
    expect(page.locator("#prejoin [data-action=join]")).to_be_enabled()
    page.fill("#display-name", "Maria")
    page.locator("#prejoin [data-action=join]").click()
    expect(page.locator("#waiting")).to_be_visible()


@pytest.mark.parametrize(
    ("agent", "step"),
    [
        (ANDROID.replace("SM-A135M", "SM-A135M; wv") + " Instagram 300.0", "Abrir no navegador externo"),
        (ANDROID.replace("SM-A135M", "SM-A135M; wv") + " [FB_IAB/MESSENGER;FBAV/440]", "Abrir no Chrome"),
        (ANDROID.replace("SM-A135M", "SM-A135M; wv") + " WhatsApp/2.24", "Abrir no Chrome"),
        (f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/440]", "Abrir no navegador externo"),
        (f"{IPHONE} Mobile/15E148 BytedanceWebview/d8a21c6 TikTok 26", "Abrir no navegador"),
        (f"{IPHONE} Mobile/15E148", "Abrir no Safari"),
    ],
)
def test_inside_an_app_the_way_out_is_shown(browser: Browser, pages: RoomPages, agent: str, step: str) -> None:
    page = opened(browser, pages.holder_url, **phone(agent))
    expect(page.locator("#in-app")).to_be_visible()
    expect(page.locator("#in-app-steps")).to_contain_text(step)
    opener = page.get_by_role("link", name="Abrir no Chrome")
    if "Android" in agent:
        intent = opener.get_attribute("href") or ""
        assert intent.startswith(f"intent://{pages.holder_url.removeprefix('http://')}#Intent;scheme=http;")
        assert intent.endswith(";package=com.android.chrome;end")
    else:
        expect(opener).to_be_hidden()
    page.get_by_role("button", name="Copiar o link").click()
    expect(page.get_by_role("button", name="Copiado")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == pages.holder_url
    page.get_by_role("button", name="Tentar aqui mesmo").click()
    expect(page.locator("#prejoin")).to_be_visible()


def connected(page: Page) -> None:
    expect(page.locator("#room")).to_have_attribute("data-status", "connected", timeout=20_000)


@pytest.fixture
def meeting(browser: Browser, pages: RoomPages, clerk: Office, conference: dict[str, Any]) -> tuple[Page, Page]:
    """The clerk and the holder, connected; the holder on a phone."""
    ana = clerks_page(browser, pages)
    ana.locator("#prejoin [data-action=join]").click()
    connected(ana)
    clerk.command(contract.START_CONFERENCE, conference)
    maria = opened(browser, pages.holder_url, TWO_SIDES, **phone())
    maria.fill("#display-name", "Maria")
    maria.locator("#prejoin [data-action=join]").click()
    ana.get_by_role("button", name="Admitir Maria").click()
    connected(maria)
    expect(ana.locator("#remote-videos figcaption")).to_have_text("Maria", timeout=15_000)
    expect(maria.locator("#remote-videos figure")).to_have_count(1, timeout=15_000)
    return ana, maria


def test_what_is_switched_off_is_shown_on_both_sides_and_said(meeting: tuple[Page, Page]) -> None:
    ana, maria = meeting
    expect(ana.locator("#announcements")).to_contain_text("Maria está na sala.")
    maria.locator("[data-action=mute-audio]").click()
    expect(maria.locator(".local-tile [data-off=audio]")).to_be_visible()
    expect(maria.locator("#announcements")).to_contain_text("Seu microfone está desligado.")
    expect(ana.locator("#remote-videos [data-off=audio]")).to_be_visible()
    expect(ana.locator("#announcements")).to_contain_text("Maria desligou o microfone.")
    expect(ana.locator("#remote-videos [data-off=video]")).to_be_hidden()
    ana.locator("body").press("v")
    expect(ana.locator("[data-action=mute-video]")).to_have_attribute("aria-pressed", "true")
    expect(maria.locator("#remote-videos [data-off=video]")).to_be_visible()
    maria.locator("[data-action=mute-audio]").click()
    expect(ana.locator("#remote-videos [data-off=audio]")).to_be_hidden()
    maria.locator("[data-action=leave]").click()
    expect(ana.locator("#announcements")).to_contain_text("Maria saiu da sala.")


def test_who_comes_later_sees_what_is_switched_off(meeting: tuple[Page, Page]) -> None:
    ana, maria = meeting
    ana.locator("body").press("m")
    expect(maria.locator("#remote-videos [data-off=audio]")).to_be_visible()
    maria.locator("[data-action=leave]").click()
    maria.locator("#prejoin [data-action=join]").click()
    connected(maria)
    expect(maria.locator("#remote-videos [data-off=audio]")).to_be_visible(timeout=15_000)


def test_the_recording_and_the_connection_are_told(meeting: tuple[Page, Page], clerk: Office, conference: dict[str, Any]) -> None:
    clerk.command(contract.START_RECORDING, conference)
    for page in meeting:
        expect(page.locator("#announcements")).to_contain_text("A gravação começou.", timeout=20_000)
        expect(page.locator("#network-quality")).to_contain_text("Conexão")


def test_a_phone_shows_its_other_side(meeting: tuple[Page, Page]) -> None:
    ana, maria = meeting
    flip = maria.get_by_role("button", name="Virar a câmera")
    first = maria.evaluate("document.getElementById('local-video').srcObject.getVideoTracks()[0].id")
    flip.click()
    expect(maria.locator("#local-video")).to_have_class("not-mirrored")
    assert maria.evaluate("window.facing") == "environment"
    assert maria.evaluate("document.getElementById('local-video').srcObject.getVideoTracks()[0].id") != first
    ana.wait_for_function(
        """() => {
            const { currentTime } = document.querySelector("#remote-videos video");
            window.flippedAt ??= currentTime;
            return currentTime > window.flippedAt + 1;
        }"""
    )
    flip.click()
    expect(maria.locator("#local-video")).not_to_have_class("not-mirrored")
    expect(ana.get_by_role("button", name="Virar a câmera")).to_be_hidden()


def test_keys_leave_typing_and_dialogs_alone(meeting: tuple[Page, Page]) -> None:
    ana, _maria = meeting
    microphone = ana.locator("[data-action=mute-audio]")
    ana.locator(".room-end").click()
    ana.keyboard.press("m")
    expect(microphone).to_have_attribute("aria-pressed", "false")
    ana.keyboard.press("Escape")
    expect(ana.locator("#confirm-end")).to_be_hidden()
    ana.get_by_role("button", name="Dados do cadastro").click()
    ana.keyboard.press("Escape")
    expect(ana.locator("#registration-panel")).to_be_hidden()
    expect(ana.get_by_role("button", name="Dados do cadastro")).to_be_focused()


def test_the_link_is_shown_as_a_code(browser: Browser, pages: RoomPages) -> None:
    page = clerks_page(browser, pages)
    expect(page.get_by_role("img", name="Link de acesso como código QR")).to_be_visible()
    expect(page.get_by_role("button", name="Copiar link de acesso")).to_be_visible()
