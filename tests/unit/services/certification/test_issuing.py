"""From the request to the signed term: repeats, crashes between two stages, what does not stand."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from contracts.errors import (
    IllegalStep,
    InvalidInput,
    NotFound,
    PersonBlocked,
    RefusedSubmission,
    Unavailable,
)
from services.certification.application import issuing, reads
from services.certification.application.issuing import years_after
from tests.support.certification import HOLDER, START, InProcess
from tests.support.holder import new_key
from tests.support.registry import registration
from tests.support.steps import invited, request, session_of, sign, signature_of, types


def test_the_same_key_gets_the_same_certificate_and_term(inside: InProcess) -> None:
    session, key = session_of(inside, invited(inside)), new_key()
    first = request(inside, session, key)
    assert request(inside, session, key) == first
    again = issuing.get_term_to_sign(inside.ports, inside.call(HOLDER), {"holder_session": session["holder_session"]})
    assert again == first


def test_a_crash_between_intent_and_issue_signs_the_same_intent(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    asked, objects = inside.ports.objects, []
    original = asked.put_once

    def fail(*arguments: Any) -> Any:
        objects.append(arguments[2])
        raise Unavailable("the object store does not answer")

    asked.put_once = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        request(inside, session, key)
    assert types(inside, emission["emission_id"])[-1] == "IssuePrepared"
    asked.put_once = original  # type: ignore[method-assign]
    request(inside, session, key)
    assert types(inside, emission["emission_id"])[-3:] == ["IssuePrepared", "CertificateIssued", "TermPrepared"]
    serial = reads.get_emission(inside.ports, inside.call(), emission)["certificate"]["serial"]
    assert asked.get("certificates", f"{emission['emission_id']}/{serial}.cer") == objects[0]


def test_a_crash_between_issue_and_term_goes_on_at_the_next_look(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    inside.terms.fail = True
    with pytest.raises(Unavailable):
        request(inside, session, key)
    assert types(inside, emission["emission_id"])[-1] == "CertificateIssued"
    term = issuing.get_term_to_sign(inside.ports, inside.call(HOLDER), {"holder_session": session["holder_session"]})
    assert sign(inside, session, signature_of(term, key))["step"] == "done"


def test_a_crash_between_the_signed_terms_bytes_and_its_event_leaves_one_signed_term(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    term = request(inside, session, key)
    append = inside.events.append

    def fail(*_: Any) -> Any:
        raise Unavailable("the event store does not answer")

    inside.events.append = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        sign(inside, session, signature_of(term, key))
    inside.events.append = append  # type: ignore[method-assign]
    done = sign(inside, session, signature_of(term, key))
    content = inside.ports.objects.get(done["term"]["bucket"], done["term"]["key"])
    assert hashlib.sha256(content).hexdigest() == done["term"]["sha256"]
    again = sign(inside, session, signature_of(term, key))
    assert again["term"] == done["term"]


def test_another_key_replaces_the_withheld_certificate(inside: InProcess) -> None:
    emission = invited(inside)
    session = session_of(inside, emission)
    first, second = new_key(), new_key()
    old = request(inside, session, first)
    new = request(inside, session, second)
    assert new["certificate_serial"] != old["certificate_serial"]
    with pytest.raises(RefusedSubmission):
        sign(inside, session, signature_of(old, first))
    assert sign(inside, session, signature_of(new, second))["step"] == "done"
    assert [revocation.serial for revocation in inside.views.revocations()] == [old["certificate_serial"]]


def test_a_request_that_does_not_stand_is_noted(inside: InProcess) -> None:
    emission = invited(inside)
    session = session_of(inside, emission)
    with pytest.raises(RefusedSubmission) as refused:
        request(inside, {**session, "nonce": "of another session"}, new_key())
    assert refused.value.reason == "wrong_nonce"
    last = inside.events.read(emission["emission_id"])[-1].record
    assert (last.type, last.data["what"], last.data["reason"]) == ("SubmissionRefused", "certificate_request", "wrong_nonce")
    data = {"holder_session": session["holder_session"], "csr": "not base64!"}
    with pytest.raises(InvalidInput):
        issuing.request_certificate(inside.ports, inside.call(HOLDER), data)


def test_another_keys_signature_is_refused_before_the_document_is_touched(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    term = request(inside, session, key)
    with pytest.raises(RefusedSubmission):
        sign(inside, session, signature_of(term, new_key()))
    assert types(inside, emission["emission_id"])[-1] == "SubmissionRefused"
    assert sign(inside, session, signature_of(term, key))["step"] == "done"


def test_nothing_is_released_before_the_signature(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    term = request(inside, session, key)
    wanted = {"emission_id": emission["emission_id"], "kind": "certificate"}
    with pytest.raises(NotFound):
        reads.get_document(inside.ports, inside.call(), wanted)
    with pytest.raises(IllegalStep):
        issuing.get_holder_result(inside.ports, inside.call(HOLDER), {"holder_session": session["holder_session"]})
    signature = signature_of(term, key)
    done = sign(inside, session, signature)
    assert sign(inside, session, signature) == done
    chain = reads.get_document(inside.ports, inside.call(), {**wanted, "kind": "chain"})["text"]
    assert chain.count("BEGIN CERTIFICATE") == 3
    assert chain.startswith(done["certificate_pem"])


def test_a_person_blocked_meanwhile_gets_no_certificate(inside: InProcess) -> None:
    session = session_of(inside, invited(inside))
    inside.registrations.known["r-1"] = registration(block={"reason": "fraud", "since": START.isoformat()})
    with pytest.raises(PersonBlocked):
        request(inside, session, new_key())


def test_three_years_from_a_leap_day() -> None:
    assert years_after(START.replace(year=2028, month=2, day=29), 3).isoformat() == "2031-02-28T12:00:00+00:00"
