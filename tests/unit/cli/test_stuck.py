"""The report on stuck emissions at the terminal."""

from __future__ import annotations

from cli.stuck import NEXT_STEPS, lines
from contracts.certification import AWAITED
from tests.support import gateway_samples as samples


def test_every_wait_has_a_next_step() -> None:
    assert set(NEXT_STEPS) == set(AWAITED)


def test_the_report_names_event_service_time_and_dead_letter() -> None:
    report = "\n".join(lines(samples.stuck()["emissions"], samples.dead_letters()))
    assert "room: waits for ConferenceOpened from conference, since 2026-11-20 13:50:00" in report
    assert f"titular events dead retry {samples.named_id('event')}" in report
    assert report.count("dead letter:") == 1


def test_nothing_stuck_is_said() -> None:
    assert lines([], []) == ["No emission is stuck."]
