"""What is said of a video that is waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.media.model import outlook as model
from services.media.model import video as decisions
from services.media.model.cells import CELL_SECONDS
from services.media.model.outlook import Outlook, cells_waiting, is_behind
from services.media.model.progress import Progress, pace
from services.media.model.video import Stream, Video
from tests.unit.services.media.test_video import NOW, VIDEO

SETTLING = model.SETTLING_SECONDS


def going_on(seconds: float, rendered: float = 0.0, name: str = "r", pace: float | None = 2.0, slots: int = 1) -> Video:
    """A followed recording that began so many seconds ago, of which so much is rendered."""
    began = NOW - timedelta(seconds=seconds)
    progress = Progress(began.timestamp() + rendered, pace, slots, NOW.timestamp())
    held = {"claimed_by": "w", "claimed_until": NOW + decisions.LEASE}
    return replace(VIDEO, recording_id=name, state="recording", started_at=began, stopped_at=None, progress=progress, **held)


def ended(left: int, name: str = "r", pace: float | None = 2.0, slots: int = 1, ago: float = 0.0) -> Video:
    """A recording that has stopped, of which so many cells are left."""
    video = going_on(100 * CELL_SECONDS + ago, (100 - left) * CELL_SECONDS, name, pace, slots)
    return replace(video, state="processing", stopped_at=NOW - timedelta(seconds=ago))


def outlook(video: Video, *others: Video) -> Outlook:
    found = model.outlook(video, [video, *others], NOW)
    assert found
    return found


def test_what_has_settled_and_is_not_rendered_is_behind() -> None:
    found = outlook(going_on(60.0, rendered=48.0))
    assert (found.behind_seconds, found.cells_waiting) == (12.0 - SETTLING, 0)
    found = outlook(going_on(100.0, rendered=48.0))
    assert (found.behind_seconds, found.cells_waiting) == (52.0 - SETTLING, 3)


def test_nothing_is_waited_for_once_it_can_be_watched() -> None:
    watched = replace(ended(0), stream=Stream(10.0, 1280, 480, 1, ()))
    assert [model.outlook(one, [], NOW) for one in (watched, replace(VIDEO, state="done"), replace(VIDEO, state="failed"))] == [
        None,
        None,
        None,
    ]


def test_the_estimate_is_what_the_cells_left_will_take_and_a_little_more() -> None:
    ready = outlook(ended(3, pace=2.0)).ready_seconds
    assert ready is not None
    assert 6.0 < ready < 10.0


def test_the_estimate_counts_down_and_is_given_up_when_it_was_wrong() -> None:
    later = [outlook(replace(ended(3, ago=ago), progress=replace(ended(3).progress, noted_at=0.0))) for ago in (0.0, 2.0, 60.0)]  # type: ignore[type-var]
    first, second, last = (one.ready_seconds for one in later)
    assert first is not None
    assert second == pytest.approx(first - 2.0)
    assert last is None


def test_what_was_not_measured_is_not_known() -> None:
    assert outlook(ended(3, pace=None)).ready_seconds is None
    assert outlook(replace(going_on(20.0), progress=None)).ready_seconds is None


def test_the_same_machine_has_measured_others() -> None:
    assert outlook(ended(3, pace=None), going_on(60.0, 48.0, "other", pace=2.0, slots=2)).ready_seconds is not None


@pytest.mark.parametrize("held", [{"claimed_by": None, "claimed_until": None}, {"claimed_until": NOW}])
def test_where_nobody_works_on_it_nobody_knows(held: dict[str, object]) -> None:
    assert outlook(replace(ended(3), **held)).ready_seconds is None  # type: ignore[arg-type]


def test_those_that_have_ended_go_before_those_that_go_on_and_by_the_order_of_their_end() -> None:
    first, second, live = ended(2, "first", ago=9.0), ended(5, "second"), going_on(60.0, 48.0, "live")
    ahead = [
        outlook(one, *(other for other in (first, second, live) if other is not one)).recordings_ahead
        for one in (first, second, live)
    ]
    assert ahead == [0, 1, 2]
    assert outlook(live, first, second).machine_cells_waiting == 7


def test_rooms_that_share_a_slot_wait_longer_and_slots_help() -> None:
    alone = outlook(ended(4)).ready_seconds
    shared = outlook(ended(4), ended(4, "other")).ready_seconds
    relieved = outlook(ended(4, slots=2), ended(4, "other", slots=2)).ready_seconds
    disturbed = outlook(ended(4), going_on(60.0, 48.0, "live")).ready_seconds
    assert alone is not None
    assert shared is not None
    assert disturbed is not None
    assert alone == relieved
    assert alone < disturbed < shared


def test_a_recording_that_nobody_follows_keeps_no_slot() -> None:
    unfollowed = replace(going_on(600.0), progress=None, claimed_by=None)
    assert cells_waiting(unfollowed, NOW) == 0
    assert outlook(unfollowed).ready_seconds is None


def test_a_machine_is_behind_when_far_more_waits_than_its_slots_can_take() -> None:
    waiting = ended(model.BEHIND_CELLS_PER_SLOT)
    assert is_behind([waiting], NOW)
    assert not is_behind([replace(waiting, progress=replace(waiting.progress, slots=2))], NOW)  # type: ignore[type-var]
    assert not is_behind([], NOW)
    assert not is_behind([going_on(60.0, 48.0, str(number)) for number in range(20)], NOW)


def test_the_pace_is_the_slowest_of_the_last_cells() -> None:
    assert pace([]) is None
    assert pace([9.0, 1.0, 1.0, 3.0, 2.0]) == 3.0


def test_a_successor_that_has_not_come_as_far_takes_nothing_back() -> None:
    earlier = Progress(160.0, 2.0, 1, 200.0)
    assert Progress(16.0, None, 1, 210.0).after(earlier) == Progress(160.0, 2.0, 1, 210.0)
    assert Progress(176.0, 3.0, 1, 210.0).after(earlier) == Progress(176.0, 3.0, 1, 210.0)
