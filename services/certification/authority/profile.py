"""What stands in a holder's certificate: names and alternative names after ICP-Brasil's profile (DOC-ICP-04, 7.1).

We are not in that chain and never say so: no ``O=ICP-Brasil``.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from cryptography import x509
from cryptography.x509.oid import NameOID

from services.certification.application.ports import Subject

ORGANIZATION = "Titular"
HOLDER_UNIT = "Certificado digital por videoconferencia"
PERSON_DATA = x509.ObjectIdentifier("2.16.76.1.3.1")
EMPLOYER_NUMBER = x509.ObjectIdentifier("2.16.76.1.3.6")
VOTER_NUMBER = x509.ObjectIdentifier("2.16.76.1.3.5")
COMMON_NAME_LIMIT = 64  # RFC 5280, appendix A.1, ub-common-name


def plain(text: str) -> str:
    """Upper-case ASCII without accents, one space between words."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(ascii_only.upper().split())


def letters_and_digits(text: str | None) -> str:
    """Upper-case ASCII letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", plain(text or ""))


def person_data(subject: Subject) -> str:
    """otherName 2.16.76.1.3.1: birth date (8), CPF (11), NIS (11), RG (15), then issuer and UF (up to 10) where there is an RG.

    An RG that is too long for its field is left out, as one that is not known: cut digits would name somebody else's.
    """
    number = letters_and_digits(subject.identity_number)
    if len(number) > 15:
        number = ""
    issuer = (letters_and_digits(subject.identity_issuer) + letters_and_digits(subject.identity_state))[:10] if number else ""
    return f"{_day(subject.birth_date)}{subject.cpf}{'0' * 11}{number.zfill(15)}{issuer}"


def subject_name(subject: Subject) -> x509.Name:
    """``CN=NAME:CPF``, the name cut where the whole would be too long."""
    common_name = f"{plain(subject.name)[: COMMON_NAME_LIMIT - 12].rstrip()}:{subject.cpf}"
    return name(common_name, HOLDER_UNIT)


def name(common_name: str, unit: str | None = None) -> x509.Name:
    """A name of ours."""
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "BR"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION)]
    if unit:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def alternative_names(subject: Subject) -> x509.SubjectAlternativeName:
    """The three otherNames of a natural person, and the e-mail address where it is ASCII (RFC 5280, 4.2.1.6)."""
    names: list[x509.GeneralName] = [
        x509.OtherName(PERSON_DATA, octet_string(person_data(subject))),
        x509.OtherName(EMPLOYER_NUMBER, octet_string("0" * 12)),
        x509.OtherName(VOTER_NUMBER, octet_string("0" * 19)),
    ]
    if subject.email and subject.email.isascii():
        names.append(x509.RFC822Name(subject.email))
    return x509.SubjectAlternativeName(names)


def octet_string(text: str) -> bytes:
    """DER OCTET STRING of up to 127 bytes (DOC-ICP-04, 7.1.2.4)."""
    content = text.encode("ascii")
    if len(content) > 127:
        raise ValueError("the short form holds up to 127 bytes")
    return b"\x04" + bytes([len(content)]) + content


def _day(day: date) -> str:
    return f"{day:%d%m%Y}"
