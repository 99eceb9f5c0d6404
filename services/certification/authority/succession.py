"""All generations of the authority as one: the latest issues, and each goes on answering for what it issued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from contracts.errors import InternalFault
from services.certification.application.ports import AuthorityCertificate, ListFacts, Subject, ValidationMaterial
from services.certification.authority import generations
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses
from services.certification.authority.custody import Custody
from services.certification.model.state import CertificateStatus, Intent, Revocation

Find = Callable[[str], CertificateStatus | None]


class AllGenerations:
    """See :class:`services.certification.application.ports.Authority`."""

    def __init__(self, generations: Sequence[FileAuthority]) -> None:
        self._generations = tuple(generations)
        self._issuing = self._generations[-1]

    @classmethod
    def open(cls, folder: Path, custody: Custody, addresses: Addresses, now: datetime) -> AllGenerations:
        """All that are in the folder at this moment: one that is made later is found by the next start."""
        return cls([FileAuthority.open(folder, custody, addresses, now, number) for number in generations.all_of(folder)])

    @property
    def latest(self) -> int:
        """The number of the generation that issues."""
        return len(self._generations)

    def generation(self, number: int) -> FileAuthority | None:
        """See the port."""
        return self._generations[number - 1] if 0 < number <= len(self._generations) else None

    def that_issued(self, certificate: bytes) -> FileAuthority:
        """See the port."""
        for one in self._generations:
            if one.has_issued(certificate):
                return one
        raise InternalFault("a certificate of no generation of this authority", reason="foreign_certificate")

    def read_request(self, request: bytes, nonce: str) -> bytes:
        """See the port."""
        return self._issuing.read_request(request, nonce)

    def new_serial(self) -> str:
        """See the port."""
        return self._issuing.new_serial()

    def issue(self, intent: Intent, subject: Subject) -> bytes:
        """See the port."""
        return self._issuing.issue(intent, subject)

    def issuer(self) -> str:
        """See the port."""
        return self._issuing.issuer()

    def signature_stands(self, certificate: bytes, message: bytes, signature: bytes) -> bool:
        """See the port."""
        return self._issuing.signature_stands(certificate, message, signature)

    def root_pem(self) -> str:
        """See the port."""
        return self._issuing.root_pem()

    def issuing_pem(self) -> str:
        """See the port."""
        return self._issuing.issuing_pem()

    def issuing_pems(self) -> tuple[str, ...]:
        """See the port."""
        return tuple(one.issuing_pem() for one in self._generations)

    def root_list(self) -> bytes | None:
        """See the port."""
        return self._issuing.root_list()

    def own_certificates(self) -> tuple[AuthorityCertificate, ...]:
        """See the port: the latest generation's first, the root's once."""
        own = [certificate for one in reversed(self._generations) for certificate in one.own_certificates()]
        return tuple({certificate.sha256: certificate for certificate in own}.values())

    def root_list_facts(self) -> ListFacts | None:
        """See the port."""
        return self._issuing.root_list_facts()

    def revocation_list(
        self,
        mark: str,
        find: Callable[[], Sequence[Revocation]],
        now: datetime,
        record: Callable[[ListFacts], None],
        year: int | None = None,
    ) -> tuple[bytes, datetime]:
        """See the port: the latest generation's."""
        return self._issuing.revocation_list(mark, find, now, record, year)

    def answer_ocsp(self, request: bytes, find: Find, now: datetime) -> tuple[bytes, datetime | None]:
        """See the port. Whose key a question names answers; nobody else can, so all may be tried."""
        for one in reversed(self._generations):
            answer, next_update = one.answer_ocsp(request, find, now)
            if next_update is not None:
                break
        return answer, next_update

    def validation_material(self, certificate: bytes, find: Find, now: datetime) -> ValidationMaterial:
        """See the port. A document may have time stamps of other generations than that of its holder's certificate."""
        issued = self.that_issued(certificate)
        whole = issued.validation_material(certificate, find, now)
        for other in (one for one in self._generations if one is not issued):
            more = other.stamping_material(find, now)
            certificates = tuple(dict.fromkeys((*whole.certificates, *more.certificates)))
            whole = replace(whole, certificates=certificates, ocsps=(*whole.ocsps, *more.ocsps))
        return whole
