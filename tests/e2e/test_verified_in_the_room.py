"""What the clerk verifies in the room, on the whole product: the contacts by codes, and a picture of the document."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from chassis.callers import PooledCaller
from cli.demo.clerk import ClerkPages
from cli.demo.holder import HolderRoom
from cli.demo.inbox import Inbox
from cli.demo.person import new_person
from cli.demo.script import CODE
from contracts import certification
from tests.e2e.test_other_ways import given_registered
from tests.support.people import AUDITOR
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


def test_contacts_and_document_are_verified_in_the_room_and_the_history_names_them(
    signed_in: Callable[[str], ClerkPages], mobile: BrowserContext, inbox: Inbox, ask: PooledCaller
) -> None:
    # given a recorded conference
    clerk, person = signed_in("ana"), new_person()
    page = clerk.page
    given_registered(clerk, person)
    clerk.open_certification()
    clerk.choose_remote()
    emission_id = clerk.start_emission()
    link = clerk.copy_link()
    clerk.enter_room()
    clerk.start_conference()
    holder = HolderRoom(mobile.new_page())
    holder.open(link)
    holder.join("Maria")
    clerk.admit("Maria")
    clerk.sees_the_other()
    clerk.start_recording()
    clerk.recording_is_on()

    # when the person reads the code out that came by e-mail, and confirms the mobile phone by voice
    clerk.toggle_registration_panel()
    email, mobile_phone = (page.locator(f"[data-contact={channel}]") for channel in ("email", "sms"))
    email.get_by_role("button", name="Enviar código").click()
    expect(email).to_have_attribute("data-state", "sent")
    code = inbox.newest(person.email, CODE)
    email.get_by_label("Código que a pessoa lê").fill("000000" if code != "000000" else "111111")
    email.get_by_role("button", name="Conferir o código").click()
    expect(email).to_contain_text("Este não é o código enviado")
    email.get_by_label("Código que a pessoa lê").fill(code)
    email.get_by_role("button", name="Conferir o código").click()
    expect(email).to_contain_text("Conferido pelo código")
    mobile_phone.get_by_role("button", name="Confirmado por voz").click()
    expect(mobile_phone).to_contain_text("Confirmado por voz")

    # and takes a picture of the document, which the clerk accepts
    page.get_by_role("button", name="Pedir foto do documento").click()
    holder.page.get_by_role("button", name="Tirar a foto").click()
    holder.page.get_by_role("button", name="Enviar esta foto").click()
    page.get_by_role("button", name="Aceitar no cadastro").click()
    kept = page.get_by_role("link", name="A foto está no cadastro")
    expect(kept).to_be_visible()
    content = page.request.get(page.evaluate("link => link.href", kept.element_handle())).body()

    # then the history names both, the picture with the hash of what the registration keeps
    def told(name: str) -> list[dict[str, object]]:
        entries = ask(certification.GET_HISTORY, {"emission_id": emission_id}, actor=AUDITOR)["entries"]
        return [entry["data"] for entry in entries if entry["type"] == name]

    assert [(one["channel"], one["proof"]) for one in told("ContactVerified")] == [("email", "code"), ("sms", "voice")]
    (noted,) = until(lambda: told("DocumentPictureNoted"), what="the picture in the history")
    assert noted["sha256"] == hashlib.sha256(content).hexdigest()
    assert str(noted["participant_id"]).startswith("holder-")
    assert noted["recording_id"]

    # and the dispatch shows which contacts were verified
    clerk.ask_to_end()
    clerk.confirm_end()
    clerk.attest()
    clerk.confirm_data()
    expect(page.locator(".channel-choice")).to_contain_text("conferido com a pessoa")
    assert page.locator(".channel-choice").inner_text().count("não conferido") == 0
