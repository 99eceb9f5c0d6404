"""A newer link at the holder's wish: to the known contact, a few times, and with one answer for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.clock import new_id
from contracts.errors import LinkUnusable, Locked, WrongAnswer
from services.certification.application import clerk, holder, renewal
from tests.support.certification import HOLDER, InProcess
from tests.support.registry import registration
from tests.support.steps import ANSWER, invited, message, session_of, token_of, types

ACCEPTED = {"accepted": True}


def renew(inside: InProcess, token: str, command_id: str | None = None) -> dict[str, Any]:
    return renewal.renew_link(inside.ports, inside.call(HOLDER, command_id or new_id()), {"token": token})


def invitations(inside: InProcess, emission: dict[str, Any]) -> list[Any]:
    return [event.record for event in inside.events.read(emission["emission_id"]) if event.record.type == "HolderInvited"]


def renewable(inside: InProcess, token: str) -> Any:
    with pytest.raises(LinkUnusable) as refused:
        holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})
    return refused.value.reason, refused.value.details["renewable"]


def test_an_expired_link_is_renewed_to_the_contact_that_the_office_has(inside: InProcess) -> None:
    # given a link that has expired
    emission = invited(inside)
    old = token_of(inside, emission)
    inside.clock.forward(hours=25)
    assert renewable(inside, old) == ("expired", True)

    # when the holder asks for another, twice by the same tap
    command_id = new_id()
    assert renew(inside, old, command_id) == renew(inside, old, command_id) == ACCEPTED

    # then one message goes to the registration's address, and the history says who wished it
    sent = invitations(inside, emission)
    assert [record.data["by_holder"] for record in sent] == [False, True]
    assert sent[-1].actor["role"] == "holder"
    new = message(inside, sent[-1].data["invitation_id"])
    assert new["address"] == "maria@example.com"
    token = new["link"].partition("#")[2]
    assert holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})["step"] == "data"
    assert renewable(inside, old) == ("superseded", False)


def test_a_link_that_still_opens_is_not_renewed(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    assert holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})["renewable"] is False
    assert renew(inside, token) == ACCEPTED
    assert len(invitations(inside, emission)) == 1


def test_an_unknown_token_is_answered_the_same_and_asks_the_registry_nothing(inside: InProcess) -> None:
    invited(inside)
    asked = inside.registrations.asked
    assert renew(inside, "guessed") == ACCEPTED
    assert inside.registrations.asked == asked


def test_nobody_floods_the_holder_and_an_older_link_renews_like_the_last(inside: InProcess) -> None:
    emission = invited(inside)
    first = token_of(inside, emission)
    for _ in range(4):
        inside.clock.forward(hours=25)
        for _ in range(5):
            assert renew(inside, first) == ACCEPTED
    assert len(invitations(inside, emission)) == 3
    assert renewable(inside, first)[1] is False


def test_a_link_of_the_office_begins_the_count_anew(inside: InProcess) -> None:
    emission = invited(inside)
    first = token_of(inside, emission)
    for _ in range(2):
        inside.clock.forward(hours=25)
        renew(inside, first)
    clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "channel": "sms"})
    inside.clock.forward(hours=25)
    renew(inside, first)
    assert [record.data["channel"] for record in invitations(inside, emission)] == ["email", "email", "email", "sms", "sms"]


def test_a_locked_link_goes_to_the_office(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    for _ in range(3):
        with pytest.raises((WrongAnswer, Locked)):
            holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER, "cpf": "11144477735"})
    inside.clock.forward(hours=25)
    assert renew(inside, token) == ACCEPTED
    assert types(inside, emission["emission_id"]).count("HolderInvited") == 1


def test_a_session_that_lives_is_not_ended_by_an_old_link_and_an_expired_one_can_begin_again(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    session = session_of(inside, emission)
    inside.clock.forward(hours=1)
    renew(inside, token)
    asked = {"holder_session": session["holder_session"]}
    assert holder.get_holder_session(inside.ports, inside.call(HOLDER), asked) == session
    inside.clock.forward(hours=2)
    assert holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})["renewable"] is True
    renew(inside, token)
    assert len(invitations(inside, emission)) == 2


def test_a_blocked_person_gets_no_message_and_the_same_answer(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    inside.clock.forward(hours=25)
    inside.registrations.known["r-1"] = registration(block={"reason": "fraud", "note": "", "since": inside.clock()})
    assert renew(inside, token) == ACCEPTED
    assert len(invitations(inside, emission)) == 1
