"""Certification: the emission, the holder's phone, the authority, the term and the history."""

from marshmallow import fields, validate

from contracts.operation import Request, Shape, command, event, query
from contracts.registry import StoredObject

SERVICE = "certification"
MODES = ("remote", "in_person")
STATES = (
    "started",  # waiting for the conference, or for the person at the counter
    "identified",  # the clerk attests who it is (seed step 21)
    "confirmed",  # the data are confirmed (seed step 22)
    "dispatched",  # the holder is invited (seed step 23)
    "verified",  # the holder proved to be it, on the phone
    "issued",  # certificate issued and withheld until the term is signed
    "completed",  # term signed, certificate released (seed step 24)
    "refused",
    "inconclusive",
    "cancelled",
    "expired",
    "revoked",
)
VIDEO_STATES = ("none", "processing", "done", "failed")
CONFERENCE_STATES = ("none", "open", "started", "recording", "recorded", "ended")
REVOCATION_REASONS = ("key_compromise", "superseded", "cessation_of_operation", "privilege_withdrawn", "unspecified")
CLERKS = "clerk administrator"
READERS = "clerk auditor administrator operator system"


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


class ReasonRequest(Request):
    emission_id = fields.String(required=True)
    reason = fields.String(validate=validate.Length(min=3, max=500), required=True)


class RevokeRequest(Request):
    emission_id = fields.String(required=True)
    reason = fields.String(validate=validate.OneOf(REVOCATION_REASONS), required=True)


class ListEmissionsRequest(Request):
    """Newest first. A clerk sees the own office's only; ``before`` is the ``started_at`` of the last row of the page before."""

    office_id = fields.String(allow_none=True, load_default=None)
    person_id = fields.String(allow_none=True, load_default=None)
    protocol = fields.String(allow_none=True, load_default=None)
    state = fields.String(allow_none=True, load_default=None)
    before = fields.DateTime(allow_none=True, load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class EmissionsReply(Shape):
    emissions = fields.List(fields.Nested(Emission), required=True)


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


class OutgoingMessageRequest(Request):
    message_id = fields.String(required=True)


class OutgoingMessage(Shape):
    """What notify must send, asked for by id so that no event carries an address or a secret."""

    message_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    purpose = fields.String(validate=validate.OneOf(("invitation", "code")), required=True)
    channel = fields.String(required=True)
    address = fields.String(required=True)
    address_masked = fields.String(required=True)
    holder_name = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    link = fields.String(allow_none=True)  # invitation
    code = fields.String(allow_none=True)  # code
    expires_at = fields.DateTime(required=True)


class HolderLinkRequest(Request):
    token = fields.String(required=True)


class HolderLinkReply(Shape):
    """What the phone's page may know from the link alone. ``step``: data, code, request, sign, done."""

    step = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    tries_left = fields.Integer(required=True)
    expires_at = fields.DateTime(required=True)


class HolderDataRequest(Request):
    token = fields.String(required=True)
    cpf = fields.String(required=True)
    birth_date = fields.Date(required=True)


class HolderCodeReply(Shape):
    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    sends_left = fields.Integer(required=True)


class HolderCodeRequest(Request):
    token = fields.String(required=True)
    code = fields.String(required=True)


class HolderSessionReply(Shape):
    """``holder_session`` authorises the next steps; ``nonce`` must be the request's challengePassword (RFC 2985, 5.4.1)."""

    holder_session = fields.String(required=True)
    nonce = fields.String(required=True)
    step = fields.String(required=True)
    emission_id = fields.String(required=True)
    holder_name = fields.String(required=True)


class HolderSessionRequest(Request):
    holder_session = fields.String(required=True)


class CertificateRequest(Request):
    """``csr`` is base64 of a DER PKCS#10 (RFC 2986)."""

    holder_session = fields.String(required=True)
    csr = fields.String(required=True, validate=validate.Length(max=8192))


class TermToSign(Shape):
    """The prepared term: the phone recomputes the digest over the byte range, then signs ``signed_attributes``."""

    emission_id = fields.String(required=True)
    step = fields.String(required=True)
    document = fields.String(required=True)  # base64 PDF with the signature's place still empty
    reserved_start = fields.Integer(required=True)  # the signature's bytes, not covered by the digest
    reserved_end = fields.Integer(required=True)
    signed_attributes = fields.String(required=True)  # base64 DER (RFC 5652, 11)
    certificate_serial = fields.String(required=True)
    certificate_not_after = fields.DateTime(required=True)


class SignTermRequest(Request):
    """``signature`` is base64 of a DER ECDSA-Sig-Value over ``signed_attributes``."""

    holder_session = fields.String(required=True)
    signature = fields.String(required=True, validate=validate.Length(max=512))


class HolderDoneReply(Shape):
    emission_id = fields.String(required=True)
    step = fields.String(required=True)
    protocol = fields.String(required=True)
    certificate_pem = fields.String(required=True)
    not_after = fields.DateTime(required=True)
    term = fields.Nested(StoredObject, required=True)


class EmptyRequest(Request):
    pass


class AuthorityReply(Shape):
    root_pem = fields.String(required=True)
    issuing_pem = fields.String(required=True)


class RevocationListReply(Shape):
    crl = fields.String(required=True)  # base64 DER
    next_update = fields.DateTime(required=True)


class OcspRequest(Request):
    """``request`` is base64 (at most 4 kB, so 3 kB of DER) of an OCSPRequest (RFC 6960, 4.1)."""

    request = fields.String(required=True, validate=validate.Length(max=4096))


class OcspReply(Shape):
    """``response`` is base64 of a DER OCSPResponse; ``next_update`` is null where it says why there is no answer."""

    response = fields.String(required=True)
    next_update = fields.DateTime(allow_none=True)


START_EMISSION = command(SERVICE, "start_emission", StartEmissionRequest, Emission, CLERKS)
ATTEST_IDENTIFICATION = command(SERVICE, "attest_identification", AttestIdentificationRequest, Emission, CLERKS)
CONFIRM_DATA = command(SERVICE, "confirm_data", ConfirmDataRequest, Emission, CLERKS)
INVITE_HOLDER = command(SERVICE, "invite_holder", InviteHolderRequest, Emission, CLERKS)
REFUSE_EMISSION = command(SERVICE, "refuse_emission", ReasonRequest, Emission, CLERKS)
MARK_INCONCLUSIVE = command(SERVICE, "mark_inconclusive", ReasonRequest, Emission, CLERKS)
RETRY_IDENTIFICATION = command(SERVICE, "retry_identification", EmissionRequest, Emission, CLERKS)
CANCEL_EMISSION = command(SERVICE, "cancel_emission", ReasonRequest, Emission, CLERKS)
REVOKE_CERTIFICATE = command(SERVICE, "revoke_certificate", RevokeRequest, Emission, CLERKS)
GET_EMISSION = query(SERVICE, "get_emission", EmissionRequest, Emission, READERS)
LIST_EMISSIONS = query(SERVICE, "list_emissions", ListEmissionsRequest, EmissionsReply, READERS)
GET_PERSON_CERTIFICATE = query(SERVICE, "get_person_certificate", PersonCertificateRequest, PersonCertificateReply, READERS)
GET_HISTORY = query(SERVICE, "get_history", HistoryRequest, HistoryReply, READERS)
GET_DOCUMENT = query(SERVICE, "get_document", DocumentRequest, DocumentReply, READERS)
GET_OUTGOING_MESSAGE = query(SERVICE, "get_outgoing_message", OutgoingMessageRequest, OutgoingMessage, "system")
GET_HOLDER_LINK = query(SERVICE, "get_holder_link", HolderLinkRequest, HolderLinkReply, "holder")
VERIFY_HOLDER_DATA = command(SERVICE, "verify_holder_data", HolderDataRequest, HolderCodeReply, "holder")
RESEND_CODE = command(SERVICE, "resend_code", HolderLinkRequest, HolderCodeReply, "holder")
VERIFY_HOLDER_CODE = command(SERVICE, "verify_holder_code", HolderCodeRequest, HolderSessionReply, "holder")
GET_HOLDER_SESSION = query(SERVICE, "get_holder_session", HolderSessionRequest, HolderSessionReply, "holder")
REQUEST_CERTIFICATE = command(SERVICE, "request_certificate", CertificateRequest, TermToSign, "holder")
GET_TERM_TO_SIGN = query(SERVICE, "get_term_to_sign", HolderSessionRequest, TermToSign, "holder")
SIGN_TERM = command(SERVICE, "sign_term", SignTermRequest, HolderDoneReply, "holder")
GET_HOLDER_RESULT = query(SERVICE, "get_holder_result", HolderSessionRequest, HolderDoneReply, "holder")
GET_AUTHORITY = query(SERVICE, "get_authority", EmptyRequest, AuthorityReply, READERS + " holder")
GET_REVOCATION_LIST = query(SERVICE, "get_revocation_list", EmptyRequest, RevocationListReply, READERS + " holder")
ANSWER_OCSP = query(SERVICE, "answer_ocsp", OcspRequest, OcspReply, READERS + " holder")


class EmissionData(Shape):
    """Every certification event says which emission of which office."""

    emission_id = fields.String(required=True)
    office_id = fields.String(required=True)


class EmissionStartedData(EmissionData):
    protocol = fields.String(required=True)
    mode = fields.String(required=True)
    person_id = fields.String(required=True)
    registration_id = fields.String(required=True)
    registration_version = fields.Integer(required=True)
    registration_sha256 = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    clerk_id = fields.String(required=True)
    clerk_name = fields.String(required=True)
    holder_masked = fields.String(required=True)
    cpf_masked = fields.String(required=True)
    deadline = fields.DateTime(required=True)


class NotedConferenceData(EmissionData):
    """A fact of the conference, noted in the emission's history."""

    conference_id = fields.String(required=True)
    recording_id = fields.String(allow_none=True)
    at = fields.DateTime(required=True)
    reason = fields.String(allow_none=True)


class NotedVideoData(EmissionData):
    recording_id = fields.String(required=True)
    conference_id = fields.String(required=True)
    playable_sha256 = fields.String(allow_none=True)
    original_sha256 = fields.String(allow_none=True)
    duration_seconds = fields.Float(allow_none=True)
    reason = fields.String(allow_none=True)


class IdentificationAttestedData(EmissionData):
    identity = fields.Boolean(required=True)
    capacity = fields.Boolean(required=True)
    free_will = fields.Boolean(required=True)


class DataConfirmedData(EmissionData):
    registration_version = fields.Integer(required=True)
    registration_sha256 = fields.String(required=True)


class HolderInvitedData(EmissionData):
    """``link_sha256`` is the hash of the link's token; the token itself is in no event."""

    invitation_id = fields.String(required=True)
    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    link_sha256 = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class NotedDeliveryData(EmissionData):
    message_id = fields.String(required=True)
    delivered = fields.Boolean(required=True)
    reason = fields.String(allow_none=True)


class HolderAnswerData(EmissionData):
    invitation_id = fields.String(required=True)
    tries_left = fields.Integer(required=True)


class CodeSentData(EmissionData):
    invitation_id = fields.String(required=True)
    code_id = fields.String(required=True)
    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    sends_left = fields.Integer(required=True)


class InvitationLockedData(EmissionData):
    invitation_id = fields.String(required=True)
    reason = fields.String(required=True)


class HolderVerifiedData(EmissionData):
    invitation_id = fields.String(required=True)
    session_sha256 = fields.String(required=True)
    nonce = fields.String(required=True)
    expires_at = fields.DateTime(allow_none=True)  # when the session ends by itself


class SubmissionRefusedData(EmissionData):
    what = fields.String(required=True)  # certificate_request or term_signature
    reason = fields.String(required=True)


class IssuePreparedData(EmissionData):
    """The intent, stored before anything is signed."""

    serial = fields.String(required=True)
    public_key_sha256 = fields.String(required=True)
    public_key = fields.String(required=True)  # base64 SubjectPublicKeyInfo
    not_before = fields.DateTime(required=True)
    not_after = fields.DateTime(required=True)


class CertificateIssuedData(EmissionData):
    """Issued, and withheld until the term is signed."""

    serial = fields.String(required=True)
    sha256 = fields.String(required=True)
    public_key_sha256 = fields.String(required=True)
    issuer = fields.String(required=True)
    not_before = fields.DateTime(required=True)
    not_after = fields.DateTime(required=True)
    sign_by = fields.DateTime(allow_none=True)  # revoked if the term is not signed until then


class TermPreparedData(EmissionData):
    document_sha256 = fields.String(required=True)
    document_digest = fields.String(required=True)
    video_sha256 = fields.String(allow_none=True)
    conference_id = fields.String(allow_none=True)
    registration_sha256 = fields.String(required=True)
    registration_version = fields.Integer(required=True)


class TermSignedData(EmissionData):
    term_sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    serial = fields.String(required=True)
    timestamped_at = fields.DateTime(required=True)


class ReasonData(EmissionData):
    reason = fields.String(required=True)


class CertificateRevokedData(EmissionData):
    serial = fields.String(required=True)
    reason = fields.String(required=True)


EMISSION_STARTED = event(SERVICE, "EmissionStarted", EmissionStartedData)
CONFERENCE_OPENING_NOTED = event(SERVICE, "ConferenceOpeningNoted", NotedConferenceData)
CONFERENCE_START_NOTED = event(SERVICE, "ConferenceStartNoted", NotedConferenceData)
RECORDING_START_NOTED = event(SERVICE, "RecordingStartNoted", NotedConferenceData)
RECORDING_STOP_NOTED = event(SERVICE, "RecordingStopNoted", NotedConferenceData)
CONFERENCE_END_NOTED = event(SERVICE, "ConferenceEndNoted", NotedConferenceData)
VIDEO_NOTED = event(SERVICE, "VideoNoted", NotedVideoData)
VIDEO_FAILURE_NOTED = event(SERVICE, "VideoFailureNoted", NotedVideoData)
IDENTIFICATION_ATTESTED = event(SERVICE, "IdentificationAttested", IdentificationAttestedData)
IDENTIFICATION_RETRIED = event(SERVICE, "IdentificationRetried", EmissionData)
DATA_CONFIRMED = event(SERVICE, "DataConfirmed", DataConfirmedData)
HOLDER_INVITED = event(SERVICE, "HolderInvited", HolderInvitedData)
DELIVERY_NOTED = event(SERVICE, "DeliveryNoted", NotedDeliveryData)
HOLDER_DATA_MATCHED = event(SERVICE, "HolderDataMatched", HolderAnswerData)
HOLDER_DATA_MISMATCHED = event(SERVICE, "HolderDataMismatched", HolderAnswerData)
CODE_SENT = event(SERVICE, "CodeSent", CodeSentData)
CODE_MISMATCHED = event(SERVICE, "CodeMismatched", HolderAnswerData)
INVITATION_LOCKED = event(SERVICE, "InvitationLocked", InvitationLockedData)
HOLDER_VERIFIED = event(SERVICE, "HolderVerified", HolderVerifiedData)
SUBMISSION_REFUSED = event(SERVICE, "SubmissionRefused", SubmissionRefusedData)
ISSUE_PREPARED = event(SERVICE, "IssuePrepared", IssuePreparedData)
CERTIFICATE_ISSUED = event(SERVICE, "CertificateIssued", CertificateIssuedData)
TERM_PREPARED = event(SERVICE, "TermPrepared", TermPreparedData)
TERM_SIGNED = event(SERVICE, "TermSigned", TermSignedData)
EMISSION_COMPLETED = event(SERVICE, "EmissionCompleted", EmissionData)
EMISSION_REFUSED = event(SERVICE, "EmissionRefused", ReasonData)
EMISSION_INCONCLUSIVE = event(SERVICE, "EmissionInconclusive", ReasonData)
EMISSION_CANCELLED = event(SERVICE, "EmissionCancelled", ReasonData)
EMISSION_EXPIRED = event(SERVICE, "EmissionExpired", ReasonData)
CERTIFICATE_REVOKED = event(SERVICE, "CertificateRevoked", CertificateRevokedData)
