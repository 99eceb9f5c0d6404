"""A room that everybody has left: the clerk is warned, and then it closes by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import conference as contract
from tests.support.engines import Broker, Documents, Sfu
from tests.support.events import collecting
from tests.support.rooms import browser_in_rooms, enter, office, sfu_settings
from tests.support.services import environment
from tests.support.waiting import until

pytestmark = pytest.mark.integration
SHORT = {"TITULAR_ABANDONED_MINUTES": "0.2"}
NOTICED_SECONDS = 10.0
"""Within this time somebody whose page is closed counts as gone."""


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
        page = enter(browser, address, access)
        until(lambda: shown()["closes_at"] is None, what="the room's further life")
        assert shown()["warned_at"] is None

        # and then goes without a word, as a page does whose browser is closed or dies
        page.close()
        until(lambda: not clerk.present(conference), NOTICED_SECONDS, "the absence")

        # then it closes after that emptiness only, warned of once more
        until(lambda: warnings() == 2, what="another warning")
        assert shown()["state"] == "started"
        until(lambda: shown()["state"] == "abandoned", what="the end")
