"""The words that are told in the call, and the link on the clerk's screen."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import Forbidden, IllegalStep, LinkUnusable, Locked, WrongAnswer
from services.certification.application import handover, holder
from services.certification.model.words import WORDS, letters_of
from tests.support.certification import HOLDER, STRANGER, InProcess
from tests.support.holder import new_key
from tests.support.steps import ANSWER, invited, last_code, request, session_of, sign, signature_of, start, token_of, types


def words_of(inside: InProcess, emission: dict[str, Any]) -> Any:
    return handover.get_spoken_words(inside.ports, inside.call(), {"emission_id": emission["emission_id"]})["words"]


def with_code(inside: InProcess) -> tuple[dict[str, Any], dict[str, str]]:
    emission = invited(inside)
    token = token_of(inside, emission)
    holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    return emission, {"token": token, "code": last_code(inside, emission["emission_id"])}


def test_two_of_our_words_that_stay_the_same_from_the_start_to_the_signature(inside: InProcess) -> None:
    emission = start(inside)
    words = words_of(inside, emission)
    assert set(words.split()) <= set(WORDS)
    assert words_of(inside, emission) == words


def test_another_emission_has_other_words(inside: InProcess) -> None:
    told = {inside.ports.secrets.words(f"emission-{number}") for number in range(200)}
    assert len(told) > 190


def test_no_two_pairs_of_words_are_the_same_letters() -> None:
    pairs = {letters_of(one + other) for one in WORDS for other in WORDS}
    assert len(pairs) == len(WORDS) ** 2


@pytest.mark.parametrize("typed", ["MAÇÃ LUA", "maca lua", " Maça,  lua. ", "macalua", "maçã-lua", "mac\u0327a\u0303 lua"])
def test_accents_case_and_gaps_do_not_count(typed: str) -> None:
    assert letters_of(typed) == letters_of("maçã lua")


def test_the_right_code_with_wrong_words_costs_a_try_as_a_wrong_code_does(inside: InProcess) -> None:
    # given a holder with the right code
    emission, typed = with_code(inside)
    words = words_of(inside, emission)

    # when the words are wrong, or the code is
    for data, left in (({**typed, "words": "outras palavras"}, 4), ({**typed, "code": "x", "words": words}, 3)):
        with pytest.raises(WrongAnswer) as refused:
            holder.verify_holder_code(inside.ports, inside.call(HOLDER), data)
        # then nothing says which of both it was
        assert (refused.value.field, refused.value.details) == ("code", {"tries_left": left})

    # and both together open
    opened = holder.verify_holder_code(inside.ports, inside.call(HOLDER), {**typed, "words": words.upper()})
    assert opened["step"] == "request"


def test_words_cannot_be_tried_without_end(inside: InProcess) -> None:
    emission, typed = with_code(inside)
    for _ in range(4):
        with pytest.raises(WrongAnswer):
            holder.verify_holder_code(inside.ports, inside.call(HOLDER), {**typed, "words": "outras palavras"})
    with pytest.raises(Locked):
        holder.verify_holder_code(inside.ports, inside.call(HOLDER), {**typed, "words": "outras palavras"})
    with pytest.raises(Locked):
        holder.verify_holder_code(inside.ports, inside.call(HOLDER), {**typed, "words": words_of(inside, emission)})


def test_the_words_are_in_no_event_and_told_to_no_other_office(inside: InProcess) -> None:
    emission = invited(inside)
    session_of(inside, emission)
    stored = "".join(str(event.record) for event in inside.events.read(emission["emission_id"]))
    assert words_of(inside, emission) not in stored
    with pytest.raises(Forbidden):
        handover.get_spoken_words(inside.ports, inside.call(STRANGER), {"emission_id": emission["emission_id"]})


def test_after_the_signature_there_are_no_words(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    assert words_of(inside, emission) is None


def test_the_shown_link_is_that_of_the_message_and_the_history_says_who_saw_it(inside: InProcess) -> None:
    emission = invited(inside)
    wanted = {"emission_id": emission["emission_id"]}
    shown = handover.show_link(inside.ports, inside.call(), wanted)
    assert shown["link"] == f"https://titular.example/certificado/#{token_of(inside, emission)}"
    last = inside.events.read(emission["emission_id"])[-1].record
    assert (last.type, last.actor["user_id"]) == ("LinkShown", "clerk-1")
    assert token_of(inside, emission) not in str(last)


def test_a_link_is_shown_to_the_own_office_only_and_only_while_it_opens_something(inside: InProcess) -> None:
    with pytest.raises(IllegalStep):
        handover.show_link(inside.ports, inside.call(), {"emission_id": start(inside)["emission_id"]})


def test_a_link_that_was_used_or_has_expired_is_not_shown(inside: InProcess) -> None:
    emission = invited(inside)
    wanted = {"emission_id": emission["emission_id"]}
    with pytest.raises(Forbidden):
        handover.show_link(inside.ports, inside.call(STRANGER), wanted)
    session_of(inside, emission)
    with pytest.raises(IllegalStep):
        handover.show_link(inside.ports, inside.call(), wanted)
    inside.clock.forward(hours=25)
    with pytest.raises(LinkUnusable):
        handover.show_link(inside.ports, inside.call(), wanted)
    assert "LinkShown" not in types(inside, emission["emission_id"])
