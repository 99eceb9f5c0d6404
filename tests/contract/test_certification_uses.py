"""What every implementation of the shown uses of keys promises."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import pytest

from chassis.documents import connect
from chassis.settings import DocumentSettings
from services.certification.application.uses import KeyUse, UseFilter, Uses
from services.certification.read_model_uses import DocumentUses
from tests.support.certification import START, MemoryUses
from tests.support.engines import Documents

SIGNER = "ab" * 32
"""SHA-256 of the certificate of the key that signed."""


@pytest.fixture(params=["memory", pytest.param("documents", marks=pytest.mark.integration)])
def shown(request: pytest.FixtureRequest) -> Uses:
    """None yet."""
    if request.param == "memory":
        return MemoryUses()
    engine: Documents = request.getfixturevalue("document_engine")
    made = DocumentUses(connect(DocumentSettings(engine.url, f"uses_{secrets.token_hex(4)}")))
    made.prepare()
    return made


def use(position: int, key: str = "issuing", kind: str = "RevocationListSigned", hours: int = 0, **data: Any) -> KeyUse:
    """A use of a key."""
    about = {"key": key, "certificate_sha256": SIGNER, **data}
    return KeyUse(position, f"authority/{key}/2026-11", position, "ab" * 32, START + timedelta(hours=hours), kind, key, about)


def answers(position: int, count: int, days: int = 0) -> KeyUse:
    """A total of signed answers."""
    moment = (START + timedelta(days=days)).isoformat()
    return use(position, "ocsp", "OcspAnswersSigned", 24 * days, first_at=moment, last_at=moment, count=count)


def positions(found: list[KeyUse]) -> list[int]:
    """Of a list."""
    return [one.position for one in found]


def test_a_use_is_shown_as_it_was_kept_and_once(shown: Uses) -> None:
    kept = use(7, sha256="cd" * 32)
    shown.save(kept)
    shown.save(kept)
    assert shown.find(UseFilter()) == [kept]


def test_uses_are_filtered_and_newest_first(shown: Uses) -> None:
    for one in (
        use(1),
        use(2, "ocsp", "KeyOpened", hours=1),
        use(3, "timestamping", "TimeStampSigned", hours=2),
        use(5, hours=3),
    ):
        shown.save(one)
    assert positions(shown.find(UseFilter())) == [5, 3, 2, 1]
    assert positions(shown.find(UseFilter(key="issuing"))) == [5, 1]
    assert positions(shown.find(UseFilter(type="KeyOpened"))) == [2]
    assert positions(shown.find(UseFilter(since=START + timedelta(hours=1), until=START + timedelta(hours=3)))) == [3, 2]
    assert positions(shown.find(UseFilter(before=3, limit=1))) == [2]
    assert shown.find(UseFilter(key="root")) == []


def test_the_last_list_of_all_and_of_each_year_is_found(shown: Uses) -> None:
    assert shown.latest_list(SIGNER, None) is None
    for one in (use(1), use(2, year=2026), use(3, year=None), use(4, year=2026), use(5, year=2027), use(6, kind="KeyOpened")):
        shown.save(one)
    shown.save(use(7, certificate_sha256="ef" * 32))  # another generation's
    found = [shown.latest_list(SIGNER, year) for year in (None, 2026, 2027, 2025)]
    assert [one.position if one else None for one in found] == [3, 4, 5, None]


def test_answers_are_added_up_by_day_each_total_once(shown: Uses) -> None:
    # given totals of two days, some of which come again, and late
    for one in (answers(1, 5), answers(4, 7), answers(9, 2, days=1), answers(4, 7), answers(1, 5)):
        shown.save(one)

    # then each counts once
    today, tomorrow = START.date(), START.date() + timedelta(days=1)
    assert shown.answers_by_day(today) == [(tomorrow, 2), (today, 12)]
    assert shown.answers_by_day(tomorrow) == [(tomorrow, 2)]
    shown.clear()
    assert (shown.answers_by_day(today), shown.find(UseFilter())) == ([], [])
