"""What certificates and lists say of themselves, for the journal and the pages."""

from __future__ import annotations

import hashlib

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.application.ports import AuthorityCertificate, ListFacts
from services.certification.authority.ocsp import serial_text


def certificate_facts(key: str, signed_by: str, certificate: x509.Certificate) -> AuthorityCertificate:
    """Of one of the authority's own certificates."""
    return AuthorityCertificate(
        key=key,
        signed_by=signed_by,
        serial=serial_text(certificate.serial_number),
        sha256=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def list_facts(content: bytes) -> ListFacts:
    """Of a revocation list (DER) of ours, which always has a number and a next update."""
    parsed = x509.load_der_x509_crl(content)
    if parsed.next_update_utc is None:
        raise ValueError("a list of ours says when the next is due")
    return ListFacts(
        number=parsed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number,
        entries=len(parsed),
        sha256=hashlib.sha256(content).hexdigest(),
        this_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
    )
