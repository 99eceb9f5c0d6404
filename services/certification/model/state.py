"""What is known of one emission, as frozen values. Only :mod:`.evolve` makes new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BEFORE_ISSUE = frozenset({"started", "identified", "confirmed", "dispatched", "verified"})
OPEN = BEFORE_ISSUE | {"issued"}
CLOSED = frozenset({"refused", "cancelled", "expired", "revoked"})


@dataclass(frozen=True, slots=True)
class Decided:
    """An event that a decision wants recorded."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event of the history."""

    version: int
    name: str
    time: datetime
    data: Mapping[str, Any]
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of a conference. ``video``: none (still recording), processing, done or failed, each since a time."""

    recording_id: str
    conference_id: str
    video_since: datetime
    video: str = "none"
    playable_sha256: str | None = None
    original_sha256: str | None = None
    seal_head: str | None = None


@dataclass(frozen=True, slots=True)
class Conference:
    """The facts known of one conference; they may become known in any order. ``seen_at``: the earliest of them."""

    conference_id: str
    seen_at: datetime
    started: bool = False
    ended: bool = False
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """The code last sent to the holder."""

    code_id: str
    channel: str
    address_masked: str
    expires_at: datetime
    sends_left: int


@dataclass(frozen=True, slots=True)
class Contact:
    """One channel's address and how far it is verified; ``address_mac`` tells whether it is still the registration's.

    ``code_id`` with ``expires_at`` and ``tries_left``: of the code last sent; ``proof``: code or voice, once verified.
    """

    channel: str
    address_masked: str
    address_mac: str
    sends_left: int
    code_id: str | None = None
    expires_at: datetime | None = None
    tries_left: int = 0
    delivery: str | None = None
    proof: str | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """The link last sent to the holder, and how the answers to it went."""

    invitation_id: str
    channel: str
    address_masked: str
    link_sha256: str
    sent_at: datetime
    expires_at: datetime
    data_tries_left: int
    code_tries_left: int
    delivery: str = "queued"
    delivery_reason: str | None = None
    matched: bool = False
    claimed: bool = False
    locked: bool = False
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """The one sitting of the holder who proved to be it."""

    invitation_id: str
    session_sha256: str
    nonce: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Intent:
    """A certificate about to be signed; signing the same intent again gives the same certificate."""

    serial: str
    public_key_sha256: str
    public_key: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Certificate:
    """``status``: withheld until the term is signed, then valid; or revoked."""

    serial: str
    sha256: str
    public_key_sha256: str
    not_before: datetime
    not_after: datetime
    status: str
    session_sha256: str | None
    sign_by: datetime | None = None
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    revoked_by_holder: bool = False
    released_at: datetime | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Preserved:
    """The latest long-term form of a signed term; the ``number``-th, to be time-stamped again from ``renew_at`` on."""

    number: int
    term_sha256: str
    size: int
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class Term:
    """The prepared term of a certificate and, once signed, the signed one."""

    serial: str
    document_sha256: str
    document_digest: str
    term_sha256: str | None = None
    size: int | None = None
    signed_at: datetime | None = None
    preserved: Preserved | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """That the certificate ends in so many ``days`` was told to the holder; without an id where nobody could be told."""

    days: int
    notice_id: str | None = None
    channel: str | None = None
    address_masked: str | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """A serial that the revocation list must name.

    ``year``: in which its certificate was issued (UTC); None: not known. ``issuer``: whose; None where nothing was signed, or it
    is not known.
    """

    serial: str
    at: datetime
    reason: str
    year: int | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What is known of an issued serial. ``status``: withheld or revoked (both ``since`` a time), or valid.

    ``issuer``: whose it is; None where that is not known.
    """

    status: str
    since: datetime | None = None
    reason: str | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class EmissionState:
    """One emission after its latest event."""

    emission_id: str
    office_id: str
    protocol: str
    mode: str
    person_id: str
    registration_id: str
    registration_version: int
    registration_sha256: str
    office_name: str | None
    clerk_id: str
    clerk_name: str
    holder_masked: str
    cpf_masked: str
    started_at: datetime
    updated_at: datetime
    due: datetime
    state_since: datetime
    version: int = 1
    state: str = "started"
    conferences: tuple[Conference, ...] = ()
    past_conferences: frozenset[str] = frozenset()
    recordings: tuple[Recording, ...] = ()
    invitation: Invitation | None = None
    contacts: tuple[Contact, ...] = ()
    session: Session | None = None
    intent: Intent | None = None
    certificate: Certificate | None = None
    term: Term | None = None
    revocations: tuple[Revocation, ...] = ()
    notices: tuple[Notice, ...] = ()  # that the certificate ends soon
    replaces: tuple[str, ...] = ()  # serials of the person's older certificates
    keys: tuple[str, ...] = ()  # by which the emission can be found: messages, hashes of links and sessions
    renewals: int = 0  # links that the holder had sent since the office's last
    refused_submissions: int = 0
    reason: str | None = None
    causes: frozenset[str] = field(default_factory=frozenset)

    def contact(self, channel: str) -> Contact | None:
        """What is known of a channel's address."""
        return next((known for known in self.contacts if known.channel == channel), None)

    @property
    def conference(self) -> Conference | None:
        """The present conference: the latest that is not of an earlier attempt."""
        candidates = [known for known in self.conferences if known.conference_id not in self.past_conferences]
        return max(candidates, key=lambda known: known.seen_at, default=None)

    @property
    def own_recordings(self) -> tuple[Recording, ...]:
        """The recordings of the present conference."""
        present = self.conference.conference_id if self.conference else None
        return tuple(recording for recording in self.recordings if recording.conference_id == present)

    @property
    def conference_state(self) -> str:
        """One of none, open, started, recording, recorded, ended."""
        if self.conference is None:
            return "none"
        if self.conference.ended:
            return "ended"
        own = self.own_recordings
        if any(recording.video == "none" for recording in own):
            return "recording"
        if own:
            return "recorded"
        return "started" if self.conference.started else "open"

    @property
    def video_state(self) -> str:
        """One of none, processing, done, failed: the least finished of all recordings."""
        states = {"processing" if recording.video == "none" else recording.video for recording in self.own_recordings}
        return next((state for state in ("processing", "failed", "done") if state in states), "none")

    @property
    def video_sha256(self) -> str | None:
        """The hash of the latest playable video of the present conference."""
        hashes = [recording.playable_sha256 for recording in self.own_recordings if recording.playable_sha256]
        return hashes[-1] if hashes else None

    @property
    def seal_head(self) -> str | None:
        """The head of the latest recording's seal, of those that are finished."""
        heads = [recording.seal_head for recording in self.own_recordings if recording.seal_head]
        return heads[-1] if heads else None

    @property
    def identifiable(self) -> bool:
        """Whether the clerk can attest who it is: at the counter, or after a conference of which something was recorded."""
        if self.mode == "in_person":
            return True
        return self.conference is not None and self.conference.ended and bool(self.own_recordings)

    @property
    def deadline(self) -> datetime | None:
        """When the present state ends by itself; None where it does not."""
        if self.state in BEFORE_ISSUE or self.state == "inconclusive":
            return self.due
        if self.state == "issued" and self.certificate:
            return self.certificate.sign_by or self.due
        return None

    @property
    def preserve_at(self) -> datetime | None:
        """From when on the signed term is to get its (next) long-term form; None where no term was signed."""
        if self.term is None or self.term.term_sha256 is None:
            return None
        return self.term.preserved.renew_at if self.term.preserved else self.term.signed_at

    @property
    def open(self) -> bool:
        """Whether the emission is still on its way to a certificate."""
        return self.state in OPEN
