"""What other services say, noted in the history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import contracts
from contracts.envelope import Envelope
from contracts.errors import (
    NotFound,
)
from services.certification.application import facts, reads
from tests.support.certification import START, InProcess
from tests.support.steps import invited, start, types

SAMPLES = Path(contracts.__file__).parent / "samples"


def test_consumed_events_are_noted_once(inside: InProcess) -> None:
    emission_id = start(inside, mode="remote")["emission_id"]
    data = {"conference_id": "c-1", "emission_id": emission_id, "office_id": "123456"}
    opened = Envelope("event-1", "conference", "ConferenceOpened", "c-1", START, data)
    for _ in range(2):
        facts.note_conference(inside.ports, opened)
    assert types(inside, emission_id) == ["EmissionStarted", "ConferenceOpeningNoted"]
    stored = inside.events.read(emission_id)[-1].record
    assert (stored.cause, stored.actor["user_id"]) == ("event-1", "service:certification")
    with pytest.raises(NotFound):
        facts.note_conference(
            inside.ports, Envelope("x", "conference", "ConferenceOpened", "c", START, {**data, "emission_id": "no"})
        )


def test_a_failure_before_the_last_attempt_is_not_noted(inside: InProcess) -> None:
    emission = invited(inside)
    data = {
        "message_id": emission["invitation"]["invitation_id"],
        "emission_id": emission["emission_id"],
        "purpose": "invitation",
        "channel": "email",
        "attempts": 1,
        "reason": "refused",
        "final": False,
    }
    facts.note_delivery(inside.ports, Envelope("n-1", "notify", "NotificationFailed", "m", START, data))
    assert types(inside, emission["emission_id"])[-1] == "HolderInvited"
    facts.note_delivery(inside.ports, Envelope("n-2", "notify", "NotificationFailed", "m", START, {**data, "final": True}))
    shown = reads.get_emission(inside.ports, inside.call(), emission)["invitation"]
    assert (shown["delivery"], shown["delivery_reason"]) == ("failed", "refused")


def test_a_kept_picture_is_noted_at_the_moment_when_it_was_taken_with_all_that_identifies_it(inside: InProcess) -> None:
    said = json.loads((SAMPLES / "conference/events/DocumentPictureAccepted.v1.json").read_text())
    noted = json.loads((SAMPLES / "certification/events/DocumentPictureNoted.v1.json").read_text())
    emission_id = start(inside)["emission_id"]
    told = Envelope("event-picture", "conference", "DocumentPictureAccepted", "c-1", START, {**said, "emission_id": emission_id})
    facts.note_conference(inside.ports, told)
    facts.note_conference(inside.ports, told)
    (kept,) = [event.record for event in inside.events.read(emission_id) if event.record.type == "DocumentPictureNoted"]
    assert kept.data["at"] == said["taken_at"]
    same = ("picture_id", "recording_id", "participant_id", "sha256", "size", "width", "height", "attachment_id")
    assert {name: kept.data[name] for name in same} == {name: noted[name] for name in same}
