"""The holder's decisions: link, data, code, session, request, signature."""

from __future__ import annotations

import pytest

from contracts.errors import IllegalStep, LinkUnusable, Locked, NotFound, RateLimited, WrongAnswer
from services.certification.model import clerk, issue
from services.certification.model.holder import holder_step, live_code, usable_invitation, usable_session
from tests.unit.services.certification.aggregate import POLICY, Aggregate


def reason_of(emission: Aggregate, link: str) -> str | None:
    with pytest.raises(LinkUnusable) as refused:
        usable_invitation(emission.state, link, emission.now)
    return refused.value.reason


def test_the_right_answer_sends_a_code_and_the_right_code_opens_the_session() -> None:
    emission = Aggregate().up_to("dispatched")
    assert holder_step(emission.present) == "data"
    assert emission.answer() == ["HolderDataMatched", "CodeSent"]
    assert holder_step(emission.present) == "code"
    assert live_code(emission.state)[1].sends_left == 2
    assert emission.claim() == ["HolderVerified"]
    assert holder_step(emission.present) == "request"


def test_three_wrong_answers_lock_the_link() -> None:
    emission = Aggregate().up_to("dispatched")
    assert emission.answer(right=False) == ["HolderDataMismatched"]
    assert emission.answer(right=False) == ["HolderDataMismatched"]
    assert emission.answer(right=False) == ["HolderDataMismatched", "InvitationLocked"]
    with pytest.raises(Locked):
        emission.answer()
    emission.invite()
    assert emission.answer() == ["HolderDataMatched", "CodeSent"]


def test_five_wrong_codes_lock_the_link_even_for_the_right_one() -> None:
    emission = Aggregate().up_to("matched")
    for _ in range(4):
        assert emission.claim(right=False) == ["CodeMismatched"]
    assert emission.claim(right=False) == ["CodeMismatched", "InvitationLocked"]
    with pytest.raises(Locked):
        emission.claim()


def test_an_old_code_is_refused_and_costs_no_try() -> None:
    emission = Aggregate().up_to("matched")
    emission.now += POLICY.code_life
    with pytest.raises(WrongAnswer) as refused:
        emission.claim()
    assert (refused.value.reason, refused.value.details["tries_left"]) == ("expired", 5)
    assert emission.resend() == ["CodeSent"]
    assert emission.claim() == ["HolderVerified"]


def test_codes_are_sent_three_times() -> None:
    emission = Aggregate().up_to("matched")
    emission.resend()
    emission.resend()
    with pytest.raises(RateLimited):
        emission.resend()
    emission.now += POLICY.code_life
    assert emission.resend() == ["InvitationLocked"]


def test_a_repeated_right_answer_sends_no_second_code_while_the_first_lives() -> None:
    emission = Aggregate().up_to("matched")
    assert emission.answer() == []
    emission.now += POLICY.code_life
    assert emission.answer() == ["CodeSent"]


def test_no_code_before_the_answer() -> None:
    emission = Aggregate().up_to("dispatched")
    for step in (emission.resend, emission.claim):
        with pytest.raises(IllegalStep) as refused:
            step()
        assert refused.value.details["allowed"] == ["verify_holder_data"]
    with pytest.raises(NotFound):
        live_code(emission.state)


def test_a_link_says_why_it_opens_nothing() -> None:
    emission = Aggregate().up_to("dispatched")
    old = emission.link
    assert reason_of(Aggregate(), old) == "unknown"
    emission.invite()
    assert reason_of(emission, old) == "superseded"
    emission.now += POLICY.link_life
    assert reason_of(emission, emission.link) == "expired"
    emission.apply(clerk.decide_cancel(emission.state, reason="x"))
    assert reason_of(emission, emission.link) == "ended"


def test_a_link_makes_one_session_until_the_clerk_sends_a_newer_one() -> None:
    emission = Aggregate().up_to("verified")
    for step in (emission.answer, emission.claim):
        with pytest.raises(LinkUnusable) as refused:
            step()
        assert refused.value.reason == "used"
    old = emission.present.session
    assert old is not None
    emission.invite()
    assert emission.present.state == "dispatched"
    with pytest.raises(LinkUnusable) as refused:
        usable_session(emission.state, old.session_sha256, emission.now)
    assert refused.value.reason == "superseded"


def test_a_session_expires() -> None:
    emission = Aggregate().up_to("verified")
    assert emission.present.session is not None
    emission.now += POLICY.session_life
    with pytest.raises(LinkUnusable) as refused:
        usable_session(emission.state, emission.present.session.session_sha256, emission.now)
    assert refused.value.reason == "expired"


def test_the_same_key_is_certified_once() -> None:
    emission = Aggregate().up_to("verified")
    assert emission.prepare("key-1") == ["IssuePrepared"]
    assert emission.prepare("key-1") == []
    assert emission.issue() == ["CertificateIssued"]
    assert emission.issue() == []
    assert emission.prepare("key-1") == []


def test_another_key_revokes_the_withheld_certificate() -> None:
    emission = Aggregate().up_to("issued")
    first = emission.present.certificate
    assert first is not None
    assert emission.prepare("key-2") == ["IssuePrepared", "CertificateRevoked"]
    assert emission.present.state == "verified"
    emission.issue()
    assert emission.present.certificate is not None
    assert emission.present.certificate.serial != first.serial
    assert [revocation.serial for revocation in emission.present.revocations] == [first.serial]
    assert emission.present.term is None


def test_another_key_before_the_issue_revokes_the_intents_serial() -> None:
    emission = Aggregate().up_to("prepared")
    assert emission.prepare("key-2") == ["IssuePrepared", "CertificateRevoked"]
    assert emission.issue() == ["CertificateIssued"]


def test_a_newer_link_after_the_issue_lets_the_phone_ask_again() -> None:
    emission = Aggregate().up_to("issued")
    assert emission.invite() == ["HolderInvited"]
    assert emission.present.state == "issued"
    emission.answer()
    emission.claim()
    assert holder_step(emission.present) == "request"
    assert emission.prepare("key-1") == []
    assert emission.sign() == ["TermSigned", "EmissionCompleted"]


def test_a_signed_term_is_final() -> None:
    emission = Aggregate().up_to("completed")
    assert holder_step(emission.present) == "done"
    assert emission.sign() == []
    with pytest.raises(IllegalStep):
        emission.prepare("key-2")
    with pytest.raises(IllegalStep):
        emission.invite()


def test_a_term_of_another_certificate_is_not_taken() -> None:
    emission = Aggregate().up_to("issued")
    old = emission.present.term
    assert old is not None
    emission.prepare("key-2")
    emission.issue()
    emission.prepare_term()
    with pytest.raises(IllegalStep):
        issue.decide_complete(emission.present, old, issue.SignedTerm("t", 1, emission.now))


def test_refused_submissions_are_noted_up_to_a_limit() -> None:
    emission = Aggregate().up_to("verified")
    for _ in range(POLICY.noted_refusals):
        emission.apply(issue.decide_note_refusal(emission.present, what="certificate_request", reason="x", policy=POLICY))
    assert issue.decide_note_refusal(emission.present, what="certificate_request", reason="x", policy=POLICY) == ()
