"""A picture of the identity document from the room, in real browsers, on a running conference service and a real SFU."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from contracts import conference as contract
from contracts import registry
from contracts.actor import Actor
from gateway.pictures import checked_picture
from tests.integration.gateway.test_room_pages import clerks_page, connected, opened, phone
from tests.integration.gateway.test_waiting_room import KEPT
from tests.support import gateway_samples as samples
from tests.support.accessibility import violations
from tests.support.browsers import SWITCHES
from tests.support.room_pages import RoomPages
from tests.support.rooms import Office
from tests.support.waiting import until

pytestmark = pytest.mark.integration
NO_PHOTOGRAPHER = "delete window.ImageCapture;"
LARGEST = """() => {
  const [track] = document.querySelector('#local-video').srcObject.getVideoTracks();
  const { width, height } = track.getCapabilities();
  return [width.max, height.max];
}"""
UPLOAD = """async ([url, fields, kind, bytes]) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("picture", new Blob([new Uint8Array(bytes)], { type: kind }), "picture");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
  return { status: answer.status, body: await answer.json() };
}"""


@pytest.fixture
def meeting(browser: Browser, pages: RoomPages, clerk: Office, conference: dict[str, Any]) -> Iterator[tuple[Page, Page]]:
    """Clerk and holder in the room, each with a browser, and so a camera, of their own: a shared one keeps its size."""
    ana = clerks_page(browser, pages)
    ana.locator("#prejoin [data-action=join]").click()
    connected(ana)
    clerk.command(contract.START_CONFERENCE, conference)
    other = browser.browser_type.launch(executable_path="/usr/bin/chromium", headless=True, args=list(SWITCHES))
    maria = opened(other, pages.holder_url, **phone())
    maria.fill("#display-name", "Maria")
    maria.locator("#prejoin [data-action=join]").click()
    clerk.admit(conference)
    connected(maria)
    until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present")
    yield ana, maria
    other.close()


def registry_keeps(pages: RoomPages) -> list[dict[str, Any]]:
    """The registry's part: what it is given, it keeps under the hash of its bytes."""
    kept: list[dict[str, Any]] = []
    objects = pages.gateway.objects

    def keep(data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        content = b"".join(objects.stream("incoming", data["incoming_key"]))
        stored = objects.put("attachments", data["incoming_key"], content, checked_picture(content, len(content)).content_type)
        attachment = {**samples.attachment(), **stored, "kind": data["kind"], "filename": data["filename"]}
        kept.append({**data, "content": content})
        return {"attachment": attachment, "version": 4}

    pages.gateway.caller.answers[registry.ADD_ATTACHMENT] = keep
    return kept


def asked_for(ana: Page, maria: Page, clerk: Office, conference: dict[str, Any]) -> None:
    """It is recorded, and the clerk asks for a picture."""
    clerk.command(contract.START_RECORDING, conference)
    ana.get_by_role("button", name="Pedir foto do documento").click()
    expect(ana.locator("#part-document")).to_contain_text("À espera da foto")
    expect(maria.locator("#document-picture")).to_be_visible()
    maria.wait_for_function("() => document.querySelector('#document-video').videoWidth > 0")


def picture_of(clerk: Office, conference: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = clerk.conference(conference["emission_id"])["document_picture"]
    return shown


def taken(maria: Page) -> None:
    maria.get_by_role("button", name="Tirar a foto").click()
    expect(maria.get_by_role("button", name="Enviar esta foto")).to_be_visible()
    maria.wait_for_function("() => document.querySelector('#document-preview').naturalWidth > 0")


def has_no_fault(page: Page) -> None:
    """Axe finds nothing, and nothing must be scrolled sideways."""
    assert [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in violations(page)] == []
    assert page.evaluate("[...document.querySelectorAll('html, dialog[open]')].every(one => one.scrollWidth <= one.clientWidth)")


def test_the_holder_takes_the_picture_that_the_clerk_asks_for_and_accepts(
    meeting: tuple[Page, Page],
    pages: RoomPages,
    clerk: Office,
    conference: dict[str, Any],
) -> None:
    # given a recorded meeting in which the clerk asks for a picture
    ana, maria = meeting
    kept = registry_keeps(pages)
    asked_for(ana, maria, clerk, conference)
    has_no_fault(maria)

    # when the holder takes it, is not content, takes it again, and sends it
    taken(maria)
    maria.get_by_role("button", name="Tirar de novo").click()
    taken(maria)
    has_no_fault(maria)
    maria.get_by_role("button", name="Enviar esta foto").click()
    expect(maria.locator("#document-picture")).to_be_hidden()
    expect(maria.locator("#announcements")).to_contain_text("A foto foi enviada")

    # then the clerk sees it, of the camera's full size, and accepts it
    image = ana.locator("img.document-picture")
    expect(image).to_be_visible()
    ana.wait_for_function("() => document.querySelector('img.document-picture').naturalWidth > 0")
    has_no_fault(ana)
    facts = picture_of(clerk, conference)["facts"]
    assert [facts["width"], facts["height"]] == maria.evaluate(LARGEST)
    ana.get_by_role("button", name="Aceitar no cadastro").click()
    expect(ana.get_by_role("link", name="A foto está no cadastro")).to_be_visible()

    # and the registry and the conference name the same bytes
    (given,) = kept
    assert (given["registration_id"], given["kind"]) == (samples.OWN_REGISTRATION, "identity_document")
    assert hashlib.sha256(given["content"]).hexdigest() == facts["sha256"]
    assert picture_of(clerk, conference)["state"] == "accepted"
    assert picture_of(clerk, conference)["participant_id"].startswith("holder-")


def test_without_a_photographer_in_the_browser_a_frame_of_the_largest_size_is_taken_and_the_room_goes_on(
    meeting: tuple[Page, Page],
    clerk: Office,
    conference: dict[str, Any],
) -> None:
    ana, maria = meeting
    maria.evaluate(NO_PHOTOGRAPHER)
    before = maria.evaluate("document.querySelector('#local-video').srcObject.getVideoTracks()[0].getSettings().width")
    asked_for(ana, maria, clerk, conference)
    taken(maria)
    maria.get_by_role("button", name="Enviar esta foto").click()
    until(lambda: picture_of(clerk, conference)["state"] == "taken", what="the picture")
    facts = picture_of(clerk, conference)["facts"]
    assert facts["content_type"] == "image/jpeg"
    assert [facts["width"], facts["height"]] == maria.evaluate(LARGEST)
    assert maria.evaluate("document.querySelector('#local-video').srcObject.getVideoTracks()[0].getSettings().width") == before

    # and the clerk may ask for another one, or do without
    ana.get_by_role("button", name="Pedir outra").click()
    expect(maria.locator("#document-picture")).to_be_visible()
    ana.get_by_role("button", name="Dispensar a foto").click()
    expect(maria.locator("#document-picture")).to_be_hidden()


def test_nothing_else_is_taken_in(
    meeting: tuple[Page, Page],
    pages: RoomPages,
    clerk: Office,
    conference: dict[str, Any],
) -> None:
    ana, maria = meeting
    stored = pages.gateway.objects
    fields = {"token": conference["join_token"], "admission": maria.evaluate(KEPT), "picture_id": "none"}
    address = f"{pages.url}/videoconferencia/api/documento"
    picture = list(samples.PNG)

    def sent(more: dict[str, str], content: list[int] = picture) -> tuple[int, str]:
        answer = maria.evaluate(UPLOAD, [address, {**fields, **more}, "image/png", content])
        problems = answer["body"].get("problems") or [answer["body"]]
        return answer["status"], problems[0]["reason"]

    # before the clerk asks, nothing
    assert sent({}) == (409, "picture_not_wanted")
    asked_for(ana, maria, clerk, conference)
    wanted = {"picture_id": picture_of(clerk, conference)["picture_id"]}

    # then nothing of a browser that was not admitted, and nothing that is no picture of a readable size
    assert sent({**wanted, "admission": "somebody.else"}) == (409, "picture_not_wanted")
    assert sent(wanted, list(b"%PDF-1.7")) == (422, "no_picture")
    assert sent(wanted, picture[:-5]) == (422, "malformed")
    assert sent(wanted) == (422, "too_small")
    assert list(stored.stored_before("incoming", samples.NOW.replace(year=2999))) == []
