"""The ways that are not the straight one: at the counter, refused, wrong code, two clerks, leaving and coming back."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from chassis.callers import PooledCaller
from chassis.objects import S3ObjectStore
from cli.check.sources import of_stack
from cli.demo.clerk import ClerkPages
from cli.demo.holder import HolderPhone, HolderRoom
from cli.demo.inbox import Inbox
from cli.demo.person import SamplePerson, new_person
from cli.demo.script import CODE, LINK
from cli.running import Running
from contracts import certification, media
from services.media.model.gaps import SHORTEST_SECONDS
from tests.support.people import AUDITOR
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
SignIn = Callable[[str], ClerkPages]


def given_registered(clerk: ClerkPages, person: SamplePerson) -> None:
    clerk.look_up(person.cpf)
    clerk.register(person)
    clerk.save_registration(person)


def given_identified_at_the_counter(clerk: ClerkPages, person: SamplePerson) -> str:
    given_registered(clerk, person)
    clerk.open_certification()
    clerk.choose_in_person()
    emission_id = clerk.start_emission()
    clerk.attest()
    return emission_id


def given_invited(clerk: ClerkPages, person: SamplePerson, inbox: Inbox, channel: str = "email") -> tuple[str, str]:
    emission_id = given_identified_at_the_counter(clerk, person)
    clerk.confirm_data()
    clerk.dispatch(channel)
    address = person.email if channel == "email" else f"{person.mobile}@sms.localhost"
    return emission_id, inbox.newest(address, LINK)


def state(ask: PooledCaller, emission_id: str) -> str:
    return str(ask(certification.GET_EMISSION, {"emission_id": emission_id}, actor=AUDITOR)["state"])


def test_in_person(signed_in: SignIn, mobile: BrowserContext, inbox: Inbox, ask: PooledCaller) -> None:
    # given a person identified at the counter and invited by SMS
    clerk, person = signed_in("ana"), new_person()
    emission_id, link = given_invited(clerk, person, inbox, "sms")

    # when the holder issues and signs on the phone, the code coming by e-mail
    phone = HolderPhone(mobile.new_page())
    phone.open(link)
    phone.identify(person.cpf, person.birth_date_typed)
    phone.waits_for_code()
    phone.enter_code(inbox.newest(person.email, CODE), clerk.spoken_words())
    phone.create_key()
    phone.sign()

    # then the clerk sees it without doing anything
    clerk.sees_completed()
    assert state(ask, emission_id) == "completed"


def test_a_wrong_birth_date_and_a_wrong_code_leave_tries(
    signed_in: SignIn, mobile: BrowserContext, inbox: Inbox, ask: PooledCaller
) -> None:
    # given an invited holder
    clerk, person = signed_in("ana"), new_person()
    emission_id, link = given_invited(clerk, person, inbox)
    phone = HolderPhone(mobile.new_page())
    phone.open(link)

    # when the birth date is wrong, the page says how many tries are left and nothing is revealed
    phone.identify(person.cpf, "01011990")
    assert "2" in phone.sees_problem()

    # and when the code is wrong
    phone.identify(person.cpf, person.birth_date_typed)
    phone.waits_for_code()
    code = inbox.newest(f"{person.mobile}@sms.localhost", CODE)
    words = clerk.spoken_words()
    phone.enter_code("000000" if code != "000000" else "111111", words)
    assert "4" in phone.sees_problem()

    # and when the words are others than the clerk told
    phone.enter_code(code, "outras palavras")
    assert "3" in phone.sees_problem("palavras")

    # then the right ones still open, however they are written
    phone.enter_code(code, words.upper())
    phone.create_key()
    assert state(ask, emission_id) == "issued"


def test_too_many_wrong_birth_dates_lock_the_link_and_a_new_one_opens(
    signed_in: SignIn, mobile: BrowserContext, inbox: Inbox
) -> None:
    clerk, person = signed_in("ana"), new_person()
    _, link = given_invited(clerk, person, inbox)
    phone = HolderPhone(mobile.new_page())
    phone.open(link)
    for _ in range(3):
        with phone.page.expect_response("**/certificado/api/dados"):
            phone.identify(person.cpf, "01011990")
    expect(phone.page.locator("section[data-step=stopped]")).to_be_visible()

    # the clerk sees the lock and sends a new link, by the other channel
    expect(clerk.page.locator("#part-action .notice-bad")).to_be_visible()
    clerk.dispatch("sms")
    fresh = inbox.newest(f"{person.mobile}@sms.localhost", LINK)
    assert fresh != link
    again = HolderPhone(mobile.new_page())
    again.open(fresh)
    again.identify(person.cpf, person.birth_date_typed)
    again.waits_for_code()


def test_a_refused_emission_ends_with_its_reason(signed_in: SignIn, ask: PooledCaller) -> None:
    # given an emission at the counter
    clerk, person = signed_in("ana"), new_person()
    given_registered(clerk, person)
    clerk.open_certification()
    clerk.choose_in_person()
    emission_id = clerk.start_emission()

    # when the clerk is not convinced and says why
    form = clerk.page.locator(f"form[action='/emissoes/{emission_id}/recusar']")
    clerk.page.locator("details", has=form).locator("summary").click()
    form.locator("[name=reason]").fill("o documento não confere com a pessoa")
    form.locator("button[type=submit]").click()

    # then it has ended, the page says so, and the history keeps the reason
    expect(clerk.page.locator("#part-action")).to_contain_text("o documento não confere com a pessoa")
    history = ask(certification.GET_HISTORY, {"emission_id": emission_id}, actor=AUDITOR)
    assert history["entries"][-1]["type"] == "EmissionRefused"
    assert history["entries"][-1]["data"]["reason"] == "o documento não confere com a pessoa"


def test_two_clerks_on_one_emission(signed_in: SignIn, ask: PooledCaller, product: Running) -> None:
    # given two clerks of one office who have the same step open; Bruno's page hears of no change
    ana, bruno, person = signed_in("ana"), signed_in("bruno"), new_person()
    emission_id = given_identified_at_the_counter(ana, person)
    for news in (f"{product.configuration.streams_url}/**", "**/partes**"):
        bruno.page.route(news, lambda route: route.abort())
    bruno.page.goto(f"{bruno.url}/emissoes/{emission_id}")
    expect(bruno.page.locator(".confirm-data")).to_be_visible()

    # when both confirm, Bruno from what has become old
    ana.confirm_data()
    expect(bruno.page.locator(".confirm-data")).to_be_visible()
    bruno.confirm_data()

    # then it was confirmed once, and both see the next step
    expect(bruno.page.locator(".channel-choice").first).to_be_visible()
    history = ask(certification.GET_HISTORY, {"emission_id": emission_id}, actor=AUDITOR)
    assert [entry["type"] for entry in history["entries"]].count("DataConfirmed") == 1


def test_another_offices_clerk_is_refused_and_it_is_recorded(signed_in: SignIn) -> None:
    ana, celia, person = signed_in("ana"), signed_in("celia"), new_person()
    emission_id = given_identified_at_the_counter(ana, person)
    answer = celia.page.goto(f"{celia.url}/emissoes/{emission_id}")
    assert answer is not None
    assert answer.status == 403


def noted_videos(ask: PooledCaller, emission_id: str) -> list[dict[str, Any]]:
    entries = ask(certification.GET_HISTORY, {"emission_id": emission_id}, actor=AUDITOR)["entries"]
    return [entry for entry in entries if entry["type"] == "VideoNoted"]


def test_leaving_keeps_the_recording_and_coming_back_appends(
    signed_in: SignIn, mobile: BrowserContext, ask: PooledCaller, product: Running
) -> None:
    # given a meeting that is recorded
    clerk, person = signed_in("ana"), new_person()
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

    # when the clerk leaves, the recording goes on; the emission's page says so
    clerk.hang_up()
    clerk.leave()
    left = time.monotonic()
    expect(clerk.page.locator(".recording-light.on")).to_be_visible()
    holder.page.reload()
    holder.join("Maria")
    until(lambda: time.monotonic() - left > SHORTEST_SECONDS + 1, what="an absence that is a gap")

    # and when the clerk comes back and ends
    clerk.enter_room()
    clerk.recording_is_on()
    clerk.sees_the_other()
    clerk.ask_to_end()
    clerk.confirm_end()

    # then going on does not wait for the video
    clerk.attest()
    clerk.video_is(re.escape("concluído"))
    videos = until(
        lambda: [
            video
            for video in ask(media.GET_VIDEOS, {"emission_id": emission_id}, actor=AUDITOR)["videos"]
            if video["state"] == "done"
        ]
    )
    recorded = (videos[0]["stopped_at"] - videos[0]["started_at"]).total_seconds()
    assert abs(videos[0]["duration_seconds"] - recorded) < 1.0

    # and the absence is declared: with the video, in what is kept beside it, and in the emission's history
    gaps = videos[0]["gaps"]
    assert "left" in {gap["reason"] for gap in gaps if gap["slot"] == "clerk"}, gaps
    seal = S3ObjectStore(of_stack(product.configuration).objects).get(videos[0]["seal"]["bucket"], videos[0]["seal"]["key"])
    assert json.loads(seal)["gaps"] == gaps
    history = until(lambda: noted_videos(ask, emission_id), what="the video in the history")
    assert history[0]["data"]["gaps"] == gaps


def test_a_service_that_is_away_is_said_and_nothing_is_lost(signed_in: SignIn, product: Running) -> None:
    # given a registry that does not answer
    clerk, person = signed_in("ana"), new_person()
    registry = product.supervisor.pids()["registry"]
    os.kill(registry, signal.SIGSTOP)
    try:
        # when the clerk looks somebody up, the page says that a part is away, not that nobody was found
        clerk.page.goto(f"{clerk.url}/")
        clerk.page.fill("#cpf", person.cpf)
        with clerk.page.expect_response(lambda response: response.request.method == "POST", timeout=40_000) as answered:
            clerk.page.click(".search-form button[type=submit]")
        assert answered.value.status == 503
    finally:
        os.kill(registry, signal.SIGCONT)

    # then the same look-up works as soon as it is back
    clerk.look_up(person.cpf)
    expect(clerk.page.get_by_role("link", name="Cadastrar pessoa").first).to_be_visible()
