"""What can be read from a dead letter, whatever its bytes and headers are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.letters import Letter, attempts_of, fresh_headers, hex_dump, kept_headers

HEADERS = {
    "traceparent": "kept",
    "x-attempt": 4,
    "x-error": "not_found: x",
    "x-failed-at": "2026-11-22T12:00:00+00:00",
    "x-delivery-count": 3,
    "x-death": [{"reason": "expired"}],
    "x-first-death-reason": "expired",
}


def letter(body: Any, headers: dict[str, Any] | None = None) -> Letter:
    return Letter("q", body if isinstance(body, bytes) else json.dumps(body).encode(), headers or {})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"null", b"[1]", b"7", {}, {"id": None}, {"id": 7}, {"id": "a/b"}, {"id": " "}]
)
def test_what_has_no_usable_id_is_named_by_its_hash(body: Any) -> None:
    found = letter(body)
    assert found.id == f"sha256-{found.sha256[:32]}"
    assert (found.type, found.time, found.emission_id, found.trace_id) == (None, None, None, None)


def test_nonsense_in_an_event_is_not_shown_as_fact() -> None:
    found = letter({"id": "e-1", "type": ["x"], "time": "soon", "traceparent": "short"})
    assert (found.id, found.type, found.time, found.trace_id) == ("e-1", None, None, None)


def test_a_letter_that_the_broker_set_aside_says_why_and_when() -> None:
    died = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    found = letter({}, {"x-death": [{"reason": "delivery_limit", "time": died}]})
    assert found.error.startswith("delivery_limit: the consumer ended")
    assert datetime.fromisoformat(found.failed_at or "") == died
    assert letter({}, {"x-death": "broken"}).error == "unknown"


def test_a_letter_goes_back_without_the_traces_of_its_failures() -> None:
    assert fresh_headers(HEADERS) == {"traceparent": "kept"}
    assert set(HEADERS) - set(kept_headers(HEADERS)) == {"x-delivery-count"}
    assert fresh_headers(None) == kept_headers(None) == {}


def test_attempts_that_are_no_number_count_nothing() -> None:
    assert [attempts_of(headers) for headers in (None, {}, {"x-attempt": "many"}, {"x-attempt": 2})] == [0, 0, 0, 2]


@pytest.mark.parametrize("body", [b"\x00\xff", b'{"id": "e-1"}', "ação".encode(), b"bell\x07", b""])
def test_a_record_gives_the_letter_back_byte_for_byte(body: bytes) -> None:
    found = letter(body, {"x-attempt": 1, "x-error": "x"})
    data = {"queue": "q", "body": found.text, "body_encoding": found.encoding, "attempts": 1, "error": "x"}
    assert Letter.of_record(data) == found


def test_bytes_are_shown_with_offsets_and_characters() -> None:
    lines = hex_dump(bytes(range(48, 66))).splitlines()
    assert lines[0].startswith("00000000  30 31 32")
    assert lines[0].endswith("0123456789:;<=>?")
    assert lines[1].split() == ["00000010", "40", "41", "@A"]
