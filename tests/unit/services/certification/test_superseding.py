"""A person's newer certificate takes the place of the older."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.actor import Actor
from contracts.errors import Forbidden, Unavailable
from services.certification.application import clerk, reads
from services.certification.application.projection import follow, rebuild
from services.certification.application.superseding import supersede_replaced
from tests.support.certification import STRANGER, InProcess
from tests.support.holder import new_key
from tests.support.steps import invited, request, session_of, sign, signature_of, types


def released(inside: InProcess) -> dict[str, Any]:
    """An emission of the same person's, completed, and a minute later."""
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    inside.clock.forward(minutes=1)
    return emission


def shown(inside: InProcess, emission: dict[str, Any]) -> dict[str, Any]:
    """Its certificate now."""
    return dict(reads.get_emission(inside.ports, inside.call(), {"emission_id": emission["emission_id"]})["certificate"])


def last_data(inside: InProcess, emission: dict[str, Any]) -> dict[str, Any]:
    """The data of its last event."""
    return dict(inside.events.read(emission["emission_id"])[-1].record.data)


def step(inside: InProcess) -> int:
    """What the service's timers do."""
    follow(inside.ports)
    return supersede_replaced(inside.ports)


def test_the_older_certificate_is_revoked_when_the_newer_is_released(inside: InProcess) -> None:
    # given a certificate, and a newer one that is withheld
    older = released(inside)
    assert step(inside) == 0
    newer = invited(inside)
    session, key = session_of(inside, newer), new_key()
    term = request(inside, session, key)
    assert step(inside) == 0
    assert shown(inside, older)["status"] == "valid"

    # when the newer one is released
    sign(inside, session, signature_of(term, key))
    assert step(inside) == 1

    # then the older one is superseded, and both histories name the other
    replaced, replacing = shown(inside, older), shown(inside, newer)
    assert (replaced["status"], replaced["revocation_reason"], replacing["status"]) == ("revoked", "superseded", "valid")
    assert last_data(inside, older)["superseded_by"] == replacing["serial"]
    assert last_data(inside, newer)["replaces"] == replaced["serial"]

    # and it happens once, also when the views and all positions are made anew
    before = [types(inside, one["emission_id"]) for one in (older, newer)]
    rebuild(inside.ports)
    assert step(inside) == 0
    assert [types(inside, one["emission_id"]) for one in (older, newer)] == before


def test_a_crash_between_the_two_histories_is_made_good(inside: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    # given two released certificates, and a store that fails once the newer history knows
    older, newer = released(inside), released(inside)
    follow(inside.ports)
    append = inside.events.append

    def failing(stream_id: str, *arguments: Any) -> Any:
        if stream_id == older["emission_id"]:
            raise Unavailable("the event store is away")
        return append(stream_id, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(inside.events, "append", failing)
        with pytest.raises(Unavailable):
            supersede_replaced(inside.ports)
    assert shown(inside, older)["status"] == "valid"

    # when the step is taken again, then the older one is revoked, and the newer history was told once
    assert step(inside) == 1
    assert types(inside, newer["emission_id"]).count("ReplacementNoted") == 1
    assert shown(inside, older)["status"] == "revoked"


def test_of_three_only_the_newest_stays_though_all_are_looked_at_together(inside: InProcess) -> None:
    emissions = [released(inside) for _ in range(3)]
    assert step(inside) == 2
    assert [shown(inside, emission)["status"] for emission in emissions] == ["revoked", "revoked", "valid"]


def test_a_newer_certificate_that_was_revoked_at_once_replaces_nothing(inside: InProcess) -> None:
    older, newer = released(inside), released(inside)
    clerk.revoke_certificate(inside.ports, inside.call(), {"emission_id": newer["emission_id"], "reason": "key_compromise"})
    assert step(inside) == 0
    assert shown(inside, older)["status"] == "valid"


def test_the_authoritys_administrator_revokes_for_any_office_and_no_stranger_does(inside: InProcess) -> None:
    emission = released(inside)
    wanted = {"emission_id": emission["emission_id"], "reason": "privilege_withdrawn"}
    with pytest.raises(Forbidden):
        clerk.revoke_certificate(inside.ports, inside.call(STRANGER), wanted)
    administrator = Actor("administrator-1", "authority_administrator", "Ada da Autoridade")
    assert clerk.revoke_certificate(inside.ports, inside.call(administrator), wanted)["state"] == "revoked"
    entry = inside.events.read(emission["emission_id"])[-1].record
    assert (entry.actor["user_id"], entry.data["reason"]) == ("administrator-1", "privilege_withdrawn")
