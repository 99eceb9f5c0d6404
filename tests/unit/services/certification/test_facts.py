"""Facts of other services: each noted once, in any order, at any time."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from contracts.errors import NotFound
from services.certification.model import clerk
from services.certification.model.facts import ConferenceFact, decide_note_conference
from tests.unit.services.certification.aggregate import Aggregate

FACTS = ("ConferenceOpeningNoted", "ConferenceStartNoted", "RecordingStartNoted", "RecordingStopNoted", "ConferenceEndNoted")


def test_a_fact_is_noted_once() -> None:
    emission = Aggregate().up_to("started")
    assert emission.fact("ConferenceOpeningNoted", cause="same") == ["ConferenceOpeningNoted"]
    assert emission.fact("ConferenceOpeningNoted", cause="same") == []


@pytest.mark.parametrize("order", list(permutations(FACTS)), ids=lambda order: "-".join(name[:14] for name in order))
def test_the_order_of_facts_does_not_matter(order: tuple[str, ...]) -> None:
    emission = Aggregate().up_to("started")
    for name in order:
        emission.fact(name, recording="g-1" if "Recording" in name else None)
    assert emission.present.conference_state == "ended"
    assert emission.present.identifiable


def test_an_early_video_counts_when_the_conference_becomes_known() -> None:
    emission = Aggregate().up_to("started")
    emission.video()
    assert emission.present.video_state == "none"
    emission.recorded_conference()
    assert (emission.present.video_state, emission.present.video_sha256) == ("done", "12" * 32)


def test_a_video_that_failed_and_was_made_after_all_is_done() -> None:
    emission = Aggregate().up_to("ended")
    emission.video(reason="no_picture")
    assert emission.present.video_state == "failed"
    emission.video()
    assert emission.present.video_state == "done"
    assert emission.video(reason="late") == []


def test_conference_states_in_their_usual_order() -> None:
    emission = Aggregate().up_to("started")
    seen = [emission.present.conference_state]
    for name in FACTS:
        emission.fact(name, recording="g-1" if "Recording" in name else None)
        seen.append(emission.present.conference_state)
    assert seen == ["none", "open", "started", "recording", "recorded", "ended"]


def test_of_two_recordings_the_slower_one_counts() -> None:
    emission = Aggregate().up_to("started")
    for recording in ("g-1", "g-2"):
        emission.fact("RecordingStartNoted", recording=recording)
        emission.fact("RecordingStopNoted", recording=recording)
    emission.video("g-1")
    assert emission.present.video_state == "processing"
    emission.video("g-2")
    assert emission.present.video_state == "done"


def test_facts_are_noted_after_the_end_too() -> None:
    emission = Aggregate().up_to("ended")
    emission.apply(clerk.decide_refuse(emission.state, reason="x"))
    assert emission.video() == ["VideoNoted"]
    assert emission.present.state == "refused"


def test_an_old_conferences_late_opening_does_not_displace_the_new_one() -> None:
    emission = Aggregate().up_to("started")
    before = emission.now
    emission.apply(clerk.decide_inconclusive(emission.state, reason="caiu"))
    emission.apply(clerk.decide_retry(emission.state))
    emission.now = before.replace(minute=5)
    emission.recorded_conference("c-2", "g-2")
    emission.now = before
    emission.fact("ConferenceOpeningNoted", "c-1")
    assert emission.present.conference is not None
    assert emission.present.conference.conference_id == "c-2"


def test_delivery_is_kept_of_the_present_invitation() -> None:
    emission = Aggregate().up_to("dispatched")
    emission.delivery(delivered=False)
    assert emission.present.invitation is not None
    assert emission.present.invitation.delivery == "failed"
    emission.delivery()
    assert emission.present.invitation.delivery == "delivered"


def test_a_fact_of_an_unknown_emission_is_refused() -> None:
    with pytest.raises(NotFound):
        Aggregate().fact("ConferenceOpeningNoted")


@pytest.mark.parametrize("name", ["ParticipantAdmissionNoted", "ParticipantEjectionNoted"])
def test_who_was_let_in_and_sent_out_is_noted_and_changes_nothing_else(name: str) -> None:
    emission = Aggregate().up_to("started")
    before = emission.present
    assert emission.fact(name, cause="same") == [name]
    assert emission.fact(name, cause="same") == []
    assert replace(emission.present, version=0, causes=frozenset()) == replace(before, version=0, causes=frozenset())


def test_a_tick_is_noted_with_its_item_and_changes_nothing_else() -> None:
    emission = Aggregate().up_to("started")
    before = emission.present
    fact = ConferenceFact("ChecklistTickNoted", "event-tick", "c-1", emission.now, "g-1", more={"item": "consent"})
    assert emission.apply(decide_note_conference(before, fact), "event-tick") == ["ChecklistTickNoted"]
    assert emission.events[-1].data["item"] == "consent"
    assert emission.present.recordings == before.recordings
    assert decide_note_conference(emission.present, fact) == ()
