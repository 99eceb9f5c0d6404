"""The checks find what they look for."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from chassis.stored_events import Record, Stored
from contracts.envelope import Envelope
from tests.faults.emission import Story, make_story
from tests.faults.invariants import (
    CERTIFIED,
    Evidence,
    accepted_commands,
    intact_histories,
    noted_once,
    published,
    signatures_recorded,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COMPLETED = 0
"""The number of a story that is completed at the counter."""


@dataclass
class FakeTap:
    """What was published."""

    envelopes: list[Envelope] = field(default_factory=list)

    def events(self) -> dict[str, Envelope]:
        return {one.id: one for one in self.envelopes}

    def times(self) -> Counter[str]:
        return Counter(one.id for one in self.envelopes)


class NothingUnsent:
    """Empty outboxes."""

    def unsent(self) -> dict[str, int]:
        return {}


def told(number: int = COMPLETED) -> Story:
    story = make_story(number, 1)
    story.emission_id, story.state, story.begun, story.seconds = "e1", story.ending, time.monotonic(), 1.0
    return story


def history(*names: str, cause: str | None = None) -> dict[str, list[Stored]]:
    events = [
        Stored("e1", version, Record(name, NOW, {}, {}, cause=cause), "", "") for version, name in enumerate(names, start=1)
    ]
    return {"e1": events}


def evidence(*stories: Story, tap: FakeTap | None = None) -> Evidence:
    anything: Any = NothingUnsent()
    return Evidence(cast(Any, None), anything, cast(Any, tap or FakeTap()), cast(Any, None), list(stories), 0)


def kinds(check: Any, given: Evidence, histories: dict[str, list[Stored]]) -> list[str]:
    return [finding.kind for finding in check(given, histories)]


def whole(story: Story) -> tuple[str, ...]:
    mistyped = ("CodeMismatched",) if story.wrong_code else ()
    return ("EmissionStarted", *CERTIFIED, "DeliveryNoted", "DeliveryNoted", *mistyped)


def test_a_whole_history_is_well() -> None:
    story = told()
    assert kinds(accepted_commands, evidence(story), history(*whole(story))) == []


def test_a_missing_event_is_lost_and_one_too_many_doubled() -> None:
    story = told()
    without = [name for name in whole(story) if name != "TermSigned"]
    assert kinds(accepted_commands, evidence(story), history(*without)) == ["lost"]
    assert kinds(accepted_commands, evidence(story), history(*whole(story), "CertificateIssued")) == ["doubled"]


def test_an_emission_without_an_end_is_stuck_and_one_of_nobody_doubled() -> None:
    story = told()
    story.state = "issued"
    assert kinds(accepted_commands, evidence(story), history("EmissionStarted")) == ["stuck"]
    assert kinds(accepted_commands, evidence(), history("EmissionStarted")) == ["doubled"]


def test_an_altered_history_is_wrong() -> None:
    assert kinds(intact_histories, evidence(), history("EmissionStarted")) == ["wrong"]


def test_an_event_that_was_not_published_is_lost() -> None:
    assert kinds(published, evidence(), history("EmissionStarted")) == ["lost"]


def test_a_fact_is_noted_once() -> None:
    fact = Envelope("f1", "conference", "ConferenceOpened", "c1", NOW, {}, emission_id="e1")
    given = evidence(tap=FakeTap([fact]))
    assert kinds(noted_once, given, history()) == ["lost"]
    assert kinds(noted_once, given, history("ConferenceOpeningNoted", cause="f1")) == []
    assert kinds(noted_once, given, history("ConferenceOpeningNoted", "ConferenceOpeningNoted", cause="f1")) == ["doubled"]


def test_what_was_recorded_before_the_tap_was_there_is_not_lost() -> None:
    early = Stored("authority/ocsp/2026-11", 1, Record("KeyOpened", NOW - timedelta(seconds=1), {}, {}), "", "")
    late = Stored("authority/ocsp/2026-11", 2, Record("KeyOpened", NOW, {}, {}), "", "")
    streams = {**history("EmissionStarted"), "authority/ocsp/2026-11": [early, late]}
    given = evidence(tap=FakeTap([Envelope(streams["e1"][0].id, "certification", "EmissionStarted", "e1", NOW, {})]))
    assert [finding.text for finding in published(given, streams)] == ["KeyOpened of authority/ocsp/2026-11 was never published"]


def test_a_signature_without_its_record_is_lost() -> None:
    issued = Stored("e1", 1, Record("CertificateIssued", NOW, {}, {"serial": "0a"}), "", "")
    signed = Stored("e1", 2, Record("TermSigned", NOW, {}, {}), "", "")
    certificate = Stored("authority/issuing/2026-11", 1, Record("HolderCertificateSigned", NOW, {}, {"serial": "0a"}), "", "")
    stamp = Stored("authority/timestamping/2026-11", 1, Record("TimeStampSigned", NOW, {}, {"emission_id": "e1"}), "", "")
    uses = {one.stream_id: [one] for one in (certificate, stamp)}
    assert list(signatures_recorded({"e1": [issued, signed]}, uses)) == []
    assert [one.kind for one in signatures_recorded({"e1": [issued, signed]}, {})] == ["lost", "lost"]
