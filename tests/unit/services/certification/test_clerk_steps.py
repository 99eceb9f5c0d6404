"""The clerk's decisions: what each command needs, what it gives, how it is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.certification import STATES
from contracts.errors import AlreadyExists, Conflict, IllegalStep, InvalidInput, NotFound, StaleVersion
from services.certification.model import clerk
from services.certification.model.state import CLOSED
from services.certification.model.steps import allowed
from tests.unit.services.certification.aggregate import OTHER, POLICY, Aggregate

WAY = ("started", "identified", "confirmed", "dispatched", "verified", "issued", "completed")


def test_the_straight_way_goes_through_all_states() -> None:
    emission = Aggregate()
    seen = []
    emission.start()
    seen.append(emission.present.state)
    for step in (emission.recorded_conference, emission.attest, emission.confirm, emission.invite, emission.answer):
        step()
        seen.append(emission.present.state)
    for step in (emission.claim, emission.prepare, emission.issue, emission.prepare_term, emission.sign):
        step()
        seen.append(emission.present.state)
    assert tuple(dict.fromkeys(seen)) == WAY
    assert set(WAY) <= set(STATES)
    assert emission.present.certificate is not None
    assert emission.present.certificate.status == "valid"


def test_an_emission_starts_once() -> None:
    emission = Aggregate().up_to("started")
    with pytest.raises(AlreadyExists) as refused:
        emission.start()
    assert refused.value.details == {"emission_id": "e-1"}


def test_in_person_needs_the_own_offices_registration_and_no_conference() -> None:
    with pytest.raises(Conflict) as refused:
        Aggregate().start("in_person", OTHER)
    assert refused.value.reason == "other_office"
    Aggregate().start("remote", OTHER)
    emission = Aggregate()
    emission.start("in_person")
    assert emission.attest() == ["IdentificationAttested"]


@pytest.mark.parametrize(
    "facts",
    [
        [],
        ["ConferenceOpeningNoted", "ConferenceStartNoted"],
        ["ConferenceOpeningNoted", "RecordingStartNoted", "RecordingStopNoted"],
        ["ConferenceOpeningNoted", "ConferenceStartNoted", "ConferenceEndNoted"],
    ],
    ids=["no conference", "running", "recorded but not ended", "ended but nothing recorded"],
)
def test_remote_identification_waits_for_an_ended_and_recorded_conference(facts: list[str]) -> None:
    emission = Aggregate().up_to("started")
    for name in facts:
        emission.fact(name, recording="g-1" if "Recording" in name else None)
    with pytest.raises(IllegalStep) as refused:
        emission.attest()
    assert refused.value.details["state"] == "started"
    assert refused.value.details["allowed"] == ["mark_inconclusive", "refuse_emission", "cancel_emission"]


def test_identification_never_waits_for_the_video() -> None:
    emission = Aggregate().up_to("ended")
    assert emission.present.video_state == "processing"
    assert emission.attest() == ["IdentificationAttested"]


def test_all_three_points_must_be_attested() -> None:
    emission = Aggregate().up_to("ended")
    with pytest.raises(InvalidInput) as refused:
        clerk.decide_attest(emission.state, identity=True, capacity=False, free_will=False)
    assert [problem["field"] for problem in refused.value.problems] == ["capacity", "free_will"]


def test_only_the_current_version_can_be_confirmed() -> None:
    emission = Aggregate().up_to("identified")
    with pytest.raises(StaleVersion) as refused:
        emission.confirm(version=1, current=2)
    assert refused.value.details == {"expected": 1, "actual": 2}
    assert emission.confirm(version=2, current=2) == ["DataConfirmed"]
    assert emission.present.registration_version == 2


def test_a_corrected_registration_is_confirmed_anew_and_ends_the_invitation() -> None:
    emission = Aggregate().up_to("dispatched")
    assert emission.confirm(version=1, current=1) == []
    assert emission.confirm(version=2, current=2) == ["DataConfirmed"]
    assert (emission.present.state, emission.present.invitation) == ("confirmed", None)


def test_a_refusal_ends_everything() -> None:
    emission = Aggregate().up_to("confirmed")
    emission.apply(clerk.decide_refuse(emission.state, reason="não é a mesma pessoa"))
    assert (emission.present.state, emission.present.reason) == ("refused", "não é a mesma pessoa")
    assert allowed(emission.present) == ()


def test_an_inconclusive_identification_is_retried_with_a_new_conference() -> None:
    emission = Aggregate().up_to("ended")
    emission.apply(clerk.decide_inconclusive(emission.state, reason="sem som"))
    assert allowed(emission.present) == ("retry_identification", "cancel_emission")
    emission.apply(clerk.decide_retry(emission.state))
    assert (emission.present.state, emission.present.conference_state, emission.present.reason) == ("started", "none", None)
    with pytest.raises(IllegalStep):
        emission.attest()
    emission.video("g-1", "c-1")  # the old conference's video comes late
    assert emission.present.conference_state == "none"
    emission.recorded_conference("c-2", "g-2")
    assert emission.attest() == ["IdentificationAttested"]


def test_cancelling_revokes_a_serial_that_may_have_been_signed() -> None:
    emission = Aggregate().up_to("prepared")
    decided = emission.apply(clerk.decide_cancel(emission.state, reason="desistiu"))
    assert decided == ["CertificateRevoked", "EmissionCancelled"]
    assert len(emission.present.revocations) == 1


@pytest.mark.parametrize("state", ["issued", "completed"])
def test_a_certificate_is_revoked_withheld_or_valid(state: str) -> None:
    emission = Aggregate().up_to(state)
    emission.apply(clerk.decide_revoke(emission.state, reason="key_compromise"))
    assert emission.present.state == "revoked"
    assert emission.present.certificate is not None
    assert emission.present.certificate.revocation_reason == "key_compromise"
    with pytest.raises(IllegalStep):
        clerk.decide_revoke(emission.state, reason="key_compromise")


@pytest.mark.parametrize("state", ["started", "identified", "confirmed", "dispatched", "verified"])
def test_an_overdue_emission_expires(state: str) -> None:
    emission = Aggregate().up_to(state)
    assert emission.expire() == []
    emission.now += POLICY.emission_life
    assert emission.expire() == ["EmissionExpired"]
    assert emission.present.deadline is None
    assert emission.expire() == []


def test_a_withheld_certificate_not_signed_in_time_is_revoked() -> None:
    emission = Aggregate().up_to("issued")
    emission.now += POLICY.sign_within
    assert emission.expire() == ["CertificateRevoked", "EmissionExpired"]
    assert emission.present.state == "expired"
    assert emission.present.certificate is not None
    assert emission.present.certificate.status == "revoked"


def test_a_completed_emission_never_expires() -> None:
    emission = Aggregate().up_to("completed")
    emission.now += timedelta(days=4000)
    assert emission.expire() == []


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_ended_emissions_allow_nothing(state: str) -> None:
    emission = Aggregate().up_to("issued" if state in {"revoked", "expired"} else "confirmed")
    emission.now += POLICY.sign_within
    end = {
        "refused": lambda: clerk.decide_refuse(emission.state, reason="x"),
        "cancelled": lambda: clerk.decide_cancel(emission.state, reason="x"),
        "expired": lambda: clerk.decide_expire(emission.state, now=emission.now),
        "revoked": lambda: clerk.decide_revoke(emission.state, reason="unspecified"),
    }[state]
    emission.apply(end())
    assert emission.present.state == state
    for step in (emission.attest, emission.confirm, emission.invite):
        with pytest.raises(IllegalStep):
            step()


def test_no_step_without_an_emission() -> None:
    with pytest.raises(NotFound):
        Aggregate().attest()
