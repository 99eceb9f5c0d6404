"""What certification can be asked."""

from contracts.certification.emissions import (
    AttestIdentificationRequest,
    ConfirmDataRequest,
    ContactRequest,
    ContactsReply,
    DocumentReply,
    DocumentRequest,
    Emission,
    EmissionRequest,
    EmissionsReply,
    HistoryReply,
    HistoryRequest,
    InviteHolderRequest,
    ListEmissionsRequest,
    OutgoingMessage,
    OutgoingMessageRequest,
    PersonCertificateReply,
    PersonCertificateRequest,
    ReasonRequest,
    RevokeRequest,
    ShownLinkReply,
    SpokenWordsReply,
    StartEmissionRequest,
    StuckReply,
    StuckRequest,
    VerifyContactRequest,
)
from contracts.certification.holders import (
    AuthorityReply,
    CertificateRequest,
    ChallengeReply,
    ChallengeRequest,
    EmptyRequest,
    HolderCodeReply,
    HolderCodeRequest,
    HolderDataRequest,
    HolderDoneReply,
    HolderLinkReply,
    HolderLinkRequest,
    HolderSessionReply,
    HolderSessionRequest,
    OcspReply,
    OcspRequest,
    OpenPlaceReply,
    OpenPlaceRequest,
    PlaceReply,
    PlaceRequest,
    RenewalReply,
    RevocationListReply,
    RevocationListRequest,
    RevokeOwnRequest,
    SignTermRequest,
    TermToSign,
)
from contracts.certification.vocabulary import CLERKS, READERS, SERVICE
from contracts.operation import command, query

START_EMISSION = command(SERVICE, "start_emission", StartEmissionRequest, Emission, CLERKS)
ATTEST_IDENTIFICATION = command(SERVICE, "attest_identification", AttestIdentificationRequest, Emission, CLERKS)
CONFIRM_DATA = command(SERVICE, "confirm_data", ConfirmDataRequest, Emission, CLERKS)
INVITE_HOLDER = command(SERVICE, "invite_holder", InviteHolderRequest, Emission, CLERKS)
SEND_CONTACT_CODE = command(SERVICE, "send_contact_code", ContactRequest, ContactsReply, CLERKS)
VERIFY_CONTACT = command(SERVICE, "verify_contact", VerifyContactRequest, ContactsReply, CLERKS)
GET_CONTACTS = query(SERVICE, "get_contacts", EmissionRequest, ContactsReply, READERS)
SHOW_LINK = command(SERVICE, "show_link", EmissionRequest, ShownLinkReply, CLERKS)
REFUSE_EMISSION = command(SERVICE, "refuse_emission", ReasonRequest, Emission, CLERKS)
MARK_INCONCLUSIVE = command(SERVICE, "mark_inconclusive", ReasonRequest, Emission, CLERKS)
RETRY_IDENTIFICATION = command(SERVICE, "retry_identification", EmissionRequest, Emission, CLERKS)
CANCEL_EMISSION = command(SERVICE, "cancel_emission", ReasonRequest, Emission, CLERKS)
REVOKE_CERTIFICATE = command(SERVICE, "revoke_certificate", RevokeRequest, Emission, CLERKS)
GET_SPOKEN_WORDS = query(SERVICE, "get_spoken_words", EmissionRequest, SpokenWordsReply, CLERKS)
GET_EMISSION = query(SERVICE, "get_emission", EmissionRequest, Emission, READERS)
LIST_EMISSIONS = query(SERVICE, "list_emissions", ListEmissionsRequest, EmissionsReply, READERS)
LIST_STUCK = query(SERVICE, "list_stuck", StuckRequest, StuckReply, READERS)
GET_PERSON_CERTIFICATE = query(SERVICE, "get_person_certificate", PersonCertificateRequest, PersonCertificateReply, READERS)
GET_HISTORY = query(SERVICE, "get_history", HistoryRequest, HistoryReply, READERS)
GET_DOCUMENT = query(SERVICE, "get_document", DocumentRequest, DocumentReply, READERS)
GET_OUTGOING_MESSAGE = query(SERVICE, "get_outgoing_message", OutgoingMessageRequest, OutgoingMessage, "system")
GET_HOLDER_LINK = query(SERVICE, "get_holder_link", HolderLinkRequest, HolderLinkReply, "holder")
RENEW_LINK = command(SERVICE, "renew_link", HolderLinkRequest, RenewalReply, "holder")
VERIFY_HOLDER_DATA = command(SERVICE, "verify_holder_data", HolderDataRequest, HolderCodeReply, "holder")
RESEND_CODE = command(SERVICE, "resend_code", HolderLinkRequest, HolderCodeReply, "holder")
VERIFY_HOLDER_CODE = command(SERVICE, "verify_holder_code", HolderCodeRequest, HolderSessionReply, "holder")
GET_HOLDER_SESSION = query(SERVICE, "get_holder_session", HolderSessionRequest, HolderSessionReply, "holder")
REQUEST_CERTIFICATE = command(SERVICE, "request_certificate", CertificateRequest, TermToSign, "holder")
GET_TERM_TO_SIGN = query(SERVICE, "get_term_to_sign", HolderSessionRequest, TermToSign, "holder")
SIGN_TERM = command(SERVICE, "sign_term", SignTermRequest, HolderDoneReply, "holder")
GET_HOLDER_RESULT = query(SERVICE, "get_holder_result", HolderSessionRequest, HolderDoneReply, "holder")
GET_HOLDER_CHALLENGE = query(SERVICE, "get_holder_challenge", ChallengeRequest, ChallengeReply, "holder")
OPEN_HOLDER_PLACE = query(SERVICE, "open_holder_place", OpenPlaceRequest, OpenPlaceReply, "holder")
GET_HOLDER_PLACE = query(SERVICE, "get_holder_place", PlaceRequest, PlaceReply, "holder")
REVOKE_OWN_CERTIFICATE = command(SERVICE, "revoke_own_certificate", RevokeOwnRequest, PlaceReply, "holder")
GET_AUTHORITY = query(SERVICE, "get_authority", EmptyRequest, AuthorityReply, READERS + " holder")
GET_REVOCATION_LIST = query(SERVICE, "get_revocation_list", RevocationListRequest, RevocationListReply, READERS + " holder")
ANSWER_OCSP = query(SERVICE, "answer_ocsp", OcspRequest, OcspReply, READERS + " holder")
