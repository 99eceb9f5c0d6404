"""The waiting room in real browsers, on a running conference service and a real SFU."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts import conference as contract
from contracts.errors import Forbidden
from tests.integration.gateway.test_room_pages import clerks_page, connected, opened, phone
from tests.support.room_pages import RoomPages
from tests.support.rooms import HOLDER, Office
from tests.support.waiting import until

pytestmark = pytest.mark.integration
KEPT = "JSON.parse(Object.entries(localStorage).find(([key]) => key.includes('admission'))[1]).admission"


def asks(page: Page, name: str) -> None:
    page.fill("#display-name", name)
    page.locator("#prejoin [data-action=join]").click()
    waits(page)


def waits(page: Page) -> None:
    expect(page.locator("#room")).to_have_attribute("data-status", "waiting", timeout=15_000)
    expect(page.locator("#waiting")).to_be_visible()


def says(page: Page, status: str, text: str) -> None:
    expect(page.locator("#room")).to_have_attribute("data-status", status, timeout=15_000)
    expect(page.locator("#room-error")).to_contain_text(text)
    expect(page.locator("#prejoin")).to_be_visible()


def sees_the_other(page: Page) -> None:
    page.wait_for_function(
        "() => [...document.querySelectorAll('#remote-videos video')].some(v => v.videoWidth > 0 && v.currentTime > 0)"
    )


@pytest.fixture
def ana(browser: Browser, pages: RoomPages) -> Page:
    """The clerk, in the room."""
    page = clerks_page(browser, pages)
    page.locator("#prejoin [data-action=join]").click()
    connected(page)
    return page


@pytest.fixture
def maria(browser: Browser, pages: RoomPages) -> Page:
    """The holder's phone, with the link open."""
    return opened(browser, pages.holder_url, **phone())


def test_a_holder_waits_is_refused_asks_again_and_is_admitted(
    ana: Page, maria: Page, clerk: Office, conference: dict[str, Any]
) -> None:
    # given a holder who asks before the start
    asks(maria, "Maria <i>")
    expect(maria.locator("#waiting-text")).to_contain_text("ainda não começou")
    expect(ana.locator("#announcements")).to_contain_text("Maria <i> está à espera para entrar.")
    expect(ana.locator(".waiting-list")).to_contain_text("Inicie a conferência")
    maria.wait_for_function("() => document.querySelector('#waiting-video').videoWidth > 0")

    # when the clerk starts and refuses, the holder is told, and may ask again
    ana.get_by_role("button", name="Iniciar conferência").click()
    expect(maria.locator("#waiting-text")).to_contain_text("já foi avisado")
    ana.get_by_role("button", name="Recusar Maria").click()
    says(maria, "refused", "não admitiu a sua entrada")
    asks(maria, "Maria")

    # then a reloaded page keeps its place, and has no way into the room
    maria.reload()
    waits(maria)
    assert len(clerk.waiting(conference)) == 1
    data = {"token": conference["join_token"], "display_name": "Maria"}
    for kept in (None, maria.evaluate(KEPT)):
        with pytest.raises(Forbidden):
            clerk.ask(contract.JOIN_CONFERENCE, {**data, "admission": kept}, actor=HOLDER)
    assert clerk.present(conference) == {"clerk"}

    # when the clerk admits (with the keyboard), both see each other
    ana.get_by_role("button", name="Admitir Maria").focus()
    ana.keyboard.press("Enter")
    connected(maria)
    sees_the_other(ana)
    sees_the_other(maria)
    until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present")

    # and a reload comes back without asking, also while it is recorded
    clerk.command(contract.START_RECORDING, conference)
    maria.reload()
    expect(maria.locator("#display-name")).to_have_value("Maria")
    maria.locator("#prejoin [data-action=join]").click()
    connected(maria)
    assert not clerk.waiting(conference)
    until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present again")


def test_who_is_removed_is_told_and_makes_room_for_a_second_browser_that_waits(
    ana: Page, maria: Page, browser: Browser, pages: RoomPages, clerk: Office, conference: dict[str, Any]
) -> None:
    # given a holder in the room, and a second browser with the link
    ana.get_by_role("button", name="Iniciar conferência").click()
    asks(maria, "Maria")
    ana.get_by_role("button", name="Admitir Maria").click()
    connected(maria)
    until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present")
    rosa = opened(browser, pages.holder_url, **phone())
    asks(rosa, "Rosa")
    expect(ana.get_by_role("button", name="Admitir Rosa")).to_be_disabled()

    # when the clerk removes the first, confirmed once
    ana.get_by_role("button", name="Remover da sala").click()
    ana.get_by_role("button", name="Sim, remover da sala").click()

    # then it is out at once, and is told, also after a reload
    says(maria, "ejected", "removeu você da sala")
    expect(ana.locator("#remote-videos figure")).to_have_count(0)
    until(lambda: clerk.present(conference) == {"clerk"}, what="the clerk alone")
    maria.reload()
    expect(maria.locator("#room-error")).to_contain_text("removeu você da sala")

    # and the second can be admitted, while the first may ask again
    ana.get_by_role("button", name="Admitir Rosa").click()
    connected(rosa)
    sees_the_other(ana)
    asks(maria, "Maria")
    expect(ana.get_by_role("button", name="Admitir Maria")).to_be_disabled()
    clerk.command(contract.END_CONFERENCE, conference)
    for page in (maria, rosa):
        expect(page.locator("#ended")).to_be_visible(timeout=15_000)
