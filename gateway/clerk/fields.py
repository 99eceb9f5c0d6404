"""The registration form as data: sections and fields, what was typed, what is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from flask_babel import lazy_gettext as _
from marshmallow import ValidationError

from chassis.rpc import flatten_problems
from contracts import registry
from contracts.errors import InvalidInput

Kind = Literal["text", "email", "tel", "date", "select", "checkbox"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``name`` is dotted for nested data; ``width`` in twelfths of the row; ``digits`` keeps digits only."""

    name: str
    label: Any
    kind: Kind = "text"
    width: int = 6
    choices: tuple[str, ...] = ()
    hint: Any = None
    limit: int = 200
    digits: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together."""

    key: str
    title: Any
    fields: tuple[Field, ...]


def _address(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}.postal_code", _("CEP"), width=3, limit=9, digits=True),
        Field(f"{prefix}.street", _("Street"), width=6),
        Field(f"{prefix}.number", _("Number"), width=3, limit=20),
        Field(f"{prefix}.complement", _("Complement"), width=4, limit=100),
        Field(f"{prefix}.district", _("District"), width=4, limit=100),
        Field(f"{prefix}.city", _("City"), width=4, limit=100),
        Field(f"{prefix}.state", _("State (UF)"), "select", width=3, choices=registry.STATES),
    )


SECTIONS = (
    Section(
        "person",
        _("Person"),
        (
            Field("name", _("Full name"), width=8, required=True, hint=_("As in the identity document.")),
            Field("social_name", _("Social name"), width=4),
            Field("birth_date", _("Date of birth"), "date", width=4),
            Field("nationality", _("Nationality"), width=4, limit=60),
            Field("birthplace", _("Place of birth"), width=4, limit=100),
            Field("mother_name", _("Mother's name")),
            Field("father_name", _("Father's name")),
            Field("profession", _("Profession"), width=4, limit=100),
            Field("civil_status", _("Civil status"), "select", width=4, choices=registry.CIVIL_STATUSES),
            Field("spouse_name", _("Spouse's name"), width=4),
            Field("politically_exposed", _("Politically exposed person"), "checkbox", width=12),
        ),
    ),
    Section(
        "contact",
        _("Contact"),
        (
            Field("email", _("E-mail"), "email", hint=_("The certificate's link is sent here.")),
            Field("mobile", _("Mobile phone"), "tel", width=3, limit=20, digits=True, hint=_("With area code.")),
            Field("phone", _("Other phone"), "tel", width=3, limit=20, digits=True),
        ),
    ),
    Section(
        "document",
        _("Identity document"),
        (
            Field("identity_document.type", _("Type"), "select", width=4, choices=registry.DOCUMENT_TYPES),
            Field("identity_document.number", _("Number"), width=4, limit=20),
            Field("identity_document.issued_on", _("Issued on"), "date", width=4),
            Field("identity_document.issuer", _("Issuer"), width=4, limit=20, hint=_("For instance SSP.")),
            Field("identity_document.state", _("Issuer's state"), "select", width=4, choices=registry.STATES),
        ),
    ),
    Section("home", _("Home address"), _address("home_address")),
    Section("work", _("Work address"), _address("work_address")),
    Section(
        "signature",
        _("Signature card"),
        (
            Field("signature_card.number", _("Number"), width=4, limit=40),
            Field("signature_card.signed_on", _("Date of signature"), "date", width=4),
        ),
    ),
)


def every_field() -> Iterator[Field]:
    """All fields in the order of the page."""
    for section in SECTIONS:
        yield from section.fields


def typed_values(form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, by dotted name, to be shown again as it is."""
    return {field.name: form.get(field.name, "") for field in every_field()}


def stored_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """A registration's data by dotted name."""
    return {field.name: _text(_lookup(data, field.name)) for field in every_field()}


def _lookup(data: Mapping[str, Any], name: str) -> Any:
    outer, _dot, inner = name.partition(".")
    value = data.get(outer)
    return (value or {}).get(inner) if inner else value


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def registration_data(form: Mapping[str, str]) -> dict[str, Any]:
    """The data that a form means, checked by the contract; raises :class:`InvalidInput` with every faulty field."""
    data: dict[str, Any] = {}
    for field in every_field():
        value = _meant(field, form.get(field.name, ""))
        outer, _dot, inner = field.name.partition(".")
        if not inner:
            data[outer] = value
        elif value is not None:
            data.setdefault(outer, {})[inner] = value
    if data["name"] is None:
        del data["name"]
    try:
        loaded: dict[str, Any] = registry.RegistrationData().load(data)
    except ValidationError as error:
        raise InvalidInput.of(flatten_problems(error.normalized_messages())) from error
    return loaded


def _meant(field: Field, typed: str) -> Any:
    if field.kind == "checkbox":
        return typed == "yes"
    text = " ".join(typed.split())
    if field.kind == "date":
        return iso_date(text) or None
    if field.digits:
        text = "".join(character for character in text if character.isdigit()) if _only_punctuated(text) else text
    return text or None


def iso_date(text: str) -> str:
    """``dd/mm/yyyy`` as ISO 8601; anything else stays as it is, for the contract to judge.

    A plain field is used for dates: a browser's own shows them in the computer's language, and 07/03 must not become July.
    """
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text) or re.fullmatch(r"(\d{2})(\d{2})(\d{4})", text)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def same_meaning(field: Field, one: str, other: str) -> bool:
    """Whether two texts in a field mean the same value."""
    return bool(_meant(field, one) == _meant(field, other))


def _only_punctuated(text: str) -> bool:
    """Whether nothing but digits and the usual punctuation was typed: letters must not vanish silently."""
    return all(character.isdigit() or character in " ()-+./" for character in text)
