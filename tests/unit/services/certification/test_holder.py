"""Messages, links, answers and codes of the holder, and the secrets behind them."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.clock import new_id
from contracts.errors import (
    InvalidInput,
    LinkUnusable,
    Locked,
    NotFound,
    WrongAnswer,
)
from services.certification.application import clerk, holder
from services.certification.application.tokens import Secrets
from tests.support.certification import HOLDER, InProcess
from tests.support.registry import registration
from tests.support.steps import ANSWER, invited, last_code, message, token_of, types


def test_messages_hold_link_and_code_and_events_neither(inside: InProcess) -> None:
    emission = invited(inside)
    invitation = message(inside, emission["invitation"]["invitation_id"])
    assert invitation["address"] == "maria@example.com"
    assert invitation["link"].startswith("https://titular.example/certificado/#")
    token = token_of(inside, emission)
    sent = holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    assert (sent["channel"], sent["address_masked"]) == ("sms", "*****-4321")
    code = last_code(inside, emission["emission_id"])
    stored = "".join(str(event.record) for event in inside.events.read(emission["emission_id"]))
    for secret in (token, "52998224725", "maria@example.com", "1985", "Conceição"):
        assert secret not in stored
    assert len(code) == 6


def test_the_code_goes_by_the_same_channel_where_there_is_no_other(inside: InProcess) -> None:
    inside.registrations.known["r-1"] = registration(mobile=None)
    token = token_of(inside, invited(inside))
    sent = holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    assert sent["channel"] == "email"


def test_a_missing_channel_is_named(inside: InProcess) -> None:
    inside.registrations.known["r-1"] = registration(mobile=None)
    with pytest.raises(InvalidInput) as refused:
        invited(inside, channel="sms")
    assert refused.value.field == "mobile"


def test_a_replaced_message_is_not_sent(inside: InProcess) -> None:
    emission = invited(inside)
    old = emission["invitation"]["invitation_id"]
    clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "channel": "sms"})
    with pytest.raises(LinkUnusable):
        message(inside, old)
    with pytest.raises(NotFound):
        message(inside, "unknown")


def test_wrong_answers_count_down_and_a_repeated_command_counts_once(inside: InProcess) -> None:
    token = token_of(inside, invited(inside))
    wrong = {"token": token, "cpf": "11144477735", "birth_date": date(1985, 3, 7)}
    command_id = new_id()
    for _ in range(2):
        with pytest.raises(WrongAnswer) as refused:
            holder.verify_holder_data(inside.ports, inside.call(HOLDER, command_id), wrong)
        assert refused.value.details == {"tries_left": 2}
    with pytest.raises(WrongAnswer):
        holder.verify_holder_data(inside.ports, inside.call(HOLDER), {**wrong, **ANSWER, "birth_date": date(1985, 3, 8)})
    with pytest.raises(Locked):
        holder.verify_holder_data(inside.ports, inside.call(HOLDER), wrong)
    with pytest.raises(Locked):
        holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})


def test_looking_at_a_link_changes_nothing(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    before = types(inside, emission["emission_id"])
    for _ in range(3):
        looked = holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})
    assert (looked["step"], looked["tries_left"]) == ("data", 3)
    assert types(inside, emission["emission_id"]) == before
    with pytest.raises(LinkUnusable):
        holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": "guessed"})


def test_a_repeated_claim_answers_the_same_session(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    words = inside.ports.secrets.words(emission["emission_id"])
    data = {"token": token, "code": last_code(inside, emission["emission_id"]), "words": words}
    command_id = new_id()
    first = holder.verify_holder_code(inside.ports, inside.call(HOLDER, command_id), data)
    assert holder.verify_holder_code(inside.ports, inside.call(HOLDER, command_id), data) == first
    with pytest.raises(LinkUnusable) as refused:
        holder.verify_holder_code(inside.ports, inside.call(HOLDER), data)
    assert refused.value.reason == "used"
    looked = holder.get_holder_session(inside.ports, inside.call(HOLDER), {"holder_session": first["holder_session"]})
    assert looked == first
    assert looked["holder_name"] == "Maria da Conceição Souza"


def test_secrets_differ_by_purpose_and_need_length() -> None:
    secrets = Secrets(b"x" * 32)
    derived = {secrets.link_token("i"), secrets.session_token("i"), secrets.nonce("i"), secrets.code("i")}
    assert len(derived) == 4
    assert secrets.link_token("i") == Secrets(b"x" * 32).link_token("i")
    with pytest.raises(ValueError, match="32"):
        Secrets(b"short")
