"""The room's script in two browsers, on a running conference service and a real SFU."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts import conference as contract
from tests.support import browsers
from tests.support.engines import Broker, Documents, Sfu
from tests.support.room_site import build_script, room_site
from tests.support.rooms import Office, office, sfu_settings
from tests.support.services import environment
from tests.support.waiting import until

pytestmark = pytest.mark.integration
WAYS = "room.stay.connections().map(one => /a=ice-ufrag:(\\S+)/.exec(one.localDescription.sdp)[1])"


@pytest.fixture(scope="module")
def clerk(broker: Broker, document_engine: Documents, sfu: Sfu, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    env = environment(broker, document_engine) | sfu_settings(sfu)
    with office(broker, env, tmp_path_factory.mktemp("conference")) as running:
        yield running


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_script(tmp_path_factory.mktemp("script"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsers.chromium() as running:
        yield running


def has_status(page: Page, status: str) -> None:
    expect(page.locator("#room")).to_have_attribute("data-status", status, timeout=20_000)


def plays(page: Page, selector: str) -> None:
    """The video there shows moving pictures."""
    page.wait_for_function(
        "selector => { const v = document.querySelector(selector); return v && v.videoWidth > 0 && v.currentTime > 0.3; }",
        arg=selector,
        timeout=20_000,
    )


def plays_on(page: Page, selector: str) -> None:
    """The video there goes on from where it is."""
    page.wait_for_function(
        """selector => {
            const { currentTime } = document.querySelector(selector);
            window.playedFrom ??= currentTime;
            return currentTime > window.playedFrom + 1;
        }""",
        arg=selector,
        timeout=20_000,
    )


def opened(browser: Browser, address: str) -> Page:
    page = browsers.new_page(browser)
    page.goto(address)
    return page


def test_two_people_meet_lose_the_connection_share_a_screen_and_part(clerk: Office, browser: Browser, script: Path) -> None:
    conference = clerk.opened()
    with room_site(clerk, script, conference) as address:
        ana = opened(browser, f"{address}/clerk")
        plays(ana, "#device-video")
        ana.click("[data-action=join]")
        has_status(ana, "connected")

        # The holder waits until the clerk starts and admits.
        maria = opened(browser, f"{address}/holder#{conference['join_token']}")
        maria.click("[data-action=join]")
        has_status(maria, "waiting")
        expect(maria.locator("#waiting")).to_be_visible()
        clerk.command(contract.START_CONFERENCE, conference)
        clerk.admit(conference)
        has_status(maria, "connected")
        plays(ana, "#remote-videos video")
        plays(maria, "#remote-videos video")
        expect(ana.locator("#remote-videos figcaption")).to_have_text("Maria")
        expect(maria.locator("#local-video")).to_be_visible()

        clerk.command(contract.START_RECORDING, conference)
        expect(maria.locator("#holder-recording")).to_be_visible(timeout=10_000)

        # Muted, the track goes on as silence.
        maria.click("[data-action=mute-audio]")
        expect(maria.locator("[data-action=mute-audio]")).to_have_attribute("aria-pressed", "true")
        assert maria.evaluate("document.getElementById('local-video').srcObject.getAudioTracks()[0].enabled") is False

        # A lost connection: joined again by itself, and the other sees one tile only.
        first_stay = maria.evaluate("room.access.participant_id")
        maria.evaluate("room.stay.publisher.webrtcStuff.pc.close(); room.stay.end('lost')")
        until(lambda: maria.evaluate("room.stay && room.access.participant_id") not in {None, first_stay}, what="a new stay")
        has_status(maria, "connected")
        until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present")
        expect(ana.locator("#remote-videos figure")).to_have_count(1, timeout=10_000)
        plays(ana, "#remote-videos video")

        ana.click("[data-action=share-screen]")
        expect(maria.locator("#screen-video")).to_be_visible(timeout=20_000)
        plays(maria, "#screen-video")
        expect(ana.locator("#screen-video")).to_be_hidden()
        ana.click("[data-action=share-screen]")
        expect(maria.locator("#screen-video")).to_be_hidden(timeout=10_000)

        ana.click("[data-action=leave]")
        has_status(ana, "left")
        expect(maria.locator("#remote-videos figure")).to_have_count(0, timeout=10_000)
        until(lambda: clerk.present(conference) == {"holder"}, what="the clerk gone")
        ana.click("[data-action=join]")
        has_status(ana, "connected")

        clerk.command(contract.END_CONFERENCE, conference)
        has_status(maria, "ended")
        expect(maria.locator("#ended")).to_be_visible()
        has_status(ana, "ended")


def test_a_way_that_fails_is_found_anew_within_the_same_stay(clerk: Office, browser: Browser, script: Path) -> None:
    conference = clerk.opened()
    clerk.command(contract.START_CONFERENCE, conference)
    with room_site(clerk, script, conference) as address:
        ana = opened(browser, f"{address}/clerk")
        ana.click("[data-action=join]")
        has_status(ana, "connected")
        maria = opened(browser, f"{address}/holder#{conference['join_token']}")
        maria.click("[data-action=join]")
        clerk.admit(conference)
        plays(ana, "#remote-videos video")
        plays(maria, "#remote-videos video")
        # Nobody leaves, and the recording keeps its files.
        stay = maria.evaluate("room.access.participant_id")
        ways = maria.evaluate(WAYS)
        maria.evaluate("room.stay.publisher.iceState('failed'); room.stay.subscriptions.forEach(one => one.iceState('failed'))")
        until(lambda: not set(maria.evaluate(WAYS)) & set(ways), what="fresh ways")
        has_status(maria, "connected")
        assert maria.evaluate("room.access.participant_id") == stay
        plays_on(ana, "#remote-videos video")
        plays_on(maria, "#remote-videos video")


def test_a_wrong_link_and_a_missing_one_say_so(clerk: Office, browser: Browser, script: Path) -> None:
    conference = clerk.opened()
    with room_site(clerk, script, conference) as address:
        forged = opened(browser, f"{address}/holder#{conference['join_token']}x")
        has_status(forged, "unusable")
        missing = opened(browser, f"{address}/holder")
        expect(missing.locator("#room-error")).to_have_text("no_token")
        clerk.command(contract.END_CONFERENCE, conference)
        late = opened(browser, f"{address}/holder#{conference['join_token']}")
        has_status(late, "ended")


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        ("NotAllowedError", "permission_denied"),
        ("NotFoundError", "no_device"),
        ("NotReadableError", "device_busy"),
        ("SecurityError", "insecure"),
    ],
)
def test_a_refused_camera_is_explained(clerk: Office, browser: Browser, script: Path, failure: str, text: str) -> None:
    conference = clerk.opened()
    with room_site(clerk, script, conference) as address:
        page = browsers.new_page(browser)
        page.add_init_script(f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('no', '{failure}') }}")
        page.goto(f"{address}/clerk")
        page.click("[data-action=join]")
        expect(page.locator("#room-error")).to_have_text(text)
