"""What certification says: the events of an emission."""

from marshmallow import fields

from contracts.certification.vocabulary import SERVICE
from contracts.media import Gap
from contracts.operation import Shape, event


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


class NotedChecklistData(NotedConferenceData):
    """An item of the checklist was ticked ``at`` that moment, or its tick was taken back."""

    item = fields.String(required=True)


class NotedDocumentPictureData(NotedConferenceData):
    """A picture of the identity document, taken in the room ``at`` that moment, is in the registration as that attachment.

    ``participant_id``: whose camera took it. ``size`` in bytes, ``width`` and ``height`` in pixels.
    """

    picture_id = fields.String(required=True)
    participant_id = fields.String(required=True)
    sha256 = fields.String(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    attachment_id = fields.String(required=True)


class NotedAbandonmentWarningData(NotedConferenceData):
    """The empty room closes by itself at ``closes_at``."""

    closes_at = fields.DateTime(required=True)


class NotedVideoData(EmissionData):
    recording_id = fields.String(required=True)
    conference_id = fields.String(required=True)
    playable_sha256 = fields.String(allow_none=True)
    original_sha256 = fields.String(allow_none=True)
    duration_seconds = fields.Float(allow_none=True)
    seal_head = fields.String(allow_none=True)
    gaps = fields.List(fields.Nested(Gap))
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
    by_holder = fields.Boolean(load_default=False)  # the holder had it sent, in place of one that had expired


class LinkShownData(EmissionData):
    """The link stood on the clerk's screen; the actor says on whose."""

    invitation_id = fields.String(required=True)


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


class ContactData(EmissionData):
    """``address_mac``: a keyed hash by which certification knows the address again; of no use to anybody else."""

    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    address_mac = fields.String(required=True)


class ContactCodeSentData(ContactData):
    """The person in the conference reads this code out, so that the clerk knows that the address is the person's."""

    code_id = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    sends_left = fields.Integer(required=True)


class ContactCodeMismatchedData(EmissionData):
    channel = fields.String(required=True)
    code_id = fields.String(required=True)
    tries_left = fields.Integer(required=True)


class ContactVerifiedData(ContactData):
    """``proof``: code or voice; ``code_id``: of the code that was read out."""

    proof = fields.String(required=True)
    code_id = fields.String(allow_none=True)


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
    seal_head = fields.String(allow_none=True)
    conference_id = fields.String(allow_none=True)
    clerk_id = fields.String()
    registration_sha256 = fields.String(required=True)
    registration_version = fields.Integer(required=True)


class TermSignedData(EmissionData):
    term_sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    serial = fields.String(required=True)
    timestamped_at = fields.DateTime(required=True)


class TermPreservedData(EmissionData):
    """The signed term got what proves it in the long run (PAdES B-LTA): the same bytes, and a time stamp over more after them."""

    document_sha256 = fields.String(required=True)
    term_sha256 = fields.String(required=True)
    size = fields.Integer(required=True)
    number = fields.Integer(required=True)
    timestamped_at = fields.DateTime(required=True)
    renew_at = fields.DateTime(required=True)


class ReasonData(EmissionData):
    reason = fields.String(required=True)


class CertificateRevokedData(EmissionData):
    """``superseded_by``: the serial of the person's newer certificate, where that is why.

    ``statement`` and ``signature`` (base64 DER, by the certificate's key): where the holder revoked it.
    """

    serial = fields.String(required=True)
    reason = fields.String(required=True)
    superseded_by = fields.String(allow_none=True, load_default=None)
    statement = fields.String(allow_none=True, load_default=None)
    signature = fields.String(allow_none=True, load_default=None)


class DocumentViewedData(EmissionData):
    """Somebody of the staff (the actor) was given the term, the certificate or its chain."""

    kind = fields.String(required=True)


class ReplacementNotedData(EmissionData):
    """A released certificate, and the person's older one (of any office) that is revoked because of it."""

    serial = fields.String(required=True)
    replaces = fields.String(required=True)


class RenewalNoticeRequestedData(EmissionData):
    """The holder is told that the certificate ends: the notice of so many ``days`` before, or the one that was missed last."""

    notice_id = fields.String(required=True)
    serial = fields.String(required=True)
    days = fields.Integer(required=True)
    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    not_after = fields.DateTime(required=True)


class RenewalNoticeOmittedData(EmissionData):
    """``reason``: blocked (the person is), or no_address (the registration has none any more)."""

    serial = fields.String(required=True)
    days = fields.Integer(required=True)
    reason = fields.String(required=True)


EMISSION_STARTED = event(SERVICE, "EmissionStarted", EmissionStartedData)
CONFERENCE_OPENING_NOTED = event(SERVICE, "ConferenceOpeningNoted", NotedConferenceData)
CONFERENCE_START_NOTED = event(SERVICE, "ConferenceStartNoted", NotedConferenceData)
PARTICIPANT_ADMISSION_NOTED = event(SERVICE, "ParticipantAdmissionNoted", NotedConferenceData)
PARTICIPANT_EJECTION_NOTED = event(SERVICE, "ParticipantEjectionNoted", NotedConferenceData)
RECORDING_START_NOTED = event(SERVICE, "RecordingStartNoted", NotedConferenceData)
RECORDING_STOP_NOTED = event(SERVICE, "RecordingStopNoted", NotedConferenceData)
CHECKLIST_TICK_NOTED = event(SERVICE, "ChecklistTickNoted", NotedChecklistData)
CHECKLIST_CLEARING_NOTED = event(SERVICE, "ChecklistClearingNoted", NotedChecklistData)
DOCUMENT_PICTURE_NOTED = event(SERVICE, "DocumentPictureNoted", NotedDocumentPictureData)
ABANDONMENT_WARNING_NOTED = event(SERVICE, "AbandonmentWarningNoted", NotedAbandonmentWarningData)
CONFERENCE_END_NOTED = event(SERVICE, "ConferenceEndNoted", NotedConferenceData)
VIDEO_NOTED = event(SERVICE, "VideoNoted", NotedVideoData)
VIDEO_FAILURE_NOTED = event(SERVICE, "VideoFailureNoted", NotedVideoData)
IDENTIFICATION_ATTESTED = event(SERVICE, "IdentificationAttested", IdentificationAttestedData)
IDENTIFICATION_RETRIED = event(SERVICE, "IdentificationRetried", EmissionData)
DATA_CONFIRMED = event(SERVICE, "DataConfirmed", DataConfirmedData)
HOLDER_INVITED = event(SERVICE, "HolderInvited", HolderInvitedData)
LINK_SHOWN = event(SERVICE, "LinkShown", LinkShownData)
DELIVERY_NOTED = event(SERVICE, "DeliveryNoted", NotedDeliveryData)
HOLDER_DATA_MATCHED = event(SERVICE, "HolderDataMatched", HolderAnswerData)
HOLDER_DATA_MISMATCHED = event(SERVICE, "HolderDataMismatched", HolderAnswerData)
CODE_SENT = event(SERVICE, "CodeSent", CodeSentData)
CODE_MISMATCHED = event(SERVICE, "CodeMismatched", HolderAnswerData)
CONTACT_CODE_SENT = event(SERVICE, "ContactCodeSent", ContactCodeSentData)
CONTACT_CODE_MISMATCHED = event(SERVICE, "ContactCodeMismatched", ContactCodeMismatchedData)
CONTACT_VERIFIED = event(SERVICE, "ContactVerified", ContactVerifiedData)
INVITATION_LOCKED = event(SERVICE, "InvitationLocked", InvitationLockedData)
HOLDER_VERIFIED = event(SERVICE, "HolderVerified", HolderVerifiedData)
SUBMISSION_REFUSED = event(SERVICE, "SubmissionRefused", SubmissionRefusedData)
ISSUE_PREPARED = event(SERVICE, "IssuePrepared", IssuePreparedData)
CERTIFICATE_ISSUED = event(SERVICE, "CertificateIssued", CertificateIssuedData)
TERM_PREPARED = event(SERVICE, "TermPrepared", TermPreparedData)
TERM_SIGNED = event(SERVICE, "TermSigned", TermSignedData)
TERM_PRESERVED = event(SERVICE, "TermPreserved", TermPreservedData)
EMISSION_COMPLETED = event(SERVICE, "EmissionCompleted", EmissionData)
EMISSION_REFUSED = event(SERVICE, "EmissionRefused", ReasonData)
EMISSION_INCONCLUSIVE = event(SERVICE, "EmissionInconclusive", ReasonData)
EMISSION_CANCELLED = event(SERVICE, "EmissionCancelled", ReasonData)
EMISSION_EXPIRED = event(SERVICE, "EmissionExpired", ReasonData)
RENEWAL_NOTICE_REQUESTED = event(SERVICE, "RenewalNoticeRequested", RenewalNoticeRequestedData)
RENEWAL_NOTICE_OMITTED = event(SERVICE, "RenewalNoticeOmitted", RenewalNoticeOmittedData)
REPLACEMENT_NOTED = event(SERVICE, "ReplacementNoted", ReplacementNotedData)
CERTIFICATE_REVOKED = event(SERVICE, "CertificateRevoked", CertificateRevokedData)
DOCUMENT_VIEWED = event(SERVICE, "DocumentViewed", DocumentViewedData)
