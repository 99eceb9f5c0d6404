"""The registry's rules."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cpf as cpf_rules

from contracts.errors import AlreadyExists, Conflict, Forbidden, InvalidInput, StaleVersion
from services.registry import model
from services.registry.model import Office, Person, Registration

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAMPINAS = Office("123456", "Campinas")
SANTOS = Office("654321", "Santos")
DATA = {"name": "Maria Souza", "birth_date": "1956-03-07"}


def empty(office: Office, registration_id: str = "r1") -> Registration:
    return Registration(registration_id, office, "salt", ())


def registered() -> Person:
    person, _ = model.register(Person("p1", "52998224725"), empty(CAMPINAS), DATA, "clerk-1", NOW)
    return person


@pytest.mark.parametrize("typed", ["529.982.247-25", "52998224725", " 529 982 247 25 "])
def test_a_cpf_may_be_typed_with_punctuation(typed: str) -> None:
    assert model.valid_cpf(typed) == "52998224725"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("529.982.247-26", "check_digits"),
        ("111.111.111-11", "check_digits"),
        ("123", "length"),
        ("", "length"),
        ("abc", "length"),
    ],
)
def test_a_wrong_cpf_is_refused_with_its_reason(typed: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        model.valid_cpf(typed)
    assert (refusal.value.field, refusal.value.reason) == ("cpf", reason)


@given(st.integers(min_value=0, max_value=999_999_999), st.integers(9, 10), st.integers(1, 9))
def test_any_wrong_check_digit_is_noticed(base: int, position: int, shift: int) -> None:
    digits = f"{base:09d}"
    cpf = digits + cpf_rules._calc_check_digits(digits)
    wrong = cpf[:position] + str((int(cpf[position]) + shift) % 10) + cpf[position + 1 :]
    with pytest.raises(InvalidInput):
        model.valid_cpf(wrong)


def test_registering_says_so_without_personal_data() -> None:
    person, fact = model.register(Person("p1", "52998224725"), empty(CAMPINAS), DATA, "clerk-1", NOW)
    assert person.registrations[0].current.number == 1
    assert fact.name == "PersonRegistered"
    assert fact.data["cpf_masked"] == "***.982.247-**"
    assert "Maria" not in str(fact.data)
    assert "52998224725" not in str(fact.data)


def test_an_office_registers_a_person_once() -> None:
    with pytest.raises(AlreadyExists) as refusal:
        model.register(registered(), empty(CAMPINAS, "r2"), DATA, "clerk-1", NOW)
    assert refusal.value.details["registration_id"] == "r1"


def test_another_office_may_register_the_same_person() -> None:
    person, _ = model.register(registered(), empty(SANTOS, "r2"), DATA, "clerk-2", NOW)
    assert [registration.office for registration in person.registrations] == [CAMPINAS, SANTOS]


def test_an_edit_makes_a_version_and_names_the_changed_fields_only() -> None:
    person, fact = model.update(registered(), "r1", "123456", 1, {**DATA, "email": "m@example.com"}, "clerk-1", NOW)
    assert person.registrations[0].current.number == 2
    assert fact is not None
    assert fact.data["changed"] == ["email"]
    assert person.registrations[0].version(1).data == DATA


def test_an_edit_that_changes_nothing_makes_no_version() -> None:
    person, fact = model.update(registered(), "r1", "123456", 1, dict(DATA), "clerk-1", NOW)
    assert fact is None
    assert person.registrations[0].current.number == 1


def test_a_stale_edit_is_refused_with_both_versions() -> None:
    person, _ = model.update(registered(), "r1", "123456", 1, {**DATA, "email": "m@example.com"}, "clerk-1", NOW)
    with pytest.raises(StaleVersion) as refusal:
        model.update(person, "r1", "123456", 1, DATA, "clerk-1", NOW)
    assert refusal.value.details == {"expected": 1, "actual": 2}


def test_another_offices_registration_cannot_be_edited() -> None:
    with pytest.raises(Forbidden):
        model.update(registered(), "r1", "654321", 1, DATA, "clerk-2", NOW)


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        ({"birth_date": "2030-01-01"}, "birth_date", "future"),
        ({"civil_status": "single", "spouse_name": "José"}, "spouse_name", "contradicts_civil_status"),
        ({"identity_document": {"type": "rg", "number": "1"}}, "identity_document.issuer", "missing_for_rg"),
        (
            {"birth_date": "1990-01-01", "identity_document": {"type": "cnh", "number": "1", "issued_on": "1980-01-01"}},
            "identity_document.issued_on",
            "before_birth",
        ),
        ({"home_address": {"postal_code": "123"}}, "home_address.postal_code", "length"),
    ],
)
def test_contradictions_are_named_at_their_field(data: dict[str, object], field: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        model.check_data(data, date(2026, 11, 22))
    assert {"field": field, "reason": reason} in refusal.value.problems


def test_what_the_remote_path_needs_is_listed() -> None:
    person = registered()
    version = person.registrations[0].current
    assert model.missing_for_remote(version, []) == ["identity_document", "email_or_mobile", "identity_document_image"]


def test_a_blocked_person_can_be_unblocked_once() -> None:
    blocked, fact = model.block(registered(), "fraud", None, NOW)
    assert fact.name == "PersonBlocked"
    with pytest.raises(Conflict):
        model.block(blocked, "fraud", None, NOW)
    free, fact = model.unblock(blocked)
    assert free.block is None
    with pytest.raises(Conflict):
        model.unblock(free)


def test_the_hash_changes_with_salt_data_and_attachments() -> None:
    base = model.fingerprint("52998224725", "salt", DATA, [])
    assert base != model.fingerprint("52998224725", "other", DATA, [])
    assert base != model.fingerprint("52998224725", "salt", {**DATA, "email": "x"}, [])
    assert base != model.fingerprint("52998224725", "salt", DATA, [{"kind": "face_photo", "sha256": "00"}])
