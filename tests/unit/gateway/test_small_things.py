"""References, accounts, assets, fields, the feed."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from contracts.envelope import Envelope
from contracts.errors import InvalidInput, NotFound
from gateway.assets import Assets
from gateway.clerk.fields import iso_date
from gateway.clerk.guide import next_action, steps
from gateway.security.accounts import new_account, verify
from gateway.security.references import References
from gateway.streams.feed import Feed
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import PASSWORD, MemoryAccounts


def test_references_lead_back_and_cannot_be_made_up() -> None:
    references = References("a" * 32)
    made = references.refer(samples.CPF)
    assert references.resolve(made) == samples.CPF
    assert made == references.refer(samples.CPF)
    for wrong in (made[:-2] + "xx", "", "52998224725", "ção", References("b" * 32).refer(samples.CPF)):
        with pytest.raises(NotFound):
            references.resolve(wrong)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"user_id": "  "}, "user_id"),
        ({"role": "king"}, "role"),
        ({"office_id": None}, "office_id"),
        ({"password": "short"}, "password"),
    ],
)
def test_an_account_is_checked(changes: dict[str, str | None], field: str) -> None:
    good = {"user_id": "ana", "name": "Ana", "role": "clerk", "password": PASSWORD, "office_id": "1"}
    with pytest.raises(InvalidInput) as refused:
        new_account(**{**good, **changes})  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_password_opens_its_account_only() -> None:
    accounts = MemoryAccounts()
    accounts.add(new_account("Ana", "Ana Lima", "auditor", PASSWORD))
    assert verify(accounts, " ANA ", PASSWORD) == accounts.get("ana")
    assert verify(accounts, "ana", PASSWORD + " ") is None
    assert verify(accounts, "", PASSWORD) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("07/03/1955", "1955-03-07"),
        ("7.3.1955", "1955-03-07"),
        ("07031955", "1955-03-07"),
        ("1955-03-07", "1955-03-07"),
        ("x", "x"),
    ],
)
def test_dates_as_they_are_typed(typed: str, meant: str) -> None:
    assert iso_date(typed) == meant


SITUATIONS = {
    "preparing": ("wait_for_room", 0),
    "started": ("conference", 0),
    "recording": ("conference", 0),
    "ended": ("attest", 1),
    "in-person": ("attest", 1),
    "identified": ("confirm", 2),
    "confirmed": ("dispatch", 3),
    "dispatched": ("wait_for_holder", 4),
    "issued": ("wait_for_holder", 4),
    "completed": ("completed", 6),
    "revoked": ("revoked", 6),
    "refused": ("ended", 1),
}


@pytest.mark.parametrize("name", sorted(SITUATIONS))
def test_each_situation_has_one_next_action(name: str) -> None:
    emission = samples.emissions()[name]
    action, done = SITUATIONS[name]
    assert next_action(emission) == action
    assert [step.state for step in steps(emission)].count("done") == done


def test_assets_come_from_the_manifest(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    assets = Assets(manifest)
    app = Flask("assets")
    with app.test_request_context():
        assert assets.tags("app") == ""
        chunks = {
            "src/app.ts": {"file": "app-1.js", "imports": ["_shared.js"]},
            "_shared.js": {"file": "shared-1.js", "css": ["shared-1.css"]},
        }
        manifest.write_text(json.dumps(chunks))
        tags = assets.tags("app")
    assert 'href="/static/built/shared-1.css"' in tags
    assert 'src="/static/built/app-1.js"' in tags


def event(number: int) -> Envelope:
    return Envelope(f"e-{number}", "conference", "ConferenceStarted", "c", datetime(2026, 1, 1, tzinfo=UTC), {"emission_id": "e"})


def test_the_feed_keeps_the_last_and_wakes_who_waits() -> None:
    feed = Feed(kept=3)
    got: list[str] = []
    waiting = threading.Thread(target=lambda: got.extend(item.envelope.id for item in feed.after(0, 5).items))
    waiting.start()
    feed.add(event(1))
    waiting.join(5)
    assert got == ["e-1"]
    for number in range(2, 6):
        feed.add(event(number))
    assert [item.envelope.id for item in feed.after(0, 0).items] == ["e-3", "e-4", "e-5"]
    assert feed.after(feed.last, 0).items == []
    assert feed.after(4, 0).items[0].emission_id == "e"


def test_a_reader_who_missed_something_is_told_so() -> None:
    """By being too slow for the memory, or because events passed while the broker was away."""
    feed = Feed(kept=2)
    for number in range(1, 4):
        feed.add(event(number))
    assert feed.after(0, 0).missed
    assert not feed.after(1, 0).missed
    feed.lose()
    look = feed.after(3, 0)
    assert (look.items, look.missed, look.last) == ([], True, 4)
    assert not feed.after(look.last, 0).missed
