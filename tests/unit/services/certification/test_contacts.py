"""E-mail and mobile phone verified with the person: by a code that is read out, or by voice."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.actor import Actor, system
from contracts.envelope import Envelope
from contracts.errors import Forbidden, IllegalStep, InvalidInput, LinkUnusable, Locked, RateLimited, WrongAnswer
from services.certification.application import clerk, contacts, facts, reads
from tests.support.certification import START, InProcess
from tests.support.steps import start, types

STRANGER = Actor("other", "clerk", "Outro", "999999")


def asked(emission_id: str, channel: str = "email", **more: Any) -> dict[str, Any]:
    return {"emission_id": emission_id, "channel": channel, **more}


def send(inside: InProcess, emission_id: str, channel: str = "email") -> dict[str, Any]:
    return one(contacts.send_contact_code(inside.ports, inside.call(), asked(emission_id, channel)), channel)


def verify(inside: InProcess, emission_id: str, code: str | None, channel: str = "email") -> dict[str, Any]:
    return one(contacts.verify_contact(inside.ports, inside.call(), asked(emission_id, channel, code=code)), channel)


def shown(inside: InProcess, emission_id: str, channel: str = "email") -> dict[str, Any]:
    return one(contacts.get_contacts(inside.ports, inside.call(), {"emission_id": emission_id}), channel)


def one(reply: dict[str, Any], channel: str) -> dict[str, Any]:
    return next(contact for contact in reply["contacts"] if contact["channel"] == channel)


def code_id(inside: InProcess, emission_id: str) -> str:
    sent = [event.record for event in inside.events.read(emission_id) if event.record.type == "ContactCodeSent"]
    return str(sent[-1].data["code_id"])


def message(inside: InProcess, emission_id: str) -> dict[str, Any]:
    wanted = {"message_id": code_id(inside, emission_id)}
    return reads.get_outgoing_message(inside.ports, inside.call(system("notify")), wanted)


@pytest.fixture
def emission_id(inside: InProcess) -> str:
    return str(start(inside)["emission_id"])


@pytest.mark.parametrize(("channel", "address"), [("email", "maria@example.com"), ("sms", "11987654321")])
def test_the_code_goes_to_the_contact_and_verifies_it(inside: InProcess, emission_id: str, channel: str, address: str) -> None:
    assert send(inside, emission_id, channel)["state"] == "sent"
    said = message(inside, emission_id)
    assert (said["purpose"], said["channel"], said["address"], said["link"]) == ("contact", channel, address, None)
    verified = verify(inside, emission_id, f" {said['code'][:3]} {said['code'][3:]} ", channel)
    assert (verified["state"], verified["proof"]) == ("verified", "code")
    assert types(inside, emission_id) == ["EmissionStarted", "ContactCodeSent", "ContactVerified"]


def test_neither_code_nor_address_is_in_the_history(inside: InProcess, emission_id: str) -> None:
    send(inside, emission_id)
    said = message(inside, emission_id)
    verify(inside, emission_id, said["code"])
    kept = str([event.record.data for event in inside.events.read(emission_id)])
    assert said["code"] not in kept
    assert said["address"] not in kept


def test_by_voice_it_is_confirmed_without_a_code(inside: InProcess, emission_id: str) -> None:
    confirmed = verify(inside, emission_id, None)
    assert (confirmed["state"], confirmed["proof"]) == ("verified", "voice")
    verify(inside, emission_id, None)
    assert types(inside, emission_id).count("ContactVerified") == 1


def test_wrong_codes_are_counted_until_another_is_sent(inside: InProcess, emission_id: str) -> None:
    send(inside, emission_id)
    right = message(inside, emission_id)["code"]
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongAnswer) as refused:
            verify(inside, emission_id, wrong)
        assert refused.value.details["tries_left"] == left
    with pytest.raises(Locked):
        verify(inside, emission_id, right)
    assert shown(inside, emission_id)["state"] == "locked"
    send(inside, emission_id)
    assert verify(inside, emission_id, message(inside, emission_id)["code"])["state"] == "verified"


def test_a_code_ends_after_ten_minutes_and_a_newer_one_takes_its_place(inside: InProcess, emission_id: str) -> None:
    send(inside, emission_id)
    first = message(inside, emission_id)["code"]
    inside.clock.forward(minutes=10)
    with pytest.raises(WrongAnswer) as refused:
        verify(inside, emission_id, first)
    assert refused.value.reason == "expired"
    send(inside, emission_id)
    with pytest.raises(WrongAnswer):
        verify(inside, emission_id, first)


def test_not_more_than_five_codes_are_sent_to_a_contact(inside: InProcess, emission_id: str) -> None:
    assert [send(inside, emission_id)["sends_left"] for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(RateLimited):
        send(inside, emission_id)
    assert send(inside, emission_id, "sms")["sends_left"] == 4


def test_a_corrected_contact_is_not_verified_any_more_and_gets_no_code_of_before(inside: InProcess, emission_id: str) -> None:
    send(inside, emission_id)
    verify(inside, emission_id, message(inside, emission_id)["code"])
    inside.registrations.known["r-1"]["data"]["email"] = "maria.souza@example.com"
    assert shown(inside, emission_id)["state"] == "unverified"
    with pytest.raises(LinkUnusable):
        message(inside, emission_id)
    with pytest.raises(IllegalStep):
        verify(inside, emission_id, "123456")
    assert send(inside, emission_id)["state"] == "sent"


def test_a_contact_that_is_not_registered_cannot_be_verified(inside: InProcess, emission_id: str) -> None:
    del inside.registrations.known["r-1"]["data"]["mobile"]
    assert shown(inside, emission_id, "sms")["state"] == "missing"
    with pytest.raises(InvalidInput):
        send(inside, emission_id, "sms")


def test_an_undelivered_code_is_shown(inside: InProcess, emission_id: str) -> None:
    send(inside, emission_id)
    data = {"message_id": code_id(inside, emission_id), "emission_id": emission_id, "purpose": "contact", "channel": "email"}
    said = {**data, "attempts": 4, "reason": "no such address", "final": True}
    facts.note_delivery(inside.ports, Envelope("n-1", "notify", "NotificationFailed", "m", START, said))
    assert shown(inside, emission_id)["delivery"] == "failed"


def test_another_offices_clerk_verifies_nothing(inside: InProcess, emission_id: str) -> None:
    for operation in (contacts.send_contact_code, contacts.verify_contact):
        with pytest.raises(Forbidden):
            operation(inside.ports, inside.call(STRANGER), asked(emission_id, code=None))


def test_after_the_end_nothing_is_verified(inside: InProcess, emission_id: str) -> None:
    clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": emission_id, "reason": "given up"})
    with pytest.raises(IllegalStep):
        send(inside, emission_id)
    with pytest.raises(IllegalStep):
        verify(inside, emission_id, None)
