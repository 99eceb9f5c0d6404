"""Pure rules of the registry: who a person is, what a registration holds, what each change says.

Rules: Prov. CNJ 149/2023, art. 311 (fields); the CPF's check digits by modulo 11.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from stdnum.br import cpf as cpf_rules

from contracts.errors import AlreadyExists, Conflict, Forbidden, InvalidInput, NotFound, StaleVersion

UNMARRIED = ("single", "divorced", "widowed")


@dataclass(frozen=True, slots=True)
class Office:
    """The notary's office that acts."""

    office_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a registration: JSON-ready data, the attachments that it names, and its salted hash."""

    number: int
    data: Mapping[str, Any]
    attachment_ids: tuple[str, ...]
    sha256: str
    changed: tuple[str, ...]
    changed_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    """What one office knows of a person, with every version."""

    registration_id: str
    office: Office
    salt: str
    versions: tuple[Version, ...]
    attachments: tuple[Mapping[str, Any], ...] = ()

    @property
    def current(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    def version(self, number: int | None) -> Version:
        """A version by number (None: the newest); :class:`NotFound` where there is none."""
        if number is None:
            return self.current
        if not 1 <= number <= len(self.versions):
            raise NotFound(f"no version {number}", field="version", version=number)
        return self.versions[number - 1]

    def attachments_of(self, version: Version) -> list[Mapping[str, Any]]:
        """The attachments that a version names."""
        return [attachment for attachment in self.attachments if attachment["attachment_id"] in version.attachment_ids]


@dataclass(frozen=True, slots=True)
class Block:
    """Why nothing may be started for this person."""

    reason: str
    note: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """One person per CPF."""

    person_id: str
    cpf: str
    registrations: tuple[Registration, ...] = ()
    block: Block | None = None

    def registration(self, registration_id: str) -> Registration:
        """A registration by id; :class:`NotFound` where there is none."""
        for registration in self.registrations:
            if registration.registration_id == registration_id:
                return registration
        raise NotFound("no such registration", registration_id=registration_id)

    def with_registration(self, changed: Registration) -> Person:
        """The person with one registration replaced."""
        kept = tuple(
            changed if registration.registration_id == changed.registration_id else registration
            for registration in self.registrations
        )
        return replace(self, registrations=kept)


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened: the event's name and data."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)


def valid_cpf(text: str) -> str:
    """The 11 digits of a CPF typed with or without punctuation; :class:`InvalidInput` says what is wrong."""
    digits = cpf_rules.compact(text)
    if not digits.isdigit() or len(digits) != 11:
        raise InvalidInput("a CPF has 11 digits", field="cpf", reason="length")
    if not cpf_rules.is_valid(digits) or len(set(digits)) == 1:
        raise InvalidInput("the check digits are wrong", field="cpf", reason="check_digits")
    return str(digits)


def mask_cpf(digits: str) -> str:
    """``***.456.789-**``: enough for the one who knows it, useless to the one who does not."""
    return f"***.{digits[3:6]}.{digits[6:9]}-**"


def fingerprint(cpf: str, salt: str, data: Mapping[str, Any], attachments: list[Mapping[str, Any]]) -> str:
    """The salted SHA-256 (hexadecimal) of one version: canonical JSON of CPF, data and attachments' hashes."""
    hashes = sorted((attachment["kind"], attachment["sha256"]) for attachment in attachments)
    content = {"salt": salt, "cpf": cpf, "data": data, "attachments": hashes}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_data(data: Mapping[str, Any], today: date) -> None:
    """Contradictions between fields; :class:`InvalidInput` lists each with its field and reason."""
    problems: list[dict[str, Any]] = []
    birth = _date(data.get("birth_date"))
    document = data.get("identity_document") or {}
    issued = _date(document.get("issued_on"))
    if birth and birth > today:
        problems.append({"field": "birth_date", "reason": "future"})
    if birth and birth.year < 1900:
        problems.append({"field": "birth_date", "reason": "too_old"})
    if issued and issued > today:
        problems.append({"field": "identity_document.issued_on", "reason": "future"})
    if issued and birth and issued < birth:
        problems.append({"field": "identity_document.issued_on", "reason": "before_birth"})
    if document.get("type") == "rg" and not (document.get("issuer") and document.get("state")):
        problems.append({"field": "identity_document.issuer", "reason": "missing_for_rg"})
    if data.get("spouse_name") and data.get("civil_status") in UNMARRIED:
        problems.append({"field": "spouse_name", "reason": "contradicts_civil_status"})
    for place in ("home_address", "work_address"):
        postal_code = (data.get(place) or {}).get("postal_code")
        if postal_code and not (postal_code.isdigit() and len(postal_code) == 8):
            problems.append({"field": f"{place}.postal_code", "reason": "length"})
    if problems:
        raise InvalidInput.of(problems)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def missing_for_remote(version: Version, attachments: list[Mapping[str, Any]]) -> list[str]:
    """The fields that identifying somebody by videoconference still needs."""
    data = version.data
    missing = [name for name in ("birth_date", "identity_document") if not data.get(name)]
    if not data.get("email") and not data.get("mobile"):
        missing.append("email_or_mobile")
    if not any(attachment["kind"] == "identity_document" for attachment in attachments):
        missing.append("identity_document_image")
    return missing


def _next_version(
    person: Person, registration: Registration, data: Mapping[str, Any], changed: list[str], by: str, at: datetime
) -> Registration:
    digest = fingerprint(person.cpf, registration.salt, data, list(registration.attachments))
    ids = tuple(attachment["attachment_id"] for attachment in registration.attachments)
    version = Version(len(registration.versions) + 1, data, ids, digest, tuple(changed), by, at)
    return replace(registration, versions=(*registration.versions, version))


def _facts_of(person: Person, registration: Registration, name: str) -> Fact:
    version = registration.current
    data: dict[str, Any] = {
        "person_id": person.person_id,
        "registration_id": registration.registration_id,
        "office_id": registration.office.office_id,
        "version": version.number,
        "sha256": version.sha256,
        "cpf_masked": mask_cpf(person.cpf),
    }
    if name == "PersonUpdated":
        data["changed"] = list(version.changed)
    return Fact(name, data)


def register(person: Person, empty: Registration, data: Mapping[str, Any], by: str, at: datetime) -> tuple[Person, Fact]:
    """An office registers a person; a second registration in the same office is refused."""
    check_data(data, at.date())
    for registration in person.registrations:
        if registration.office.office_id == empty.office.office_id:
            raise AlreadyExists(
                "this office already has a registration of this CPF",
                field="cpf",
                registration_id=registration.registration_id,
            )
    added = _next_version(person, empty, data, sorted(data), by, at)
    changed = replace(person, registrations=(*person.registrations, added))
    return changed, _facts_of(changed, added, "PersonRegistered")


def _own(person: Person, registration_id: str, office_id: str | None) -> Registration:
    registration = person.registration(registration_id)
    if registration.office.office_id != office_id:
        raise Forbidden("another office's registration", reason="office")
    return registration


def update(
    person: Person, registration_id: str, office_id: str | None, expected: int, data: Mapping[str, Any], by: str, at: datetime
) -> tuple[Person, Fact | None]:
    """The office edits its registration; nothing happens where nothing changed, a stale edit is refused."""
    registration = _own(person, registration_id, office_id)
    if registration.current.number != expected:
        raise StaleVersion("somebody else changed it", expected=expected, actual=registration.current.number)
    check_data(data, at.date())
    present = registration.current.data
    changed_fields = sorted(name for name in {*data, *present} if data.get(name) != present.get(name))
    if not changed_fields:
        return person, None
    updated = _next_version(person, registration, data, changed_fields, by, at)
    changed = person.with_registration(updated)
    return changed, _facts_of(changed, updated, "PersonUpdated")


def attach(
    person: Person, registration_id: str, office_id: str | None, attachment: Mapping[str, Any], by: str, at: datetime
) -> tuple[Person, Fact]:
    """The office adds a document's image, a face photo or the like; that makes a new version."""
    registration = _own(person, registration_id, office_id)
    extended = replace(registration, attachments=(*registration.attachments, attachment))
    updated = _next_version(person, extended, registration.current.data, [f"attachment.{attachment['kind']}"], by, at)
    changed = person.with_registration(updated)
    return changed, _facts_of(changed, updated, "PersonUpdated")


def block(person: Person, reason: str, note: str | None, at: datetime) -> tuple[Person, Fact]:
    """Nothing may be started for this person from now on."""
    if person.block:
        raise Conflict("the CPF is already blocked", reason="already_blocked")
    data = {"person_id": person.person_id, "cpf_masked": mask_cpf(person.cpf), "reason": reason}
    return replace(person, block=Block(reason, note, at)), Fact("PersonBlocked", data)


def unblock(person: Person) -> tuple[Person, Fact]:
    """The reason for the block is gone."""
    if not person.block:
        raise Conflict("the CPF is not blocked", reason="not_blocked")
    data = {"person_id": person.person_id, "cpf_masked": mask_cpf(person.cpf)}
    return replace(person, block=None), Fact("PersonUnblocked", data)
