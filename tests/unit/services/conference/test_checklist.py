"""The checklist: each tick is a moment of the recording."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.errors import IllegalStep
from services.conference.model import conference as model
from services.conference.model.conference import Conference, RecordingState
from services.conference.model.events import ChecklistItemCleared, ChecklistItemTicked
from services.conference.model.people import Tick

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
RECORDING = Conference("c", "e", "office", "1º Ofício", NOW, NOW, "r", state="started", recording="on")


def test_an_item_is_ticked_at_its_moment_once() -> None:
    ticked = model.tick(RECORDING, "identity", True, NOW)
    assert ticked is not None
    assert ticked.conference.checklist == (Tick("identity", NOW),)
    assert ticked.events == (ChecklistItemTicked("c", "e", "office", "r", "identity"),)
    assert model.tick(ticked.conference, "identity", True, LATER) is None


def test_a_tick_taken_back_is_gone_and_on_record() -> None:
    ticked = replace(RECORDING, checklist=(Tick("identity", NOW), Tick("consent", NOW)))
    cleared = model.tick(ticked, "identity", False, LATER)
    assert cleared is not None
    assert cleared.conference.checklist == (Tick("consent", NOW),)
    assert cleared.events == (ChecklistItemCleared("c", "e", "office", "r", "identity"),)
    assert model.tick(cleared.conference, "identity", False, LATER) is None


@pytest.mark.parametrize("recording", ["off", "requested", "stopped"])
def test_without_a_recording_nothing_is_ticked(recording: RecordingState) -> None:
    with pytest.raises(IllegalStep) as refused:
        model.tick(replace(RECORDING, recording=recording), "identity", True, NOW)
    assert refused.value.details["recording"] == recording


def test_after_the_end_nothing_is_ticked() -> None:
    with pytest.raises(IllegalStep):
        model.tick(replace(RECORDING, state="ended"), "identity", True, NOW)
