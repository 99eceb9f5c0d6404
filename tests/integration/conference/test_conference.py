"""The conference as a process on real engines, with browsers in its rooms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import conference as contract
from contracts.errors import Conflict, Forbidden, InvalidInput, LinkUnusable
from tests.support.engines import Broker, Documents, Sfu
from tests.support.events import collecting
from tests.support.rooms import CLERK, HOLDER, STRANGER, Office, browser_in_rooms, enter, office, sfu_settings
from tests.support.services import environment
from tests.support.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def clerk(broker: Broker, document_engine: Documents, sfu: Sfu, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    env = environment(broker, document_engine) | sfu_settings(sfu)
    with office(broker, env, tmp_path_factory.mktemp("conference")) as running:
        yield running


def test_a_meeting_is_recorded_from_its_start_to_its_end(clerk: Office, broker: Broker, sfu: Sfu) -> None:
    with collecting(broker.url, "conference") as seen, browser_in_rooms() as (browser, address):
        conference = clerk.opened()
        access = clerk.clerk_access(conference)
        clerk_page = enter(browser, address, access)
        clerk.command(contract.START_CONFERENCE, conference)
        enter(browser, address, clerk.holder_access(conference))
        until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present")

        requested = clerk.command(contract.START_RECORDING, conference)
        assert requested["recording"] == "requested"
        until(lambda: clerk.conference(conference["emission_id"])["recording"] == "on", what="the light")
        folder = Path(sfu.recordings, conference["conference_id"])
        assert any(path.stat().st_size > 4000 for path in folder.iterdir())

        # A lost page: the recording goes on; coming back makes new tracks.
        clerk_page.evaluate("room.vanish()")
        access = clerk.clerk_access(conference, participant_id=access["participant_id"])
        enter(browser, address, access)
        until(lambda: clerk.present(conference) == {"clerk", "holder"}, what="both present again")
        # Sair: the same.
        left = {"conference_id": conference["conference_id"], "participant_id": access["participant_id"]}
        clerk.ask(contract.LEAVE_CONFERENCE, left, actor=CLERK)
        assert clerk.present(conference) == {"holder"}
        assert clerk.conference(conference["emission_id"])["recording"] == "on"

        ended = clerk.command(contract.END_CONFERENCE, conference)
        assert (ended["state"], ended["recording"]) == ("ended", "stopped")
        until(lambda: seen.of("ConferenceEnded"), what="the end's event")

    stopped = seen.of("RecordingStopped")[0]
    assert stopped.data["tracks"] == conference["conference_id"]
    assert "Ana" not in str(stopped.to_dict())
    assert {path.suffix for path in folder.iterdir()} == {".mjr"}
    assert len(list(folder.iterdir())) == 6
    assert [event.type for event in seen.of() if not event.type.startswith("Participant")] == [
        "ConferenceOpened",
        "ConferenceStarted",
        "AdmissionRequested",
        "RecordingRequested",
        "RecordingStarted",
        "RecordingStopped",
        "ConferenceEnded",
    ]


def test_commands_are_refused_where_they_must_be_and_repeated_without_effect(clerk: Office, broker: Broker) -> None:
    conference = clerk.opened()
    ids = {"conference_id": conference["conference_id"]}
    with collecting(broker.url, "conference") as seen:
        with pytest.raises(Conflict) as early:
            clerk.command(contract.START_RECORDING, conference)
        assert (early.value.code, early.value.details["state"]) == ("illegal_step", "open")
        with pytest.raises(Conflict) as waiting:
            clerk.holder_access(conference)
        assert waiting.value.reason == "not_started"
        for actor in (STRANGER, HOLDER):
            with pytest.raises(Forbidden):
                clerk.ask(contract.START_CONFERENCE, ids, actor=actor)
        with pytest.raises(LinkUnusable):
            clerk.ask(contract.GET_JOIN_LINK, {"token": conference["join_token"][:-2]}, actor=HOLDER)
        for name in ("", "   "):
            with pytest.raises(InvalidInput) as nameless:
                clerk.ask(contract.JOIN_CONFERENCE, {**ids, "display_name": name}, actor=CLERK)
            assert nameless.value.problems[0]["field"] == "display_name"
        for _ in range(2):
            clerk.command(contract.START_CONFERENCE, conference, command_id="the-same-start")
        for _ in range(2):
            assert clerk.command(contract.END_CONFERENCE, conference, command_id="the-same-end")["state"] == "ended"
        until(lambda: seen.of("ConferenceEnded"), what="the end")
    assert [event.type for event in seen.of("ConferenceStarted", "ConferenceEnded")] == ["ConferenceStarted", "ConferenceEnded"]
    shown = clerk.ask(contract.GET_JOIN_LINK, {"token": conference["join_token"]}, actor=HOLDER)
    assert shown["state"] == "ended"
