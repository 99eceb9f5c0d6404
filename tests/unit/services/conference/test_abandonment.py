"""The warning before an empty room closes by itself."""

from __future__ import annotations

from tests.support.memory_rooms import House
from tests.unit.services.conference.test_application import call, commands, enter, latest, look, opened


def emptied(house: House) -> str:
    """A started room from which the clerk has gone."""
    conference = opened(house)
    commands.start_conference(house.rooms, call(), conference.conference_id)
    stay = enter(house)
    house.sfu.rooms[conference.conference_id].present.discard(stay)
    look(house)
    return conference.conference_id


def test_the_clerk_is_warned_once_before_the_empty_room_closes() -> None:
    house = House()
    conference_id = emptied(house)
    closes_at = commands.get_conference(house.rooms, call(), "e")["closes_at"]
    wait = (closes_at - house.time).total_seconds()
    notice = min(house.rooms.rules.notice.total_seconds(), wait / 2)

    house.pass_time(seconds=wait - notice - 1)
    look(house)
    assert "AbandonmentWarned" not in house.happened()

    house.pass_time(seconds=1)
    look(house)
    look(house)
    assert house.happened().count("AbandonmentWarned") == 1
    assert commands.get_conference(house.rooms, call(), "e")["warned_at"] == house.time

    house.pass_time(seconds=notice)
    look(house)
    look(house)
    assert latest(house).state == "abandoned"
    assert house.happened().index("AbandonmentWarned") < house.happened().index("ConferenceEnded")
    assert conference_id == latest(house).conference_id


def test_who_comes_back_ends_the_warning_and_the_next_emptiness_brings_another() -> None:
    house = House()
    conference_id = emptied(house)
    wait = house.rooms.rules.patience.total_seconds()
    house.pass_time(seconds=wait - 1)
    look(house)
    stay = enter(house)
    assert commands.get_conference(house.rooms, call(), "e")["warned_at"] is None
    house.sfu.rooms[conference_id].present.discard(stay)
    look(house)
    assert commands.get_conference(house.rooms, call(), "e")["warned_at"] is None
    house.pass_time(seconds=wait - 1)
    look(house)
    assert house.happened().count("AbandonmentWarned") == 2
