"""The authority as the application's port, on key files."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.application.ports import Subject
from services.certification.authority import files
from services.certification.authority.certificates import Addresses, Issuer, holder_certificate
from services.certification.authority.ocsp import REASONS, Responder
from services.certification.authority.requests import public_key_of
from services.certification.model.state import CertificateStatus, Intent, Revocation

LIST_LIFE = timedelta(hours=24)
LIST_FRESH = timedelta(minutes=10)
SERIAL_BYTES = 16


class FileAuthority:
    """See :class:`services.certification.application.ports.Authority`."""

    def __init__(self, issuing: Issuer, root: x509.Certificate, responder: Issuer, addresses: Addresses) -> None:
        self._issuing = issuing
        self._responder = Responder(responder, issuing.certificate)
        self._root = root
        self._addresses = addresses
        self._list: tuple[frozenset[str], datetime, bytes] | None = None

    @classmethod
    def open(cls, folder: Path, passphrase: str, addresses: Addresses, now: datetime) -> FileAuthority:
        """From the folder that :mod:`.create` made; the root's key is not opened.

        The status responder's files are made where they are missing or soon to end (:func:`.files.responder`).
        """
        issuing = files.load_issuer(folder, "issuing", passphrase)
        responder = files.responder(folder, passphrase, issuing, now)
        return cls(issuing, files.load_certificate(folder, "root"), responder, addresses)

    def read_request(self, request: bytes, nonce: str) -> bytes:
        """See the port."""
        return public_key_of(request, nonce)

    def new_serial(self) -> str:
        """126 random bits, positive, always of the same length."""
        first = secrets.randbelow(0x40) + 0x40
        return bytes([first, *secrets.token_bytes(SERIAL_BYTES - 1)]).hex()

    def issue(self, intent: Intent, subject: Subject) -> bytes:
        """See the port."""
        return holder_certificate(intent, subject, self._issuing, self._addresses).public_bytes(Encoding.DER)

    def issuer(self) -> str:
        """See the port."""
        return self._issuing.certificate.subject.rfc4514_string()

    def signature_stands(self, certificate: bytes, message: bytes, signature: bytes) -> bool:
        """See the port."""
        key = x509.load_der_x509_certificate(certificate).public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        try:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True

    def root_pem(self) -> str:
        """See the port."""
        return self._root.public_bytes(Encoding.PEM).decode()

    def issuing_pem(self) -> str:
        """See the port."""
        return self._issuing.certificate.public_bytes(Encoding.PEM).decode()

    def revocation_list(self, revoked: Sequence[Revocation], now: datetime) -> tuple[bytes, datetime]:
        """See the port. A list is made anew when a serial was added, or when it is some minutes old."""
        serials = frozenset(revocation.serial for revocation in revoked)
        if self._list is None or self._list[0] != serials or now - self._list[1] > LIST_FRESH:
            self._list = (serials, now, self._make_list(revoked, now))
        return self._list[2], (self._list[1] + LIST_LIFE).replace(microsecond=0)

    def answer_ocsp(
        self, request: bytes, find: Callable[[str], CertificateStatus | None], now: datetime
    ) -> tuple[bytes, datetime | None]:
        """See the port."""
        return self._responder.answer(request, find, now)

    def _make_list(self, revoked: Sequence[Revocation], now: datetime) -> bytes:
        issuer = self._issuing.certificate
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(now.replace(microsecond=0))
            .next_update((now + LIST_LIFE).replace(microsecond=0))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
            # Milliseconds since the epoch: numbers grow, whichever process makes the list (RFC 5280, 5.2.3).
            .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
        )
        for revocation in revoked:
            builder = builder.add_revoked_certificate(_entry(revocation))
        return builder.sign(self._issuing.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _entry(revocation: Revocation) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(int(revocation.serial, 16))
    builder = builder.revocation_date(revocation.at.replace(microsecond=0))
    reason = REASONS.get(revocation.reason)
    if reason is not None:  # "unspecified" is said by leaving it out (RFC 5280, 5.3.1)
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()
