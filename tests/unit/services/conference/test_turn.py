"""Credentials for the TURN server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.conference.application.ports import Rules
from services.conference.model.turn import Turn

TURN = Turn(("turn:turn.example:3478?transport=udp", "turns:turn.example:5349"), "a-shared-secret-of-turn")


def test_a_credential_is_the_hmac_of_its_end_and_owner() -> None:
    server = TURN.ice_server("clerk-1a2b3c", datetime.fromtimestamp(1_700_000_000, UTC))
    # printf 1700000000:clerk-1a2b3c | openssl dgst -sha1 -hmac a-shared-secret-of-turn -binary | base64
    assert server == {
        "urls": list(TURN.urls),
        "username": "1700000000:clerk-1a2b3c",
        "credential": "uRt3dUgX4c1b8hhR3vJByo02RGg=",
    }


def test_without_a_turn_server_browsers_get_what_was_set() -> None:
    rules = Rules("s" * 32, timedelta(minutes=30), [{"urls": "stun:stun.example"}])
    assert rules.ice_for("clerk-1a2b3c", datetime.now(UTC)) == [{"urls": "stun:stun.example"}]
    with_turn = replace(rules, turn=TURN).ice_for("clerk-1a2b3c", datetime.now(UTC))
    assert [server["urls"] for server in with_turn] == ["stun:stun.example", list(TURN.urls)]
