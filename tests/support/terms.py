"""A real authority and a real term, signed as the phone signs."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import now
from services.certification.application.ports import Authority, Subject
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses
from services.certification.authority.custody import FileCustody
from services.certification.model.state import CertificateStatus, Intent
from services.certification.term.maker import WorkerTermMaker
from tests.support.holder import new_key, request_of

ADDRESSES = Addresses("https://titular.example")
PASSWORD = "a passphrase for tests"
MARIA = Subject("Maria da Conceição Souza", "52998224725", date(1985, 3, 7), "maria@example.com", "12.345.678-9", "SSP", "SP")
MOMENT = "2026-11-22T12:00:00+00:00"


def contents(**changes: Any) -> dict[str, Any]:
    """A term's facts."""
    return {
        "protocol": "123456.2026.11.22.00000001-37",
        "mode": "remote",
        "emission_id": "0e5bd1c4-93a4-5c5f-9a6b-6f1a4a1d2c11",
        "office": {"id": "123456", "name": "1º Tabelionato de Notas de Santos"},
        "clerk": "João Escrevente",
        "prepared_at": MOMENT,
        "verification_url": "https://cartorio.example/verificar/#123456.2026.11.22.00000001-37",
        "holder": {
            "name": "Maria da Conceição <Souza>",
            "social_name": None,
            "cpf": "52998224725",
            "birth_date": "1985-03-07",
            "email": "maria@example.com",
            "mobile": "11987654321",
            "document": {"type": "rg", "number": "12.345.678-9", "issuer": "SSP", "state": "SP"},
        },
        "certificate": {
            "serial": "4f" * 16,
            "sha256": "ab" * 32,
            "public_key_sha256": "cd" * 32,
            "issuer": "CN=Titular AC Emissora,O=Titular,C=BR",
            "not_before": MOMENT,
            "not_after": "2029-11-22T11:59:59+00:00",
        },
        "conference": {
            "conference_id": "conference-1",
            "started_at": MOMENT,
            "ended_at": MOMENT,
            "recordings": [{"playable_sha256": None, "original_sha256": None}],
        },
        "registration": {"version": 3, "sha256": "56" * 32},
        **changes,
    }


def released(_: str) -> CertificateStatus:
    """What is known of a certificate whose term was signed."""
    return CertificateStatus("valid")


@dataclass(frozen=True, slots=True)
class Notary:
    """An authority made now, one certificate of it, and its term: signed (B-T), and preserved (B-LTA)."""

    folder: Path
    authority: FileAuthority
    certificate: bytes
    signed: bytes
    preserved: bytes


@contextlib.contextmanager
def notary(folder: Path) -> Iterator[Notary]:
    """All of it in a folder."""
    keys = folder / "authority"
    files.create(keys, FileCustody(PASSWORD), ADDRESSES, now())
    env = {
        "TITULAR_AUTHORITY_FOLDER": str(keys),
        "TITULAR_AUTHORITY_PASSWORD": PASSWORD,
        "TITULAR_PUBLIC_URL": ADDRESSES.public_url,
    }
    maker = WorkerTermMaker("America/Sao_Paulo", env=env)
    try:
        yield _made(keys, FileAuthority.open(keys, FileCustody(PASSWORD), ADDRESSES, now()), maker)
    finally:
        maker.close()


def issued(authority: Authority, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Maria's certificate (DER), from now on."""
    public_key = base64.b64encode(authority.read_request(request_of(key, "nonce"), "nonce")).decode()
    begin = now().replace(microsecond=0)
    intent = Intent(authority.new_serial(), "hash", public_key, begin, begin + timedelta(days=1095))
    return authority.issue(intent, MARIA)


def _made(folder: Path, authority: FileAuthority, maker: WorkerTermMaker) -> Notary:
    key = new_key()
    certificate = issued(authority, key)
    prepared = maker.prepare(contents(), certificate)
    signature = key.sign(prepared.signed_attributes, ec.ECDSA(hashes.SHA256()))
    signed = maker.complete(prepared, signature, certificate).document
    preserved = maker.preserve(signed, 1, authority.validation_material(certificate, released, now())).document
    return Notary(folder, authority, certificate, signed, preserved)
