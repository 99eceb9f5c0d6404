"""The conference's use cases on ports in memory."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.rpc import Call
from contracts.actor import Actor
from contracts.envelope import Envelope
from contracts.errors import Forbidden, InvalidInput, LinkUnusable, NotFound, Unavailable
from services.conference.application import caretaking, commands, emissions
from services.conference.application.ports import Decide, Trigger
from services.conference.model.conference import Conference, note_media
from services.conference.model.turn import Turn
from tests.support.memory_rooms import House

CLERK = Actor("u1", "clerk", "Ana", "office-1")
STRANGER = Actor("u2", "clerk", "Outra", "office-2")
HOLDER = Actor("holder", "holder")
AUDITOR = Actor("u3", "auditor")


def call(actor: Actor = CLERK, command_id: str | None = None) -> Call:
    return Call(actor, command_id or str(uuid.uuid4()), "")


def event(house: House, kind: str, **data: Any) -> Envelope:
    return Envelope(
        id=str(uuid.uuid4()),
        source="certification",
        type=kind,
        subject="e",
        time=house.time,
        data={"emission_id": "e", "office_id": "office-1", **data},
    )


def opened(house: House) -> Conference:
    emissions.open_for_emission(house.rooms, event(house, "EmissionStarted", mode="remote", office_name="1º Ofício"))
    return latest(house)


def latest(house: House) -> Conference:
    return house.conferences.of_emission("e")[0]


def join(house: House, actor: Actor = CLERK, command_id: str | None = None, **data: Any) -> dict[str, Any]:
    conference = latest(house)
    token = commands.get_conference(house.rooms, call(), "e")["join_token"]
    address = {"token": token} if actor.role == "holder" else {"conference_id": conference.conference_id}
    asked = {"display_name": "Ana", "purpose": "camera", "participant_id": None, **address, **data}
    return commands.join_conference(house.rooms, call(actor, command_id), asked)


def enter(house: House, actor: Actor = CLERK) -> str:
    """Join, and be seen in the room."""
    participant_id: str = join(house, actor)["participant_id"]
    house.sfu.rooms[latest(house).conference_id].present.add(participant_id)
    look(house)
    return participant_id


def look(house: House) -> None:
    for conference in house.conferences.unfinished():
        caretaking.reconcile(house.rooms, conference)


def test_a_remote_emission_gets_one_room_however_often_it_is_told() -> None:
    house = House()
    started = event(house, "EmissionStarted", mode="remote", office_name="1º Ofício")
    emissions.open_for_emission(house.rooms, started)
    emissions.open_for_emission(house.rooms, started)
    assert house.happened() == ["ConferenceOpened"]
    assert list(house.sfu.rooms) == [latest(house).conference_id]


def test_an_emission_in_person_gets_none() -> None:
    house = House()
    emissions.open_for_emission(house.rooms, event(house, "EmissionStarted", mode="in_person"))
    assert not house.conferences.kept


def test_the_link_is_there_although_the_sfu_does_not_answer_and_the_room_follows() -> None:
    house = House()
    house.sfu.answering = False
    conference = opened(house)
    look(house)
    assert commands.get_conference(house.rooms, call(), "e")["join_token"].startswith(conference.conference_id)
    with pytest.raises(Unavailable):
        join(house)
    house.sfu.answering = True
    look(house)
    assert conference.conference_id in house.sfu.rooms


def test_a_retry_opens_a_fresh_conference_after_the_inconclusive_one_ended() -> None:
    house = House()
    first = opened(house)
    house.pass_time(seconds=1)
    emissions.end_for_emission(house.rooms, event(house, "EmissionInconclusive", reason="x"))
    house.pass_time(seconds=1)
    emissions.open_for_retry(house.rooms, event(house, "IdentificationRetried"))
    second = latest(house)
    assert second.conference_id != first.conference_id
    assert second.live
    assert house.conferences.kept[first.conference_id].end_reason == "inconclusive"
    assert second.office_name == "1º Ofício"


def test_an_end_that_overtook_the_start_leaves_no_room_behind() -> None:
    house = House()
    started = event(house, "EmissionStarted", mode="remote")
    house.pass_time(seconds=1)
    emissions.end_for_emission(house.rooms, event(house, "EmissionCancelled", reason="x"))
    emissions.open_for_emission(house.rooms, started)
    assert latest(house).state == "ended"
    assert not house.sfu.rooms
    assert house.happened() == ["ConferenceOpened", "ConferenceEnded"]


def test_an_old_end_does_not_end_the_retry() -> None:
    house = House()
    opened(house)
    inconclusive = event(house, "EmissionInconclusive", reason="x")
    house.pass_time(seconds=1)
    emissions.open_for_retry(house.rooms, event(house, "IdentificationRetried"))
    emissions.end_for_emission(house.rooms, inconclusive)
    assert latest(house).live
    assert len(house.conferences.unfinished()) == 1


def test_ids_name_the_role_and_a_repeated_command_gives_the_same_one() -> None:
    house = House()
    opened(house)
    first = join(house, command_id="command")
    assert first["participant_id"].startswith("clerk-")
    assert first["room_token"] == f"room {first['room']}"
    assert join(house, command_id="command")["participant_id"] == first["participant_id"]
    assert join(house)["participant_id"] != first["participant_id"]


def test_coming_back_ends_the_stay_before() -> None:
    house = House()
    opened(house)
    first = enter(house)
    join(house, participant_id=first)
    assert first not in house.sfu.rooms[latest(house).conference_id].present
    assert house.happened()[-1] == "ParticipantLeft"


def test_another_office_is_refused_everywhere() -> None:
    house = House()
    conference = opened(house)
    with pytest.raises(Forbidden):
        commands.get_conference(house.rooms, call(STRANGER), "e")
    for command in (commands.start_conference, commands.start_recording, commands.end_conference):
        with pytest.raises(Forbidden):
            command(house.rooms, call(STRANGER), conference.conference_id)
    with pytest.raises(Forbidden):
        join(house, STRANGER)
    assert commands.get_conference(house.rooms, call(AUDITOR), "e")["state"] == "open"


def test_what_is_missing_or_unknown_is_named() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    with pytest.raises(NotFound):
        commands.get_conference(house.rooms, call(), "other")
    with pytest.raises(InvalidInput) as without_token:
        join(house, HOLDER, token=None)
    assert without_token.value.field == "token"
    with pytest.raises(InvalidInput) as without_camera:
        join(house, purpose="screen")
    assert without_camera.value.field == "participant_id"
    with pytest.raises(LinkUnusable):
        commands.get_join_link(house.rooms, {"token": "forged"})


def test_the_link_shows_nothing_of_any_person() -> None:
    house = House()
    conference = opened(house)
    enter(house)
    token = commands.get_conference(house.rooms, call(), "e")["join_token"]
    shown = commands.get_join_link(house.rooms, {"token": token})
    assert shown == {
        "conference_id": conference.conference_id,
        "emission_id": "e",
        "office_name": "1º Ofício",
        "state": "open",
        "recording": "off",
        "clerk_present": True,
        "admission_state": None,
        "picture_wanted": None,
    }


def test_the_way_to_the_room_is_told_to_who_may_join() -> None:
    house = House()
    conference = opened(house)
    token = commands.get_conference(house.rooms, call(), "e")["join_token"]
    for asker, asked in ((CLERK, {"conference_id": conference.conference_id}), (HOLDER, {"token": token})):
        route = commands.get_route(house.rooms, call(asker), asked)
        assert route == {"signalling_url": "wss://sfu.example", "ice_servers": house.rooms.rules.ice_servers}
    with pytest.raises(Forbidden):
        commands.get_route(house.rooms, call(STRANGER), {"conference_id": conference.conference_id})
    with pytest.raises(LinkUnusable):
        commands.get_route(house.rooms, call(HOLDER), {"token": "forged"})


def test_each_stay_gets_a_credential_of_its_own_for_the_relay() -> None:
    house = House()
    opened(house)
    house.rooms = replace(house.rooms, rules=replace(house.rooms.rules, turn=Turn(("turn:turn.example",), "a-shared-secret")))
    given = join(house, CLERK)
    (server,) = given["ice_servers"]
    ends, _, who = server["username"].partition(":")
    assert who == given["participant_id"]
    assert int(ends) == int((house.rooms.now() + house.rooms.rules.access).timestamp())


def test_the_way_to_a_room_that_is_closed_is_kept() -> None:
    house = House()
    conference = opened(house)
    commands.end_conference(house.rooms, call(), conference.conference_id)
    with pytest.raises(LinkUnusable) as refused:
        commands.get_route(house.rooms, call(), {"conference_id": conference.conference_id})
    assert refused.value.reason == "ended"


def test_the_light_goes_on_only_when_media_is_on_disk() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    known: dict[str, int] = {}
    caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), known)
    assert latest(house).recording == "requested"
    assert house.sfu.rooms[conference.conference_id].recording
    house.tracks.bytes[conference.conference_id] = 4000
    caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), known)
    assert latest(house).recording == "on"
    assert house.happened()[-1] == "RecordingStarted"


def test_a_lost_room_is_made_anew_with_the_recording_on() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    enter(house)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    house.tracks.bytes[conference.conference_id] = 4000
    known: dict[str, int] = {}
    caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), known)
    house.sfu.rooms.clear()  # the SFU was restarted
    look(house)
    caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), known)
    assert house.sfu.rooms[conference.conference_id].recording
    assert latest(house).recording == "requested"
    assert house.happened()[-1] == "ParticipantLeft"
    house.tracks.bytes[conference.conference_id] = 8000
    caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), known)
    assert latest(house).recording == "on"


def test_strangers_are_sent_out() -> None:
    house = House()
    conference = opened(house)
    house.sfu.rooms[conference.conference_id].present.add("clerk-ffffff")
    look(house)
    assert not house.sfu.rooms[conference.conference_id].present
    assert house.happened() == ["ConferenceOpened"]


def test_an_abandoned_room_is_closed() -> None:
    house = House(patience=timedelta(minutes=10))
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    house.pass_time(minutes=11)
    look(house)
    look(house)
    assert latest(house).state == "abandoned"
    assert not house.sfu.rooms
    assert house.happened()[-1] == "ConferenceEnded"


def test_a_recording_began_with_its_first_packet_however_late_that_is_seen() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    first_packet = house.rooms.now()
    house.tracks.bytes[conference.conference_id] = 4000
    house.tracks.begun[conference.conference_id] = first_packet
    house.pass_time(seconds=3)
    caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), {})
    assert commands.get_conference(house.rooms, call(), conference.emission_id)["recording_started_at"] == first_packet


def test_while_the_sfu_does_not_answer_only_growing_files_keep_the_light_on() -> None:
    # given a recording
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    known: dict[str, int] = {}

    def light(more: int) -> str:
        """After a look at the files, in which there is so much more."""
        house.tracks.bytes[conference.conference_id] = house.tracks.bytes.get(conference.conference_id, 0) + more
        caretaking.watch_recordings(house.rooms, house.conferences.awaiting_media(), known)
        return latest(house).recording

    assert light(4000) == "on"

    # when the SFU does not answer, the light goes out
    house.sfu.answering = False
    look(house)
    assert light(0) == "requested"

    # then it stays out while nothing is written, and is on where the SFU records all the same
    assert light(0) == "requested"
    assert light(1000) == "on"


def test_an_end_while_the_sfu_is_away_is_finished_later() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    house.tracks.bytes[conference.conference_id] = 4000
    house.sfu.answering = False
    ended = commands.end_conference(house.rooms, call(), conference.conference_id)
    assert ended["state"] == "ended"
    assert "ConferenceEnded" not in house.happened()
    house.sfu.answering = True
    look(house)
    assert house.happened()[-3:] == ["RecordingStarted", "RecordingStopped", "ConferenceEnded"]


def test_a_recorder_that_stays_away_is_not_waited_for_for_ever() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    house.tracks.bytes[conference.conference_id] = 4000
    house.tracks.open.add(conference.conference_id)
    house.sfu.answering = False
    commands.end_conference(house.rooms, call(), conference.conference_id)
    house.pass_time(minutes=3)
    look(house)
    assert house.happened()[-1] == "ConferenceEnded"


def test_leaving_lets_conference_and_recording_go_on() -> None:
    house = House()
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    stay = enter(house)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    request = {"conference_id": conference.conference_id, "token": None, "participant_id": stay}
    shown = commands.leave_conference(house.rooms, call(), request)
    assert (shown["state"], shown["recording"], shown["clerk_present"]) == ("started", "requested", False)
    commands.leave_conference(house.rooms, call(), request)
    assert house.happened().count("ParticipantLeft") == 1


def test_a_tick_is_kept_with_the_conference_and_told_with_its_moment() -> None:
    house = House()
    started = recording_room(house)
    reply = commands.tick_checklist(house.rooms, call(), started.conference_id, "consent", True)
    assert reply["checklist"] == [{"item": "consent", "at": house.time}]
    assert house.happened()[-1] == "ChecklistItemTicked"
    with pytest.raises(Forbidden):
        commands.tick_checklist(house.rooms, call(STRANGER), started.conference_id, "consent", False)


def recording_room(house: House) -> Conference:
    conference = opened(house)
    enter(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    commands.start_recording(house.rooms, call(), conference.conference_id)
    house.conferences.change(conference.conference_id, on_disk(house), Trigger())
    return latest(house)


def on_disk(house: House) -> Decide:
    return lambda present: note_media(present, present.conference_id, house.time) if present else None
