"""Definite lengths that end in 0x80 are definite; indefinite ones still become DER."""

from __future__ import annotations

from typing import ClassVar

import pytest
from asn1crypto import core

from services.certification.term import definite_lengths


class Inner(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("number", core.Integer), ("text", core.OctetString)]


@pytest.fixture(autouse=True)
def mended() -> None:
    definite_lengths.install()


@pytest.mark.parametrize(
    ("header", "definite"),
    [
        ("3080", False),
        ("308180", True),
        ("30820480", True),
        ("3005", True),
        ("a0803080", False),
        ("a0820184308180", True),
        ("a08201803080", False),
        ("bf8101820180", True),
        ("bf810180", False),
    ],
)
def test_the_innermost_length_counts(header: str, definite: bool) -> None:
    assert definite_lengths.is_definite(bytes.fromhex(header)) is definite


@pytest.mark.parametrize(("size", "text"), [(128, 123), (384, 377), (1152, 1145)])
def test_what_was_read_is_not_encoded_anew(size: int, text: int, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = Inner({"number": 1, "text": b"x" * text}).dump()
    read = Inner.load(encoded)
    assert (read["number"].native, len(read.contents)) == (1, size)
    monkeypatch.setattr(Inner, "_set_contents", lambda *_a, **_k: pytest.fail("encoded anew"))
    assert read.dump() == encoded


def test_what_was_changed_is_encoded_anew() -> None:
    read = Inner.load(Inner({"number": 1, "text": b"x" * 122}).dump())
    read["number"] = 2
    assert read.dump() == Inner({"number": 2, "text": b"x" * 122}).dump()


def test_an_indefinite_length_still_becomes_definite() -> None:
    read = Inner.load(bytes.fromhex("30800201010401780000"))
    assert read.dump() == bytes.fromhex("3006020101040178")
