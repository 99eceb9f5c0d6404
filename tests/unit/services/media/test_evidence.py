"""What the findings of cells amount to: warnings while the meeting goes on, the verdict at its end."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from services.media.model import evidence as model
from services.media.model.evidence import Evidence, EvidenceWarning, Reason
from services.media.model.findings import CellFindings, PersonFindings, findings_from

WHOLE = ((0.0, 8.0),)
FINE = PersonFindings(sound=WHOLE, picture=WHOLE, width=640, height=480, frames_per_second=20.0, offset_seconds=0.0)


@pytest.fixture(autouse=True)
def short_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells of 8 seconds, so that little makes several."""
    monkeypatch.setattr(model, "CELL_SECONDS", 8)


def gathered(*holders: PersonFindings | None) -> Evidence:
    """Cells in a row: the clerk is fine in all of them, the holder is as given (None: not there)."""
    evidence = Evidence()
    for number, holder in enumerate(holders):
        people = {"clerk": FINE, **({"holder": holder} if holder else {})}
        evidence = evidence.with_cell(CellFindings(number, 8.0, people))
    return evidence


def warned(evidence: Evidence) -> list[str]:
    assert all(warning.slot == "holder" for warning in model.warnings_of(evidence))
    return [warning.fault for warning in model.warnings_of(evidence)]


def lasting(what: str) -> PersonFindings:
    return replace(FINE, **{what: WHOLE})  # type: ignore[arg-type]


def test_a_meeting_without_a_fault_is_good_and_warns_of_nothing() -> None:
    evidence = gathered(FINE, FINE, FINE)
    assert model.warnings_of(evidence) == ()
    report = model.report_at_end(evidence, 24.0)
    assert (report.verdict, report.reasons) == ("good", ())
    assert (report.measured_seconds, report.both_seconds) == (24.0, 24.0)


def test_nothing_measured_warns_of_nothing() -> None:
    assert model.warnings_of(Evidence()) == ()


@pytest.mark.parametrize(("what", "fault", "cells"), [("silent", "silence", 3), ("black", "black", 2), ("frozen", "frozen", 2)])
def test_what_lasts_over_the_border_of_cells_is_warned_of_once_it_is_too_long(what: str, fault: str, cells: int) -> None:
    assert warned(gathered(FINE, *[lasting(what)] * (cells - 1))) == []
    assert warned(gathered(FINE, *[lasting(what)] * cells)) == [fault]


def test_a_warning_ends_when_the_fault_does_but_the_verdict_remembers() -> None:
    evidence = gathered(*[lasting("silent")] * 3, FINE, FINE, FINE, FINE)
    assert warned(evidence) == []
    report = model.report_at_end(evidence, 56.0)
    assert report.verdict == "doubtful"
    assert report.reasons == (Reason("silence", "holder", 24.0),)


def test_stretches_that_do_not_touch_are_not_joined() -> None:
    early, late = replace(FINE, frozen=((1.0, 7.0),)), replace(FINE, frozen=((1.0, 8.0),))
    assert model.report_at_end(gathered(early, late), 16.0).reasons == ()


def test_a_cell_that_was_not_measured_parts_stretches() -> None:
    evidence = Evidence().with_cell(CellFindings(0, 8.0, {"clerk": FINE, "holder": lasting("frozen")}))
    evidence = evidence.with_cell(CellFindings(2, 8.0, {"clerk": FINE, "holder": lasting("frozen")}))
    assert warned(evidence) == []
    assert model.report_at_end(evidence, 24.0).reasons == (Reason("not_measured", None, 8.0),)


def test_a_click_does_not_end_a_silence() -> None:
    clicked = replace(FINE, silent=((0.0, 4.0), (4.1, 8.0)))
    assert warned(gathered(clicked, clicked, clicked)) == ["silence"]


def test_a_cell_found_anew_takes_the_place_of_what_was_found_before_in_whatever_order() -> None:
    evidence = gathered(lasting("black"), lasting("black"), FINE)
    again = evidence.with_cell(CellFindings(0, 8.0, {"clerk": FINE, "holder": FINE}))
    assert model.report_at_end(evidence, 24.0).reasons == (Reason("black", "holder", 16.0),)
    assert model.report_at_end(again, 24.0).verdict == "good"
    backwards = Evidence()
    for cell in reversed(evidence.in_order()):
        backwards = backwards.with_cell(cell)
    assert model.report_at_end(backwards, 24.0) == model.report_at_end(evidence, 24.0)


def test_who_is_away_is_absent_and_nothing_else() -> None:
    assert warned(gathered(FINE, None, None)) == ["absent"]


def test_who_sends_sound_alone_has_no_picture() -> None:
    heard = PersonFindings(sound=WHOLE)
    assert warned(gathered(heard, heard)) == ["no_picture"]


def test_who_sends_a_picture_alone_is_silent() -> None:
    seen = replace(FINE, sound=())
    assert warned(gathered(seen, seen, seen)) == ["silence"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"width": 320, "height": 240}, "small_picture"),
        ({"width": 360, "height": 640}, "small_picture"),
        ({"frames_per_second": 6.0}, "low_frame_rate"),
        ({"offset_seconds": 0.4}, "offset"),
        ({"offset_seconds": -0.4}, "offset"),
    ],
)
def test_a_poor_picture_is_warned_of_in_its_second_cell(change: dict[str, Any], fault: str) -> None:
    poor = replace(FINE, **change)
    assert warned(gathered(FINE, poor)) == []
    assert warned(gathered(FINE, poor, poor)) == [fault]
    assert model.report_at_end(gathered(FINE, poor, FINE), 24.0).verdict == "good"
    assert model.report_at_end(gathered(FINE, poor, poor), 24.0).reasons == (Reason(fault, "holder", 16.0),)  # type: ignore[arg-type]


def test_a_phone_held_upright_is_as_wide_as_it_must_be() -> None:
    upright = replace(FINE, width=480, height=640)
    assert warned(gathered(upright, upright)) == []


@pytest.mark.parametrize("fault", ["silent", "black", "frozen"])
def test_a_fault_most_of_the_time_is_poor(fault: str) -> None:
    assert model.report_at_end(gathered(*[lasting(fault)] * 6, FINE, FINE), 64.0).verdict == "poor"


def test_a_recording_of_one_person_is_poor_and_of_one_who_came_late_doubtful() -> None:
    assert model.report_at_end(gathered(None, None, None), 24.0).verdict == "poor"
    late = model.report_at_end(gathered(None, FINE, FINE), 24.0)
    assert (late.verdict, late.reasons) == ("doubtful", (Reason("alone", None, 8.0),))


def test_what_was_not_measured_is_doubtful() -> None:
    assert model.report_at_end(Evidence(), 30.0).reasons == (Reason("not_measured", None, 30.0),)
    assert model.report_at_end(Evidence(), 30.0).verdict == "doubtful"


def test_figures_tell_of_each_person() -> None:
    quiet = replace(FINE, silent=((0.0, 6.0),), black=((2.0, 4.0),), frozen=((2.0, 5.0),), offset_seconds=-0.1)
    holder = model.report_now(gathered(quiet, replace(FINE, frames_per_second=10.0))).people[1]
    assert (holder.slot, holder.sound_seconds, holder.audible_seconds, holder.picture_seconds) == ("holder", 16.0, 10.0, 16.0)
    assert (holder.visible_seconds, holder.longest_black_seconds, holder.longest_frozen_seconds) == (13.0, 2.0, 1.0)
    assert (holder.width, holder.height, holder.frames_per_second, holder.offset_seconds) == (640, 480, 15.0, -0.1)


def test_findings_and_reports_come_back_from_json() -> None:
    evidence = gathered(lasting("silent"), None)
    found = evidence.cells[0]
    assert findings_from(json.loads(json.dumps(asdict(found)))) == found
    report = model.report_at_end(evidence, 16.0)
    assert model.report_from(json.loads(json.dumps(asdict(report)))) == report
    assert model.report_now(gathered(*[lasting("silent")] * 3)).warnings == (EvidenceWarning("holder", "silence"),)
