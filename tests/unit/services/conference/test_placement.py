"""On which instance a conference's room is: decisions, and the use cases on ports in memory."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from contracts.envelope import Envelope
from contracts.errors import Unavailable
from services.conference.application import caretaking, commands, emissions, placing
from services.conference.model import conference as model
from services.conference.model import placement
from services.conference.model.conference import Conference
from services.conference.model.people import Participant
from tests.support.memory_rooms import START, House
from tests.unit.services.conference.test_application import call

NAMES = ("sfu-0", "sfu-1")
WAITING = Conference("c", "e", "office-1", None, START, START, "r", instance="sfu-0")


def opened(house: House, emission_id: str | None = None) -> Conference:
    emission_id = emission_id or str(uuid.uuid4())
    data = {"emission_id": emission_id, "office_id": "office-1", "mode": "remote"}
    started = Envelope(str(uuid.uuid4()), "certification", "EmissionStarted", "e", house.time, data)
    emissions.open_for_emission(house.rooms, started)
    return house.conferences.of_emission(emission_id)[0]


def look(house: House) -> None:
    for conference in house.conferences.unfinished():
        caretaking.reconcile(house.rooms, conference)


def now(house: House, conference: Conference) -> Conference:
    return house.conferences.kept[conference.conference_id]


def test_the_instance_with_the_fewest_rooms_comes_first_and_of_equals_the_first_configured() -> None:
    assert placement.by_load(NAMES, []) == ["sfu-0", "sfu-1"]
    assert placement.by_load(NAMES, [WAITING]) == ["sfu-1", "sfu-0"]
    elsewhere = [replace(WAITING, instance=name) for name in (None, "", "gone")]
    assert placement.by_load(NAMES, elsewhere) == ["sfu-0", "sfu-1"]


def test_a_place_is_given_once_and_taken_only_from_who_waits() -> None:
    assert placement.place(WAITING, "sfu-1") is None
    left = placement.withdraw(WAITING, "sfu-0")
    assert left
    assert left.conference.instance is None
    placed = placement.place(left.conference, "sfu-1")
    assert placed
    assert placed.conference.instance == "sfu-1"
    assert placement.withdraw(WAITING, "sfu-1") is None
    somebody = replace(WAITING, participants=(Participant("clerk-1", "clerk", "Ana", present=True),))
    for busy in (replace(WAITING, state="started"), replace(WAITING, state="ended"), somebody):
        assert placement.withdraw(busy, "sfu-0") is None


def test_rooms_go_by_turns_to_instances_that_are_equally_loaded_and_browsers_follow() -> None:
    house = House(instances=NAMES)
    conferences = [opened(house) for _ in range(4)]
    assert [conference.instance for conference in conferences] == ["sfu-0", "sfu-1", "sfu-0", "sfu-1"]
    assert set(house.sfus["sfu-1"].rooms) == {conferences[1].conference_id, conferences[3].conference_id}
    asked = {"conference_id": conferences[1].conference_id, "display_name": "Ana", "purpose": "camera"}
    assert commands.join_conference(house.rooms, call(), asked)["signalling_url"] == "wss://sfu.examplesfu-1"
    assert commands.get_route(house.rooms, call(), asked)["signalling_url"] == "wss://sfu.examplesfu-1"


@pytest.mark.parametrize("trouble", ["sfu away", "watcher away", "draining"])
def test_an_instance_that_is_away_or_draining_gets_no_room(trouble: str) -> None:
    house = House(instances=NAMES)
    house.sfu.answering = trouble != "sfu away"
    house.tracks.answering = trouble != "watcher away"
    house.tracks.drains = trouble == "draining"
    assert {opened(house).instance for _ in range(3)} == {"sfu-1"}


def test_where_none_takes_it_the_link_is_there_and_the_room_follows() -> None:
    house = House(instances=NAMES)
    for sfu in house.sfus.values():
        sfu.answering = False
    conference = opened(house)
    assert conference.instance is None
    look(house)
    asked = {"conference_id": conference.conference_id, "display_name": "Ana", "purpose": "camera"}
    for refused in (commands.join_conference, commands.get_route):
        with pytest.raises(Unavailable):
            refused(house.rooms, call(), asked)
    house.sfus["sfu-1"].answering = True
    look(house)
    assert now(house, conference).instance == "sfu-1"
    assert conference.conference_id in house.sfus["sfu-1"].rooms


def test_a_conference_without_a_place_can_be_ended() -> None:
    house = House(instances=NAMES)
    for recorder in house.recorders.values():
        recorder.drains = True
    conference = opened(house)
    commands.end_conference(house.rooms, call(), conference.conference_id)
    assert not now(house, conference).closing
    assert house.happened()[-1] == "ConferenceEnded"


def test_a_room_into_which_nobody_has_come_leaves_a_draining_instance_and_others_stay() -> None:
    # given a waiting room and one in which the clerk is, both on the first instance
    house = House(instances=NAMES)
    house.sfus["sfu-1"].answering = False
    waiting, used = opened(house), opened(house)
    house.sfu.rooms[used.conference_id].present.add("clerk-1")
    house.sfus["sfu-1"].answering = True
    # when it is about to be stopped
    house.tracks.drains = True
    placing.leave_if_draining(house.rooms, "sfu-0", [waiting, used])
    look(house)
    # then the first is on the other instance, and the second where it was
    assert now(house, waiting).instance == "sfu-1"
    assert waiting.conference_id in house.sfus["sfu-1"].rooms
    assert set(house.sfu.rooms) == {used.conference_id}
    assert now(house, used).instance == "sfu-0"


def test_events_of_a_recording_name_its_instance() -> None:
    conference = replace(WAITING, state="started", recording="requested")
    begun = model.note_media(conference, "c", START)
    assert begun
    ended = model.end_for(begun.conference, "refused", START)
    assert ended
    closed = model.close(ended.conference, START, "c", START)
    assert closed
    named = [event.instance for event in (*begun.events, *closed.events) if hasattr(event, "instance")]
    assert named == ["sfu-0", "sfu-0"]


def test_tracks_that_cannot_be_looked_at_are_waited_for_unless_nothing_depends_on_them() -> None:
    # given two ended conferences, one whose recording was seen, one of which nobody knows
    house = House(instances=NAMES)
    seen, unknown = opened(house), opened(house)
    for conference in (seen, unknown):
        house.conferences.kept[conference.conference_id] = replace(
            conference,
            instance="sfu-0",
            state="ended",
            closing=True,
            ended_at=house.time,
            recording="on" if conference is seen else "requested",
            recording_started_at=house.time if conference is seen else None,
        )
    house.tracks.answering = False
    # when the watcher stays away
    look(house)
    assert now(house, seen).closing
    house.pass_time(minutes=3)
    look(house)
    # then what is known to be recorded ends, and the other waits for what the files say
    assert (now(house, seen).closing, now(house, seen).recording) == (False, "stopped")
    assert now(house, unknown).closing
    house.tracks.answering = True
    house.tracks.bytes[unknown.conference_id] = 4000
    look(house)
    assert (now(house, unknown).closing, now(house, unknown).recording) == (False, "stopped")


def test_a_conference_of_an_instance_that_is_not_configured_is_unavailable() -> None:
    house = House(instances=NAMES)
    with pytest.raises(Unavailable):
        house.rooms.at(replace(WAITING, instance="sfu-7"))
