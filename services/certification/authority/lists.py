"""Certificate revocation lists (RFC 5280, section 5).

A list may have a hundred thousand entries. The library makes an object of each, which takes seconds; here the entries are
written as octets into a list that the library made empty, and the whole is signed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from asn1crypto.algos import SignedDigestAlgorithm
from asn1crypto.core import OctetBitString
from asn1crypto.crl import CertificateList
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
    "ca_compromise": x509.ReasonFlags.ca_compromise,
    "superseded": x509.ReasonFlags.superseded,
    "cessation_of_operation": x509.ReasonFlags.cessation_of_operation,
    "privilege_withdrawn": x509.ReasonFlags.privilege_withdrawn,
    "certificate_hold": x509.ReasonFlags.certificate_hold,
}
SLICE = 2000  # entries written at a stretch
SEQUENCE, INTEGER, UTC_TIME, GENERALIZED_TIME = 0x30, 0x02, 0x17, 0x18
LAST_UTC_YEAR = 2049  # RFC 5280, 5.1.2.6
BEFORE_ENTRIES = ("version", "signature", "issuer", "this_update", "next_update")


def signed_list(
    issuer: Issuer, revoked: Sequence[Revocation], now: datetime, life: timedelta, addresses: Sequence[str] = ()
) -> bytes:
    """The list (DER) of an authority, valid from ``now`` for ``life``.

    With ``addresses`` it is about those certificates alone that name one of them (RFC 5280, 5.2.5), and says so.
    """
    empty = _empty(issuer, now, life, addresses)
    if not revoked:  # the field is absent then (RFC 5280, 5.1.2.6)
        return empty
    tbs = CertificateList.load(empty)["tbs_cert_list"]
    entries = _element(SEQUENCE, b"".join(_entries(revoked)))
    content = b"".join(tbs[name].dump() for name in BEFORE_ENTRIES) + entries + tbs["crl_extensions"].dump()
    signed = _element(SEQUENCE, content)
    algorithm = SignedDigestAlgorithm.load(tbs["signature"].dump())
    signature = issuer.key.sign(signed, ec.ECDSA(_digest(issuer.key)))
    return _element(SEQUENCE, signed + algorithm.dump() + OctetBitString(signature).dump())


def revocations_in(content: bytes) -> tuple[Revocation, ...]:
    """What a list (DER) of ours names."""
    names = {flag: name for name, flag in REASONS.items()}

    def reason_of(entry: x509.RevokedCertificate) -> str:
        try:
            return names[entry.extensions.get_extension_for_class(x509.CRLReason).value.reason]
        except x509.ExtensionNotFound:
            return "unspecified"

    return tuple(
        Revocation(f"{entry.serial_number:032x}", entry.revocation_date_utc, reason_of(entry))
        for entry in x509.load_der_x509_crl(content)
    )


def _empty(issuer: Issuer, now: datetime, life: timedelta, addresses: Sequence[str]) -> bytes:
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now.replace(microsecond=0))
        .next_update((now + life).replace(microsecond=0))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        # Milliseconds since the epoch: numbers grow, whichever process makes the list (RFC 5280, 5.2.3).
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
    )
    if addresses:
        builder = builder.add_extension(_only_of(addresses), critical=True)
    return builder.sign(issuer.key, _digest(issuer.key)).public_bytes(Encoding.DER)


def _only_of(addresses: Sequence[str]) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(address) for address in addresses],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


def _digest(key: ec.EllipticCurvePrivateKey) -> hashes.SHA256 | hashes.SHA384:
    return hashes.SHA384() if isinstance(key.curve, ec.SECP384R1) else hashes.SHA256()


def _entries(revoked: Iterable[Revocation]) -> Iterable[bytes]:
    reasons = {name: _extensions(flag) for name, flag in REASONS.items()}
    for count, revocation in enumerate(revoked):
        if count % SLICE == 0:
            time.sleep(0)  # lets the service's other green threads run
        serial = int(revocation.serial, 16)
        number = _element(INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big"))
        # "unspecified" is said by leaving the reason out (RFC 5280, 5.3.1).
        yield _element(SEQUENCE, number + _time(revocation.at) + reasons.get(revocation.reason, b""))


def _extensions(reason: x509.ReasonFlags) -> bytes:
    """The entry's extensions with its reason: the extension's object identifier (2.5.29.21) and its value."""
    identifier, value = bytes.fromhex("0603551d15"), x509.CRLReason(reason).public_bytes()
    return _element(SEQUENCE, _element(SEQUENCE, identifier + _element(0x04, value)))


def _time(moment: datetime) -> bytes:
    text = f"{moment.astimezone(UTC):%Y%m%d%H%M%SZ}"
    if int(text[:4]) > LAST_UTC_YEAR:
        return _element(GENERALIZED_TIME, text.encode())
    return _element(UTC_TIME, text[2:].encode())


def _element(tag: int, content: bytes) -> bytes:
    """One DER element."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content
