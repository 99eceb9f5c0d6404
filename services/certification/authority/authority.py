"""The authority as the application's port, on a folder of certificates."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from contracts.errors import InternalFault, NotFound
from services.certification.application.ports import AuthorityCertificate, ListFacts, Subject, ValidationMaterial
from services.certification.authority import files
from services.certification.authority.certificates import Addresses, Issuer, holder_certificate
from services.certification.authority.custody import Custody
from services.certification.authority.facts import certificate_facts, list_facts
from services.certification.authority.generations import FIRST, named
from services.certification.authority.kept_list import KeptList
from services.certification.authority.ocsp import Responder, serial_text
from services.certification.authority.requests import public_key_of
from services.certification.model.state import CertificateStatus, Intent, Revocation

SERIAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Published:
    """What else of the authority is for everybody. ``root_list``: the root's revocation list (DER); an older folder has none."""

    root: x509.Certificate
    time_stamping: x509.Certificate
    root_list: bytes | None


class FileAuthority:
    """See :class:`services.certification.application.ports.Authority`."""

    def __init__(self, issuing: Issuer, responder: Issuer, published: Published, addresses: Addresses) -> None:
        self._issuing = issuing
        self._responder = Responder(responder, issuing.certificate)
        self._answering = responder.certificate
        self._published = published
        self._addresses = addresses
        self._list = KeptList(issuing)
        self._lists_of_years: dict[int, KeptList] = {}
        self._own = (
            certificate_facts("root", published.root, "root", published.root),
            certificate_facts("issuing", issuing.certificate, "root", published.root, addresses.generation),
            certificate_facts("timestamping", published.time_stamping, "issuing", issuing.certificate, addresses.generation),
            certificate_facts("ocsp", responder.certificate, "issuing", issuing.certificate, addresses.generation),
        )

    @classmethod
    def open(cls, folder: Path, custody: Custody, addresses: Addresses, now: datetime, generation: int = FIRST) -> FileAuthority:
        """One generation, from the folder that :mod:`.create` made, with keys wherever they are; the root's key is not opened.

        The status responder's files are made where they are missing or soon to end (:func:`.files.responder`).
        """
        issuing = files.load_issuer(folder, named("issuing", generation), custody)
        responder = files.responder(folder, custody, issuing, now, named("ocsp", generation))
        root, stamping = (files.load_certificate(folder, name) for name in ("root", named("timestamping", generation)))
        published = Published(root, stamping, files.load_root_list(folder))
        return cls(issuing, responder, published, addresses.of_generation(generation))

    def generation(self, number: int) -> FileAuthority | None:
        """See the port."""
        return self if number == self._addresses.generation else None

    def that_issued(self, certificate: bytes) -> FileAuthority:
        """See the port."""
        if not self.has_issued(certificate):
            raise InternalFault("a certificate of no generation of this authority", reason="foreign_certificate")
        return self

    def has_issued(self, certificate: bytes) -> bool:
        """Whether a certificate (DER) names this generation as its issuer."""
        return x509.load_der_x509_certificate(certificate).issuer == self._issuing.certificate.subject

    def issuing_pems(self) -> tuple[str, ...]:
        """See the port."""
        return (self.issuing_pem(),)

    def own_certificates(self) -> tuple[AuthorityCertificate, ...]:
        """See the port."""
        return self._own

    def root_list_facts(self) -> ListFacts | None:
        """See the port."""
        return list_facts(self._published.root_list, self._published.root) if self._published.root_list else None

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
        return self._published.root.public_bytes(Encoding.PEM).decode()

    def issuing_pem(self) -> str:
        """See the port."""
        return self._issuing.certificate.public_bytes(Encoding.PEM).decode()

    def root_list(self) -> bytes | None:
        """See the port."""
        return self._published.root_list

    def revocation_list(
        self,
        mark: str,
        find: Callable[[], Sequence[Revocation]],
        now: datetime,
        record: Callable[[ListFacts], None],
        year: int | None = None,
    ) -> tuple[bytes, datetime]:
        """See the port. A list is kept while what it names stays the same, for some minutes."""

        def named() -> Sequence[Revocation]:
            return [one for one in find() if self._may_be_of(one.issuer) and (year is None or one.year in {year, None})]

        kept = self._list if year is None else self._list_of(year, now)
        return kept.current(mark, named, now, lambda made: record(list_facts(made, self._issuing.certificate, year)))

    def _list_of(self, year: int, now: datetime) -> KeptList:
        """Only of years in which something can have been issued: no list is signed for others."""
        if not self._issuing.certificate.not_valid_before_utc.year <= year <= now.astimezone(UTC).year:
            raise NotFound("nothing was issued in that year", field="year")
        return self._lists_of_years.setdefault(year, KeptList(self._issuing, self._addresses.revocation_lists_of(year)))

    def answer_ocsp(
        self, request: bytes, find: Callable[[str], CertificateStatus | None], now: datetime
    ) -> tuple[bytes, datetime | None]:
        """See the port."""

        def known(serial: str) -> CertificateStatus | None:
            status = find(serial)
            return status if status and self._may_be_of(status.issuer) else self._status_of_own(serial)

        return self._responder.answer(request, known, now)

    def validation_material(
        self, certificate: bytes, find: Callable[[str], CertificateStatus | None], now: datetime
    ) -> ValidationMaterial:
        """See the port."""
        of_stamps = self.stamping_material(find, now)
        answer = self._kept_answer(x509.load_der_x509_certificate(certificate), find, now)
        return replace(of_stamps, ocsps=(answer, *of_stamps.ocsps))

    def stamping_material(self, find: Callable[[str], CertificateStatus | None], now: datetime) -> ValidationMaterial:
        """What a document keeps of which this generation's service has made a time stamp."""
        stamping = self._published.time_stamping
        chain = (self._issuing.certificate, self._published.root, self._answering, stamping)
        return ValidationMaterial(
            certificates=tuple(one.public_bytes(Encoding.DER) for one in chain),
            ocsps=(self._kept_answer(stamping, find, now),),
            crls=(self._published.root_list,) if self._published.root_list else (),
        )

    def _kept_answer(
        self, certificate: x509.Certificate, find: Callable[[str], CertificateStatus | None], now: datetime
    ) -> bytes:
        """What anybody would be answered who asks about a certificate; only of one of ours that is not on hold."""
        issuer = self._issuing.certificate
        question = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256()).build()
        response, _ = self.answer_ocsp(question.public_bytes(Encoding.DER), find, now)
        answer = ocsp.load_der_ocsp_response(response)
        known = answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        if not known or answer.revocation_reason is x509.ReasonFlags.certificate_hold:
            raise InternalFault("a document is to keep what is said of a released certificate of ours", reason="not_released")
        return response

    def _may_be_of(self, issuer: str | None) -> bool:
        """None: not known (of before there were generations, or never signed), so of each."""
        return issuer in {None, self.issuer()}

    def _status_of_own(self, serial: str) -> CertificateStatus | None:
        """The time-stamping certificate is of no emission, and counts while nothing revokes it."""
        own = serial_text(self._published.time_stamping.serial_number)
        return CertificateStatus("valid") if serial == own else None
