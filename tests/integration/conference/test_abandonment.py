"""A room that everybody has left: the clerk is warned, and then it closes by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import conference as contract
from tests.support.engines import Broker, Documents, Sfu
from tests.support.events import collecting
from tests.support.rooms import CLERK, browser_in_rooms, enter, office, sfu_settings
from tests.support.services import environment
from tests.support.waiting import until

pytestmark = pytest.mark.integration
SHORT = {"TITULAR_ABANDONED_MINUTES": "0.2"}


def test_an_empty_room_warns_spares_who_comes_back_warns_again_and_closes(
    broker: Broker, document_engine: Documents, sfu: Sfu, tmp_path: Path
) -> None:
    env = environment(broker, document_engine) | sfu_settings(sfu) | SHORT
    with (
        office(broker, env, tmp_path) as clerk,
        browser_in_rooms() as (browser, address),
        collecting(broker.url, "conference") as seen,
    ):
        # given a started conference that nobody has entered
        conference = clerk.opened()
        clerk.command(contract.START_CONFERENCE, conference)

        def warnings() -> int:
            return sum(event.emission_id == conference["emission_id"] for event in seen.of("AbandonmentWarned"))

        def shown() -> dict[str, object]:
            return clerk.conference(conference["emission_id"])

        # when it has been empty for half of its time, the clerk is warned, and comes back
        until(lambda: warnings() == 1, what="the warning")
        assert shown()["warned_at"] is not None
        access = clerk.clerk_access(conference)
        enter(browser, address, access)
        until(lambda: shown()["closes_at"] is None, what="the room's further life")
        assert shown()["warned_at"] is None

        # then it closes after the next emptiness only, warned of once more
        stay = {"conference_id": conference["conference_id"], "participant_id": access["participant_id"]}
        clerk.ask(contract.LEAVE_CONFERENCE, stay, actor=CLERK)
        until(lambda: warnings() == 2, what="another warning")
        assert shown()["state"] == "started"
        until(lambda: shown()["state"] == "abandoned", what="the end")
