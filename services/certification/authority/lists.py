"""Certificate revocation lists (RFC 5280, section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.authority.certificates import Issuer
from services.certification.model.state import Revocation

LIST_LIFE = timedelta(hours=24)
ROOT_LIST_LIFE = timedelta(days=365)
REASONS = {
    "key_compromise": x509.ReasonFlags.key_compromise,
    "superseded": x509.ReasonFlags.superseded,
    "cessation_of_operation": x509.ReasonFlags.cessation_of_operation,
    "privilege_withdrawn": x509.ReasonFlags.privilege_withdrawn,
    "certificate_hold": x509.ReasonFlags.certificate_hold,
}
REASON_CODES = {reason: x509.CRLReason(flag) for reason, flag in REASONS.items()}


def signed_list(issuer: Issuer, revoked: Sequence[Revocation], now: datetime, life: timedelta) -> bytes:
    """The list (DER) of an authority, valid from ``now`` for ``life``."""
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=issuer.certificate.subject,
        # At once: the builder copies what it has for each entry that is added to it.
        revoked_certificates=[_entry(revocation) for revocation in revoked],
    )
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        builder.last_update(now.replace(microsecond=0))
        .next_update((now + life).replace(microsecond=0))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        # Milliseconds since the epoch: numbers grow, whichever process makes the list (RFC 5280, 5.2.3).
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
    )
    return builder.sign(issuer.key, _digest(issuer.key)).public_bytes(Encoding.DER)


def _digest(key: ec.EllipticCurvePrivateKey) -> hashes.SHA256 | hashes.SHA384:
    return hashes.SHA384() if isinstance(key.curve, ec.SECP384R1) else hashes.SHA256()


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(int(revocation.serial, 16))
    builder = builder.revocation_date(revocation.at.replace(microsecond=0))
    reason = REASON_CODES.get(revocation.reason)
    if reason is not None:  # "unspecified" is said by leaving it out (RFC 5280, 5.3.1)
        builder = builder.add_extension(reason, critical=False)
    return builder.build()
