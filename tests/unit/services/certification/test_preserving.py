"""Signed terms get their long-term form by themselves, once each time it is due."""

from __future__ import annotations

from services.certification.application.documents import read_signed
from services.certification.application.preserving import preserve_terms
from services.certification.application.streams import load
from services.certification.model.preservation import LongTerm, decide_preserve
from services.certification.model.state import EmissionState
from tests.support.certification import STAMP_LIFE, InProcess
from tests.support.holder import new_key
from tests.support.steps import invited, request, session_of, sign, signature_of


def completed(inside: InProcess) -> EmissionState:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    return _now(inside, emission["emission_id"])


def _now(inside: InProcess, emission_id: str) -> EmissionState:
    state = load(inside.ports, emission_id)
    assert state is not None
    return state


def test_a_signed_term_is_preserved_once(inside: InProcess) -> None:
    state = completed(inside)
    signed = read_signed(inside.ports, state)
    assert preserve_terms(inside.ports) == 1
    assert preserve_terms(inside.ports) == 0
    preserved = _now(inside, state.emission_id)
    assert read_signed(inside.ports, preserved) == signed + b"<stamp 1>"
    assert preserved.term is not None
    assert state.term is not None
    assert preserved.term.term_sha256 == state.term.term_sha256  # what was signed stays named


def test_it_is_stamped_again_before_its_stamp_ages(inside: InProcess) -> None:
    state = completed(inside)
    preserve_terms(inside.ports)
    inside.clock.forward(days=STAMP_LIFE.days - 1)
    assert preserve_terms(inside.ports) == 0
    inside.clock.forward(days=1)
    assert preserve_terms(inside.ports) == 1
    assert read_signed(inside.ports, _now(inside, state.emission_id)).endswith(b"<stamp 1><stamp 2>")


def test_what_fails_is_tried_again(inside: InProcess) -> None:
    completed(inside)
    inside.terms.fail = True
    assert preserve_terms(inside.ports) == 0
    assert preserve_terms(inside.ports) == 1


def test_an_unsigned_term_is_left_alone(inside: InProcess) -> None:
    request(inside, session_of(inside, invited(inside)), new_key())
    assert preserve_terms(inside.ports) == 0


def test_a_form_of_another_term_is_not_recorded(inside: InProcess) -> None:
    state = completed(inside)
    now = inside.clock()
    made = LongTerm(1, "ab" * 32, 1, now, now + STAMP_LIFE)
    assert decide_preserve(state, "another", made, now) == ()
    assert state.term is not None
    (event,) = decide_preserve(state, state.term.document_sha256, made, now)
    assert event.name == "TermPreserved"
    second = LongTerm(2, "ab" * 32, 1, now, now + STAMP_LIFE)
    assert decide_preserve(state, state.term.document_sha256, second, now) == ()
