"""What certificates and lists say of themselves, for the journal and the pages."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.application.ports import AuthorityCertificate, ListFacts
from services.certification.authority.ocsp import serial_text


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate (DER), hexadecimal."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def certificate_facts(
    key: str, certificate: x509.Certificate, signed_by: str, signer: x509.Certificate, generation: int = 1
) -> AuthorityCertificate:
    """Of one of the authority's own certificates; ``signer``: the certificate of the key that signed it."""
    return AuthorityCertificate(
        key=key,
        signed_by=signed_by,
        signer_sha256=fingerprint(signer),
        serial=serial_text(certificate.serial_number),
        sha256=fingerprint(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        generation=generation,
    )


def list_facts(content: bytes, signer: x509.Certificate, year: int | None = None) -> ListFacts:
    """Of a revocation list (DER) of ours, which always has a number and a next update, and of who signed it, for which year."""
    parsed = x509.load_der_x509_crl(content)
    if parsed.next_update_utc is None:
        raise ValueError("a list of ours says when the next is due")
    return ListFacts(
        certificate_sha256=fingerprint(signer),
        number=parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number,
        entries=len(parsed),
        sha256=hashlib.sha256(content).hexdigest(),
        this_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
        year=year,
    )
