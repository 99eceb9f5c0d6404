"""Certificates and terms in the object store, found by what the events say of them and checked against it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from contracts.errors import InternalFault
from services.certification.application.ports import Ports, PreparedTerm
from services.certification.model.state import Certificate, EmissionState

TERMS = "terms"
CERTIFICATES = "certificates"
PDF = "application/pdf"


def sha256_of_bytes(content: bytes) -> str:
    """Hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def keep_certificate(ports: Ports, emission_id: str, serial: str, certificate: bytes) -> bytes:
    """Store a certificate (DER). Returns the one that counts: of two attempts at one serial, the first.

    The event names the hash of what this returns. So a crash after signing loses a certificate that nobody has seen, and after
    storing the repeat takes what is stored, also where a token's random signatures make the second attempt another one.
    """
    return ports.objects.put_once(CERTIFICATES, f"{emission_id}/{serial}.cer", certificate, "application/pkix-cert")


def read_certificate(ports: Ports, emission_id: str, certificate: Certificate) -> bytes:
    """The certificate (DER); raises :class:`InternalFault` where it is not the one that was issued."""
    content = ports.objects.get(CERTIFICATES, f"{emission_id}/{certificate.serial}.cer")
    if sha256_of_bytes(content) != certificate.sha256:
        raise InternalFault("a stored certificate was altered", reason="altered", serial=certificate.serial)
    return content


def keep_prepared(ports: Ports, emission_id: str, prepared: PreparedTerm) -> str:
    """Store a prepared term; returns its SHA-256."""
    digest = sha256_of_bytes(prepared.document)
    about = {
        "digest": prepared.digest,
        "reserved_start": prepared.reserved_start,
        "reserved_end": prepared.reserved_end,
        "signed_attributes": base64.b64encode(prepared.signed_attributes).decode(),
    }
    ports.objects.put(TERMS, f"{emission_id}/prepared/{digest}.json", json.dumps(about).encode(), "application/json")
    ports.objects.put(TERMS, f"{emission_id}/prepared/{digest}.pdf", prepared.document, PDF)
    return digest


def read_prepared(ports: Ports, emission_id: str, document_sha256: str) -> PreparedTerm:
    """A prepared term; raises :class:`InternalFault` where it is not the one that was recorded."""
    document = ports.objects.get(TERMS, f"{emission_id}/prepared/{document_sha256}.pdf")
    if sha256_of_bytes(document) != document_sha256:
        raise InternalFault("a stored term was altered", reason="altered", sha256=document_sha256)
    about = json.loads(ports.objects.get(TERMS, f"{emission_id}/prepared/{document_sha256}.json"))
    return PreparedTerm(
        document=document,
        digest=about["digest"],
        reserved_start=about["reserved_start"],
        reserved_end=about["reserved_end"],
        signed_attributes=base64.b64decode(about["signed_attributes"]),
    )


def keep_signed(ports: Ports, emission_id: str, document_sha256: str, document: bytes) -> bytes:
    """Store the signed form of a prepared term. Returns the one that counts: of two attempts, the first."""
    return ports.objects.put_once(TERMS, _signed_key(emission_id, document_sha256), document, PDF)


def read_signed(ports: Ports, state: EmissionState) -> bytes:
    """The signed term in its latest form; raises :class:`InternalFault` where it is not the one that was recorded."""
    stored = signed_object(state)
    document = ports.objects.get(stored["bucket"], stored["key"])
    if sha256_of_bytes(document) != stored["sha256"]:
        raise InternalFault("a stored term was altered", reason="altered", sha256=stored["sha256"])
    return document


def keep_preserved(ports: Ports, emission_id: str, document_sha256: str, number: int, document: bytes) -> bytes:
    """Store a long-term form of a signed term. Returns the one that counts: of two attempts, the first."""
    return ports.objects.put_once(TERMS, _signed_key(emission_id, document_sha256, number), document, PDF)


def signed_object(state: EmissionState) -> dict[str, Any]:
    """Where the signed term lies in its latest form (contracts.registry.StoredObject)."""
    if state.term is None or state.term.term_sha256 is None or state.term.size is None:
        raise InternalFault("the emission has no signed term", reason="no_term")
    latest = state.term.preserved
    return {
        "bucket": TERMS,
        "key": _signed_key(state.emission_id, state.term.document_sha256, latest.number if latest else 0),
        "size": latest.size if latest else state.term.size,
        "sha256": latest.term_sha256 if latest else state.term.term_sha256,
        "content_type": PDF,
    }


def _signed_key(emission_id: str, document_sha256: str, number: int = 0) -> str:
    """``number``: of the long-term form; none has 0."""
    return f"{emission_id}/signed/{document_sha256}{f'.{number}' if number else ''}.pdf"


def pem(certificate: bytes) -> str:
    """A DER certificate as text (RFC 7468)."""
    text = base64.b64encode(certificate).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
