"""What the application needs of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from chassis.clock import Clock
from chassis.objects import ObjectStore
from chassis.stored_events import Record, Stored
from services.certification.application.answer_totals import AnswerTotals
from services.certification.application.tokens import Secrets
from services.certification.application.uses import Uses
from services.certification.model.policy import Patience, Policy
from services.certification.model.state import CertificateStatus, Intent, Revocation


class EventStore(Protocol):
    """See :class:`chassis.event_store.EventStore`."""

    def append(self, stream_id: str, expected_version: int, records: Sequence[Record]) -> list[Stored]:
        """Append, all or nothing; raises :class:`chassis.event_store.VersionConflict`."""

    def extend(self, stream_id: str, records: Sequence[Record]) -> list[Stored]:
        """Append after whatever is there, to a stream on which nothing is decided."""

    def read(self, stream_id: str, up_to: int | None = None) -> list[Stored]:
        """A stream from its start, its hash chain checked."""

    def read_unchecked(self, stream_id: str, up_to: int | None = None) -> list[Stored]:
        """As ``read``, for who reports the chain himself."""

    def notifications(self, after: int, limit: int) -> list[tuple[int, Stored]]:
        """Events of all streams with their positions, in the order of their commits."""


class Registrations(Protocol):
    """The registry's registrations."""

    def get(self, registration_id: str, version: int | None = None) -> dict[str, Any]:
        """A version of a registration, whole (contracts.registry.RegistrationReply); the current one by default."""


@dataclass(frozen=True, slots=True)
class ListFilter:
    """Which emissions a list shows; None: any."""

    office_id: str | None = None
    person_id: str | None = None
    protocol: str | None = None
    state: str | None = None
    ending_by: datetime | None = None  # certificates that are valid ``now`` and end by then, the first to end first
    now: datetime | None = None
    before: datetime | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class View:
    """One emission as the read model keeps it: what lists show, and by which keys it is found."""

    emission: Mapping[str, Any]
    keys: Sequence[str]
    open: bool
    revocations: Sequence[Revocation]
    before: Before | None = None
    """Where it is known: spares the look at what is kept."""


@dataclass(frozen=True, slots=True)
class Before:
    """What a view held before the change that it shows; of a new emission ``version`` is 0."""

    version: int = 0
    keys: Sequence[str] = ()
    revocations: Sequence[Revocation] = ()


class Views(Protocol):
    """The read model. It may be lost and made again from the events."""

    def save(self, view: View) -> None:
        """Keep a view unless a later version of it is kept already."""

    def find(self, wanted: ListFilter) -> list[dict[str, Any]]:
        """Emissions, newest first."""

    def emission_by_key(self, key: str) -> str | None:
        """The emission of a link's, session's or message's key."""

    def certified(self, person_id: str, now: datetime) -> dict[str, Any] | None:
        """The person's emission whose certificate is in force."""

    def overdue(self, now: datetime, limit: int) -> list[str]:
        """Emissions whose deadline has passed."""

    def to_preserve(self, now: datetime, limit: int) -> list[str]:
        """Emissions whose signed term is to get its (next) long-term form."""

    def to_notice(self, now: datetime, ending_by: datetime, limit: int) -> list[str]:
        """Emissions whose certificate is valid and ends by then, of which a notice is due; the first to end first."""

    def awaiting(self, before: datetime, office_id: str | None, limit: int) -> list[dict[str, Any]]:
        """Emissions that wait for something since before then (``awaited_since``), the longest first."""

    def revocations(self) -> list[Revocation]:
        """All serials that the list names: those revoked, and those withheld (``certificate_hold``, since they were issued)."""

    def revocations_mark(self) -> str:
        """Another one whenever :meth:`revocations` would find others; asked for at each request, so it is found quickly."""

    def certificate_status(self, serial: str) -> CertificateStatus | None:
        """What is known of a serial; None where it was never issued."""

    def emission_by_serial(self, serial: str) -> str | None:
        """The emission of a serial, also of one that was revoked before another was issued."""

    def next_sequence(self, office_id: str, day: date) -> int:
        """The next number of an office's day, never given before."""

    def reserve(
        self, person_id: str, office_id: str, emission_id: str, now: datetime, instead_of: str | None = None
    ) -> Reservation:
        """Reserve the one open emission of a person in an office; answers who holds it. ``instead_of``: whose may be replaced."""

    def release(self, person_id: str, office_id: str, emission_id: str) -> None:
        """Give a reservation back."""

    def valid_of(self, person_id: str) -> list[dict[str, Any]]:
        """The person's emissions, of whichever office, whose certificate was released and not revoked."""

    def position(self, follower: str = "views") -> int:
        """Up to which position of the events the views, or another follower, have followed."""

    def save_position(self, position: int, follower: str = "views") -> None:
        """Remember it."""

    def clear(self) -> None:
        """Forget all views, to be made anew from the events."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Who holds a person's one open emission, since when."""

    emission_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose certificate: what the registration says of the holder."""

    name: str
    cpf: str
    birth_date: date
    email: str | None = None
    identity_number: str | None = None  # of the RG only
    identity_issuer: str | None = None
    identity_state: str | None = None


@dataclass(frozen=True, slots=True)
class ValidationMaterial:
    """What a document keeps so that its signatures can be verified later without asking (all DER).

    ``certificates``: issuing authority, root, status responder, time-stamping service. ``ocsps``: fresh responses about
    the holder's certificate and the time-stamping service's. ``crls``: the root's list; none where the authority has none.
    """

    certificates: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]
    crls: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class AuthorityCertificate:
    """One of the authority's own, in use. ``key``: root, issuing, timestamping or ocsp; ``signed_by``: whose key made it.

    ``signer_sha256``: of that key's certificate. ``generation``: of the issuing authority; the root's is 1.
    """

    key: str
    signed_by: str
    signer_sha256: str
    serial: str  # lower-case hexadecimal
    sha256: str
    not_before: datetime
    not_after: datetime
    generation: int = 1


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What a revocation list (DER) says of itself, with the SHA-256 of the whole and of its signer's certificate.

    ``year``: of the issue of the certificates that it is about; None: of all.
    """

    certificate_sha256: str
    number: int
    entries: int
    sha256: str
    this_update: datetime
    next_update: datetime
    year: int | None = None


class Authority(Protocol):
    """The certification authority."""

    def own_certificates(self) -> tuple[AuthorityCertificate, ...]:
        """The authority's own certificates that are in use: the root's first, of several for one use the present one first."""

    def root_list_facts(self) -> ListFacts | None:
        """What the root's revocation list says of itself; None where there is none."""

    def read_request(self, request: bytes, nonce: str) -> bytes:
        """The public key (DER SubjectPublicKeyInfo) of a DER PKCS#10; raises :class:`contracts.errors.RefusedSubmission`."""

    def new_serial(self) -> str:
        """An unpredictable serial, lower-case hexadecimal."""

    def issue(self, intent: Intent, subject: Subject) -> bytes:
        """The certificate (DER) of an intent: the same one each time, or with another signature where a token makes it."""

    def issuer(self) -> str:
        """The issuing authority's name (RFC 4514): of the generation that issues now."""

    def generation(self, number: int) -> Authority | None:
        """One generation of the issuing authority by itself, from 1 on; None where there is no such."""

    def that_issued(self, certificate: bytes) -> Authority:
        """The generation that issued a certificate (DER); raises :class:`contracts.errors.InternalFault` for one of none."""

    def signature_stands(self, certificate: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the certificate's key made this ECDSA signature with SHA-256."""

    def root_pem(self) -> str:
        """The root's certificate."""

    def issuing_pem(self) -> str:
        """The issuing authority's certificate: of the generation that issues now."""

    def issuing_pems(self) -> tuple[str, ...]:
        """The issuing certificates of all generations, the first first."""

    def root_list(self) -> bytes | None:
        """The root's revocation list (DER); None where the authority is from before there was one."""

    def validation_material(
        self, certificate: bytes, find: Callable[[str], CertificateStatus | None], now: datetime
    ) -> ValidationMaterial:
        """For a document signed with a holder's certificate (DER); ``find`` tells what is known of a serial.

        Raises :class:`contracts.errors.InternalFault` for a certificate that is not ours, or not released.
        """

    def revocation_list(
        self,
        mark: str,
        find: Callable[[], Sequence[Revocation]],
        now: datetime,
        record: Callable[[ListFacts], None],
        year: int | None = None,
    ) -> tuple[bytes, datetime]:
        """The list (DER, RFC 5280 section 5) and when the next is due. ``mark`` and ``find``: as of :class:`Views`.

        ``year``: the list of the certificates issued in it alone; raises :class:`contracts.errors.NotFound` for one without any.

        ``record`` is called with each list that was signed, before anybody gets it; where it raises, nobody does.
        """

    def answer_ocsp(
        self, request: bytes, find: Callable[[str], CertificateStatus | None], now: datetime
    ) -> tuple[bytes, datetime | None]:
        """The response (DER, RFC 6960) to a request (DER), and until when it may be kept; None where there is no answer.

        ``find`` tells what is known of a serial (lower-case hexadecimal).
        """


@dataclass(frozen=True, slots=True)
class PreparedTerm:
    """A term with an empty place for the signature, and the attributes that the holder signs (RFC 5652, 11)."""

    document: bytes
    digest: str  # hexadecimal SHA-256 over the byte range
    reserved_start: int
    reserved_end: int
    signed_attributes: bytes


@dataclass(frozen=True, slots=True)
class LastStamp:
    """A document's last time stamp, and from when on it should get another."""

    stamped_at: datetime
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp that was signed: the token's serial number, what it is about (both hexadecimal), and when."""

    serial: str
    digest_algorithm: str
    digest: str
    stamped_at: datetime


@dataclass(frozen=True, slots=True)
class Stamped:
    """A document, and every time stamp that was signed while it was made.

    ``earlier``: those for documents whose making failed, which came to nobody and are to be recorded all the same.
    """

    document: bytes
    stamps: tuple[Stamp, ...]
    earlier: tuple[Stamp, ...] = ()


class TermMaker(Protocol):
    """Makes the term of ownership as PDF, in two steps around the holder's signature."""

    def prepare(self, contents: Mapping[str, Any], certificate: bytes) -> PreparedTerm:
        """Render and make ready; ``contents`` is :func:`services.certification.application.term_contents.contents_of`."""

    def complete(self, prepared: PreparedTerm, signature: bytes, certificate: bytes) -> Stamped:
        """The document with the holder's signature (DER ECDSA-Sig-Value) and a time stamp in its reserved place."""

    def stamped_at(self, prepared: PreparedTerm, document: bytes) -> datetime:
        """The time stamp's moment, of a document that :meth:`complete` has made."""

    def preserve(self, document: bytes, number: int, material: ValidationMaterial) -> Stamped:
        """The signed document with what validates it, and a time stamp over all: PAdES B-LTA. Its own bytes stay as they are."""

    def last_stamp(self, document: bytes) -> LastStamp:
        """Of a document that :meth:`preserve` has made."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All of it, put together by the composition root."""

    events: EventStore
    views: Views
    registrations: Registrations
    authority: Authority
    terms: TermMaker
    objects: ObjectStore
    clock: Clock
    secrets: Secrets
    policy: Policy
    patience: Patience
    public_url: str
    time_zone: tzinfo
    uses: Uses
    answers: AnswerTotals = field(default_factory=AnswerTotals)

    def link_of(self, invitation_id: str) -> str:
        """The address that an invitation opens; the token stands in the fragment, which no server sees."""
        return f"{self.public_url}/certificado/#{self.secrets.link_token(invitation_id)}"
