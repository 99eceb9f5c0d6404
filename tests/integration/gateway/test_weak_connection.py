"""A weak connection costs the picture and not the sound: in two real browsers, with figures put in the place of measured ones."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts import conference as contract
from services.media.model.timeline import Track
from services.media.tracks import read_folder
from tests.integration.gateway.test_room_pages import clerks_page, connected, opened
from tests.support.engines import Sfu
from tests.support.room_pages import RoomPages
from tests.support.rooms import Office
from tests.support.waiting import until

pytestmark = pytest.mark.integration
MEASURED = """
  // The round trip is what the test says, and looks are taken five times as often.
  window.roundTrip = 0.02;
  RTCPeerConnection.prototype.getStats = async () =>
    new Map([["way", { id: "way", type: "candidate-pair", nominated: true, currentRoundTripTime: window.roundTrip }]]);
  const every = window.setInterval.bind(window);
  window.setInterval = (work, pause, ...more) => every(work, pause === 3000 ? 600 : pause, ...more);
  // What is sent of the picture.
  const limit = RTCRtpSender.prototype.setParameters;
  window.sent = [];
  RTCRtpSender.prototype.setParameters = function (parameters) {
    const [{ active, maxBitrate }] = parameters.encodings;
    window.sent.push(active ? (maxBitrate ?? "full") : "paused");
    return limit.call(this, parameters);
  };
"""
WEAK, GOOD = 0.9, 0.02
PAUSED = "#remote-videos figure.without-picture"


def tracks(sfu: Sfu, conference: dict[str, Any], kind: str) -> list[Track]:
    """What was recorded of the holder."""
    found = read_folder(sfu.recordings / conference["conference_id"])
    return [track for track in found if track.kind == kind and track.participant_id.startswith("holder")]


def said(page: Page, text: str) -> None:
    expect(page.locator("#announcements")).to_contain_text(text, timeout=15_000)


def test_a_weak_connection_goes_on_with_sound_alone_until_it_is_better(
    browser: Browser, pages: RoomPages, clerk: Office, conference: dict[str, Any], sfu: Sfu
) -> None:
    # given two people in a recorded room
    ana = clerks_page(browser, pages)
    ana.locator("#prejoin [data-action=join]").click()
    connected(ana)
    clerk.command(contract.START_CONFERENCE, conference)
    maria = opened(browser, pages.holder_url, MEASURED)
    maria.fill("#display-name", "Maria")
    maria.locator("#prejoin [data-action=join]").click()
    clerk.admit(conference)
    connected(maria)
    clerk.command(contract.START_RECORDING, conference)
    until(lambda: clerk.conference(conference["emission_id"])["recording"] == "on", what="the light")
    until(lambda: tracks(sfu, conference, "video"), what="the recorded picture")

    # when the holder's connection stays weak
    maria.evaluate("weak => { window.roundTrip = weak; window.sent.length = 0; }", WEAK)

    # then first the picture is made smaller and then it stops; both are told, and the other's tile shows nobody
    expect(ana.locator(PAUSED)).to_have_count(1, timeout=15_000)
    said(maria, "Sua conexão está fraca: sua imagem foi interrompida")
    said(ana, "A conexão de Maria está fraca: por enquanto, só o som.")
    expect(ana.locator("#remote-videos [data-off=picture]")).to_be_visible()
    assert maria.evaluate("window.sent") == [150_000, "paused"]
    paused_at = maria.evaluate("Date.now() / 1000")

    # when it is good again for a while, the picture comes back by itself
    until(lambda: maria.evaluate("Date.now() / 1000") - paused_at > 3.5, what="a pause to be seen in the recording")
    maria.evaluate("good => { window.roundTrip = good; }", GOOD)
    expect(ana.locator(PAUSED)).to_have_count(0, timeout=20_000)
    said(maria, "Sua imagem voltou a ser enviada.")
    until(lambda: maria.evaluate("window.sent") == [150_000, "paused", 150_000, "full"], what="the whole picture")

    # and a click brings it back at once
    maria.evaluate("weak => { window.roundTrip = weak; }", WEAK)
    maria.get_by_role("button", name="Enviar a imagem de novo").click()
    expect(maria.get_by_role("button", name="Enviar a imagem de novo")).to_be_hidden()
    assert maria.evaluate("window.sent.at(-1)") == 150_000
    maria.evaluate("good => { window.roundTrip = good; }", GOOD)

    # then the recording has the pause of the picture within one track, and none of the sound
    clerk.command(contract.END_CONFERENCE, conference)
    (picture,), (sound,) = tracks(sfu, conference, "video"), tracks(sfu, conference, "audio")
    assert len(sound.stretches) == 1
    first, second = (stretch.whole for stretch in picture.stretches[:2])
    assert first.ends_at == pytest.approx(paused_at, abs=2.0)
    assert second.begins_at - first.ends_at > 3.0
