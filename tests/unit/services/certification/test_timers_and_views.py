"""What happens by itself, and what lists show."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import (
    AlreadyExists,
    InternalFault,
)
from services.certification.application import clerk, holder, reads
from services.certification.application.projection import follow, rebuild
from services.certification.application.timers import expire_overdue
from tests.support.certification import HOLDER, InProcess
from tests.support.holder import new_key
from tests.support.registry import registration
from tests.support.steps import invited, request, session_of, sign, signature_of, start, token_of


def test_deadlines_survive_and_end_what_is_overdue(inside: InProcess) -> None:
    waiting = start(inside)
    inside.registrations.known["r-2"] = registration("r-2")
    assert expire_overdue(inside.ports) == 0
    inside.clock.forward(days=7)
    assert expire_overdue(inside.ports) == 1
    assert reads.get_emission(inside.ports, inside.call(), waiting)["state"] == "expired"
    assert expire_overdue(inside.ports) == 0


def test_an_unsigned_certificate_is_revoked_in_time(inside: InProcess) -> None:
    emission = invited(inside)
    term = request(inside, session_of(inside, emission), new_key())
    inside.clock.forward(hours=24)
    assert expire_overdue(inside.ports) == 1
    shown = reads.get_emission(inside.ports, inside.call(), emission)
    assert (shown["state"], shown["certificate"]["status"]) == ("expired", "revoked")
    assert [revocation.serial for revocation in inside.views.revocations()] == [term["certificate_serial"]]


def test_a_valid_certificate_is_shown_expired_after_three_years(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    badge = {"person_id": emission["person_id"]}
    assert reads.get_person_certificate(inside.ports, inside.call(), badge)["valid"]
    inside.clock.forward(days=3 * 366)
    assert reads.get_emission(inside.ports, inside.call(), emission)["certificate"]["status"] == "expired"
    assert not reads.get_person_certificate(inside.ports, inside.call(), badge)["valid"]


def test_views_that_were_away_catch_up(inside: InProcess) -> None:
    inside.views.broken = True
    emission = start(inside)
    assert inside.views.find(_all()) == []
    inside.views.broken = False
    assert follow(inside.ports) == 1
    assert [one["emission_id"] for one in inside.views.find(_all())] == [emission["emission_id"]]


def test_a_link_is_found_though_the_view_lags(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    inside.views.clear()
    assert holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})["step"] == "data"


def test_rebuilt_views_equal_the_live_ones(inside: InProcess) -> None:
    emission = invited(inside)
    old = emission["invitation"]["invitation_id"]
    clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "channel": "sms"})
    live = inside.views.find(_all())
    assert rebuild(inside.ports) == len(inside.events.read(emission["emission_id"]))
    assert inside.views.find(_all()) == live
    assert inside.views.emission_by_key(old) == emission["emission_id"]


def test_a_lost_read_model_still_allows_one_open_emission(inside: InProcess) -> None:
    first = start(inside)
    inside.views.release(first["person_id"], first["office_id"], first["emission_id"])
    rebuild(inside.ports)
    with pytest.raises(AlreadyExists):
        start(inside)


def test_an_altered_history_is_reported_and_nothing_is_decided_on_it(inside: InProcess, tmp_path: Path) -> None:
    emission = start(inside)
    wanted = {"emission_id": emission["emission_id"], "up_to": None}
    history = reads.get_history(inside.ports, inside.call(), wanted)
    assert (history["intact"], history["broken_at"]) == (True, None)
    assert history["entries"][0]["actor"]["address"] == "127.0.0.1"
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        (state,) = connection.execute("SELECT state FROM stored_events").fetchone()
        connection.execute("UPDATE stored_events SET state=?", (bytes(state).replace("João".encode(), "José".encode()),))
    history = reads.get_history(inside.ports, inside.call(), wanted)
    assert (history["intact"], history["broken_at"]) == (False, 1)
    with pytest.raises(InternalFault):
        clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "reason": "desistiu"})
    inside.views.clear()
    assert follow(inside.ports) == 1  # the altered one is left out, the follower goes on


def _all() -> Any:
    from services.certification.application.ports import ListFilter

    return ListFilter()
