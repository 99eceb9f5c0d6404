"""Questions and answers about emissions: what clerks, auditors and other services ask."""

from marshmallow import fields, validate

from contracts.certification.vocabulary import (
    AWAITED,
    CHANNELS,
    CONFERENCE_STATES,
    CONTACT_PROOFS,
    CONTACT_STATES,
    MODES,
    REVOCATION_REASONS,
    STATES,
    VIDEO_STATES,
)
from contracts.operation import Request, Shape
from contracts.registry import StoredObject


class Invitation(Shape):
    invitation_id = fields.String(required=True)
    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    sent_at = fields.DateTime(required=True)
    expires_at = fields.DateTime(required=True)
    delivery = fields.String(required=True)  # queued, delivered, failed
    delivery_reason = fields.String(allow_none=True)
    locked = fields.Boolean(required=True)


class Certificate(Shape):
    """``status``: withheld, valid, revoked or expired."""

    serial = fields.String(required=True)  # lower-case hexadecimal
    sha256 = fields.String(required=True)
    not_before = fields.DateTime(required=True)
    not_after = fields.DateTime(required=True)
    status = fields.String(required=True)
    revoked_at = fields.DateTime(allow_none=True)
    revocation_reason = fields.String(allow_none=True)
    revoked_by_holder = fields.Boolean(load_default=False)  # by a signature of the certificate's key


class Emission(Shape):
    """One emission as lists and pages show it; no personal data but masked forms."""

    emission_id = fields.String(required=True)
    protocol = fields.String(required=True)
    version = fields.Integer(required=True)
    state = fields.String(validate=validate.OneOf(STATES), required=True)
    mode = fields.String(validate=validate.OneOf(MODES), required=True)
    person_id = fields.String(required=True)
    registration_id = fields.String(required=True)
    registration_version = fields.Integer(required=True)
    registration_sha256 = fields.String(required=True)
    office_id = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    clerk_id = fields.String(required=True)
    clerk_name = fields.String(required=True)
    holder_masked = fields.String(required=True)
    cpf_masked = fields.String(required=True)
    conference_id = fields.String(allow_none=True)
    conference = fields.String(validate=validate.OneOf(CONFERENCE_STATES), required=True)
    video = fields.String(validate=validate.OneOf(VIDEO_STATES), required=True)
    video_sha256 = fields.String(allow_none=True)
    invitation = fields.Nested(Invitation, allow_none=True)
    certificate = fields.Nested(Certificate, allow_none=True)
    term_sha256 = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)  # of a refusal, inconclusive end, cancellation
    allowed = fields.List(fields.String(), required=True)  # commands possible now
    started_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    deadline = fields.DateTime(allow_none=True)  # when the present state ends by itself


class StartEmissionRequest(Request):
    registration_id = fields.String(required=True)
    mode = fields.String(validate=validate.OneOf(MODES), required=True)


class EmissionRequest(Request):
    emission_id = fields.String(required=True)


class AttestIdentificationRequest(Request):
    """The clerk attests identity, capacity and free will (art. 286); all three must be true."""

    emission_id = fields.String(required=True)
    identity = fields.Boolean(required=True)
    capacity = fields.Boolean(required=True)
    free_will = fields.Boolean(required=True)


class ConfirmDataRequest(Request):
    """``registration_version`` is what the clerk saw; the certificate will be made of it."""

    emission_id = fields.String(required=True)
    registration_version = fields.Integer(required=True)


class InviteHolderRequest(Request):
    emission_id = fields.String(required=True)
    channel = fields.String(validate=validate.OneOf(("email", "sms")), required=True)


class Contact(Shape):
    """What is known of the registration's present address of one channel.

    ``state``: missing (none is registered), unverified (also where it was changed since), sent (a code is under way), locked (too
    many wrong codes: have another one sent), verified (``proof``: by the code, or by voice).
    """

    channel = fields.String(validate=validate.OneOf(CHANNELS), required=True)
    state = fields.String(validate=validate.OneOf(CONTACT_STATES), required=True)
    address_masked = fields.String(allow_none=True)
    proof = fields.String(validate=validate.OneOf(CONTACT_PROOFS), allow_none=True)
    verified_at = fields.DateTime(allow_none=True)
    expires_at = fields.DateTime(allow_none=True)
    tries_left = fields.Integer(allow_none=True)
    sends_left = fields.Integer(required=True)
    delivery = fields.String(allow_none=True)  # of the code: queued, delivered, failed


class ContactsReply(Shape):
    """One per channel."""

    contacts = fields.List(fields.Nested(Contact), required=True)


class ContactRequest(Request):
    emission_id = fields.String(required=True)
    channel = fields.String(validate=validate.OneOf(CHANNELS), required=True)


class VerifyContactRequest(ContactRequest):
    """``code``: what the person read out; null: the person confirmed the address by voice."""

    code = fields.String(validate=validate.Length(min=1, max=20), allow_none=True, load_default=None)


class ReasonRequest(Request):
    emission_id = fields.String(required=True)
    reason = fields.String(validate=validate.Length(min=3, max=500), required=True)


class RevokeRequest(Request):
    emission_id = fields.String(required=True)
    reason = fields.String(validate=validate.OneOf(REVOCATION_REASONS), required=True)


class ListEmissionsRequest(Request):
    """Newest first. A clerk sees the own office's only; ``before`` is the ``started_at`` of the last row of the page before.

    ``ending_by``: only those whose certificate is valid now and ends by then, the first to end first.
    """

    office_id = fields.String(allow_none=True, load_default=None)
    person_id = fields.String(allow_none=True, load_default=None)
    protocol = fields.String(allow_none=True, load_default=None)
    state = fields.String(allow_none=True, load_default=None)
    ending_by = fields.DateTime(allow_none=True, load_default=None)
    before = fields.DateTime(allow_none=True, load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class EmissionsReply(Shape):
    emissions = fields.List(fields.Nested(Emission), required=True)


class StuckRequest(Request):
    """A clerk sees the own office's only."""

    office_id = fields.String(allow_none=True, load_default=None)
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=500))


class Wait(Shape):
    """``what``: a key of ``AWAITED``. ``since``: from when on it was awaited, or when it is due; ``limit_at``: stuck since."""

    what = fields.String(validate=validate.OneOf(tuple(AWAITED)), required=True)
    event = fields.String(required=True)  # the event that would end the wait
    source = fields.String(required=True)  # the service that says it
    since = fields.DateTime(required=True)
    limit_at = fields.DateTime(required=True)


class StuckEmission(Shape):
    """An emission that has been in its state for longer than that may take, and all that it waits for."""

    emission_id = fields.String(required=True)
    protocol = fields.String(required=True)
    office_id = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    holder_masked = fields.String(required=True)
    state = fields.String(validate=validate.OneOf(STATES), required=True)
    waits = fields.List(fields.Nested(Wait), required=True)


class StuckReply(Shape):
    """Those that wait longest first."""

    emissions = fields.List(fields.Nested(StuckEmission), required=True)
    checked_at = fields.DateTime(required=True)


class PersonCertificateRequest(Request):
    person_id = fields.String(required=True)


class PersonCertificateReply(Shape):
    """The badge: whether the person has a certificate in force, from which emission."""

    valid = fields.Boolean(required=True)
    emission_id = fields.String(allow_none=True)
    not_after = fields.DateTime(allow_none=True)


class HistoryRequest(Request):
    """``up_to`` null: the whole history; otherwise the state after that version."""

    emission_id = fields.String(required=True)
    up_to = fields.Integer(allow_none=True, load_default=None)


class HistoryEntry(Shape):
    """One event as stored. ``hash`` covers the entry's content and ``previous_hash`` (SHA-256, hexadecimal)."""

    version = fields.Integer(required=True)
    type = fields.String(required=True)
    time = fields.DateTime(required=True)
    actor = fields.Dict(required=True)
    command_id = fields.String(allow_none=True)
    cause = fields.String(allow_none=True)
    data = fields.Dict(required=True)
    previous_hash = fields.String(required=True)
    hash = fields.String(required=True)


class HistoryReply(Shape):
    """``intact`` is the result of recomputing the hash chain on this read; ``broken_at`` the first version that fails."""

    emission_id = fields.String(required=True)
    entries = fields.List(fields.Nested(HistoryEntry), required=True)
    state = fields.Nested(Emission, required=True)
    intact = fields.Boolean(required=True)
    broken_at = fields.Integer(allow_none=True)


class DocumentRequest(Request):
    emission_id = fields.String(required=True)
    kind = fields.String(validate=validate.OneOf(("term", "certificate", "chain")), required=True)


class DocumentReply(Shape):
    """``object`` for the term's PDF; ``text`` (PEM) for certificate and chain."""

    kind = fields.String(required=True)
    filename = fields.String(required=True)
    object = fields.Nested(StoredObject, allow_none=True)
    text = fields.String(allow_none=True)


class SpokenWordsReply(Shape):
    """Two words that the clerk tells the holder; null once nobody asks for them any more."""

    words = fields.String(allow_none=True)


class ShownLinkReply(Shape):
    """The link that was sent last; null where a newer one has replaced it meanwhile."""

    link = fields.String(allow_none=True)
    expires_at = fields.DateTime(allow_none=True)


class OutgoingMessageRequest(Request):
    message_id = fields.String(required=True)


class OutgoingMessage(Shape):
    """What notify must send, asked for by id so that no event carries an address or a secret."""

    message_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    purpose = fields.String(validate=validate.OneOf(("invitation", "code", "contact", "renewal")), required=True)
    channel = fields.String(required=True)
    address = fields.String(required=True)
    address_masked = fields.String(required=True)
    holder_name = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    link = fields.String(allow_none=True)  # invitation
    code = fields.String(allow_none=True)  # code, contact
    expires_at = fields.DateTime(required=True)  # renewal: when the certificate ends
