"""Words for the contracts' values: states, kinds, reasons, events."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _

from gateway import views
from gateway.evidence_labels import EVIDENCE
from gateway.wait_labels import WAITS

LABELS: dict[str, dict[str, Any]] = {
    "state": {
        "started": _("Identification under way"),
        "identified": _("Identified"),
        "confirmed": _("Data confirmed"),
        "dispatched": _("Waiting for the holder"),
        "verified": _("Holder verified"),
        "issued": _("Term to be signed"),
        "completed": _("Completed"),
        "refused": _("Refused"),
        "inconclusive": _("Inconclusive"),
        "cancelled": _("Cancelled"),
        "expired": _("Expired"),
        "revoked": _("Revoked"),
    },
    "mode": {"remote": _("By videoconference"), "in_person": _("In person")},
    "video": {
        "none": _("no recording"),
        "processing": _("being processed"),
        "done": _("done"),
        "failed": _("failed"),
    },
    "slot": {"clerk": _("Clerk"), "holder": _("Holder")},
    "gap": {
        "not_there": _("was not there"),
        "left": _("had left"),
        "connection_lost": _("the connection was interrupted"),
        "recorder_lost": _("the recorder was interrupted"),
        "no_picture": _("heard without a picture"),
    },
    "look": {
        "search": _("found by CPF"),
        "registration": _("registration opened"),
        "emission": _("data seen on the emission's page"),
        "attachment": _("picture of a document opened"),
        "term": _("term opened"),
        "certificate": _("certificate opened"),
        "chain": _("certificate opened with its chain"),
        "recording": _("recording watched"),
    },
    "checklist": {
        "identity": _("Identity"),
        "capacity_and_will": _("Capacity and will"),
        "consent": _("Consent"),
        "date_and_time": _("Date and time"),
        "office": _("Notary's office"),
    },
    "checklist_hint": {
        "identity": _("Face and document were compared, and the person said the full name."),
        "capacity_and_will": _("The person understands what is being issued and wants it without pressure."),
        "consent": _("The person agreed to the recording and to the certificate."),
        "date_and_time": _("You said today's date and the time."),
        "office": _("You said the name of your office."),
    },
    "conference": {
        "none": _("Room being prepared"),
        "open": _("Room open"),
        "started": _("Conference started"),
        "recording": _("Recording"),
        "recorded": _("Recording ended"),
        "ended": _("Conference ended"),
        "abandoned": _("Conference closed by itself"),
    },
    "delivery": {"queued": _("being sent"), "delivered": _("delivered"), "failed": _("not delivered")},
    "purpose": {
        "invitation": _("Certificate's link"),
        "code": _("Verification code"),
        "contact": _("Code to verify the contact"),
        "renewal": _("Notice that the certificate ends"),
    },
    "channel": {"email": _("E-mail"), "sms": _("SMS")},
    "civil_status": {
        "single": _("Single"),
        "married": _("Married"),
        "stable_union": _("Stable union"),
        "separated": _("Separated"),
        "divorced": _("Divorced"),
        "widowed": _("Widowed"),
    },
    "identity_document.type": {
        "rg": _("RG"),
        "cnh": _("CNH"),
        "passport": _("Passport"),
        "rne": _("RNE"),
        "professional": _("Professional card"),
    },
    "attachment": {
        "identity_document": _("Identity document"),
        "face_photo": _("Photo of the face"),
        "signature_card": _("Signature card"),
        "fingerprint": _("Fingerprint"),
    },
    "block": {
        "fraud": _("Suspected fraud"),
        "court_order": _("Court order"),
        "death": _("Death"),
        "other": _("Other reason"),
    },
    "revocation": {
        "key_compromise": _("Phone lost, stolen or key exposed"),
        "superseded": _("Replaced by a new certificate"),
        "cessation_of_operation": _("The holder no longer wants it"),
        "privilege_withdrawn": _("Issued wrongly or by fraud"),
        "unspecified": _("Other reason"),
    },
    "certificate": {
        "withheld": _("Withheld until the term is signed"),
        "valid": _("Valid"),
        "revoked": _("Revoked"),
        "expired": _("Expired"),
    },
    "role": {
        "clerk": _("Clerk"),
        "operator": _("Operator"),
        "auditor": _("Auditor"),
        "administrator": _("Administrator"),
        "authority_administrator": _("Administrator of the authority"),
        "holder": _("Holder"),
        "system": _("System"),
    },
    "authority_key": {
        "root": _("Root"),
        "issuing": _("Issuing authority"),
        "timestamping": _("Time stamps"),
        "ocsp": _("Answers about certificates"),
    },
    "missing": {
        "birth_date": _("date of birth"),
        "identity_document": _("identity document"),
        "email_or_mobile": _("e-mail or mobile phone"),
        "identity_document_image": _("image of the identity document"),
    },
    "service": {
        "registry": _("Registry"),
        "certification": _("Certification"),
        "conference": _("Conference"),
        "media": _("Video"),
        "notify": _("Messages"),
        "gateway": _("Access"),
    },
    "event": {
        "PersonRegistered": _("Person registered"),
        "PersonUpdated": _("Registration changed"),
        "PersonBlocked": _("CPF blocked"),
        "PersonUnblocked": _("CPF unblocked"),
        "EmissionStarted": _("Emission started"),
        "ConferenceOpeningNoted": _("Room opened"),
        "ConferenceStartNoted": _("Conference started"),
        "ParticipantAdmissionNoted": _("Participant admitted"),
        "ParticipantEjectionNoted": _("Participant removed from the room"),
        "RecordingStartNoted": _("Recording started"),
        "RecordingStopNoted": _("Recording ended"),
        "ChecklistTickNoted": _("Checklist item ticked"),
        "ChecklistClearingNoted": _("Tick taken back"),
        "DocumentPictureNoted": _("Picture of the document kept"),
        "AbandonmentWarningNoted": _("The empty room will soon close"),
        "ConferenceEndNoted": _("Conference ended"),
        "VideoNoted": _("Video processed"),
        "RecordingSealed": _("Recording sealed"),
        "VideoPlayable": _("Video can be watched"),
        "RecordingViewed": _("Recording seen"),
        "RegistrationViewed": _("Person's data seen"),
        "DocumentViewed": _("Document seen"),
        "VideoFailureNoted": _("Video failed"),
        "IdentificationAttested": _("Identification attested"),
        "IdentificationRetried": _("Identification to be repeated"),
        "DataConfirmed": _("Data confirmed"),
        "HolderInvited": _("Holder invited"),
        "LinkShown": _("Link shown as a QR code"),
        "DeliveryNoted": _("Delivery of the message"),
        "HolderDataMatched": _("Holder's data matched"),
        "HolderDataMismatched": _("Holder's data did not match"),
        "CodeSent": _("Code sent"),
        "CodeMismatched": _("Wrong code"),
        "ContactCodeSent": _("Code sent to verify a contact"),
        "ContactCodeMismatched": _("Wrong code for a contact"),
        "ContactVerified": _("Contact verified"),
        "InvitationLocked": _("Link locked"),
        "HolderVerified": _("Holder verified"),
        "SubmissionRefused": _("Phone's submission refused"),
        "IssuePrepared": _("Issue prepared"),
        "CertificateIssued": _("Certificate issued"),
        "TermPrepared": _("Term prepared"),
        "TermSigned": _("Term signed"),
        "TermPreserved": _("Term prepared for long keeping"),
        "EmissionCompleted": _("Emission completed"),
        "EmissionRefused": _("Emission refused"),
        "EmissionInconclusive": _("Emission inconclusive"),
        "EmissionCancelled": _("Emission cancelled"),
        "EmissionExpired": _("Emission expired"),
        "CertificateRevoked": _("Certificate revoked"),
        "ReplacementNoted": _("Replaces the holder's older certificate"),
        "RenewalNoticeRequested": _("Holder told that the certificate ends"),
        "RenewalNoticeOmitted": _("Holder could not be told that the certificate ends"),
        "KeyOpened": _("Key opened"),
        "HolderCertificateSigned": _("Holder's certificate signed"),
        "RevocationListSigned": _("Revocation list signed"),
        "TimeStampSigned": _("Time stamp signed"),
        "OcspAnswersSigned": _("Answers about certificates signed"),
        "AuthorityCertificateNoted": _("Certificate of the authority noted"),
        "RootListNoted": _("Root's revocation list noted"),
        "ConferenceOpened": _("Room opened"),
        "ConferenceStarted": _("Conference started"),
        "AdmissionRequested": _("Asked to come in"),
        "ParticipantAdmitted": _("Participant admitted"),
        "AdmissionRefused": _("Admission refused"),
        "ParticipantEjected": _("Participant removed from the room"),
        "ParticipantJoined": _("Participant came in"),
        "ParticipantLeft": _("Participant left"),
        "RecordingRequested": _("Recording requested"),
        "RecordingStarted": _("Recording started"),
        "ChecklistItemTicked": _("Checklist item ticked"),
        "ChecklistItemCleared": _("Tick taken back"),
        "AbandonmentWarned": _("The empty room will soon close"),
        "DocumentPictureRequested": _("Picture of the document asked for"),
        "DocumentPictureWithdrawn": _("Picture of the document not wanted any more"),
        "DocumentPictureTaken": _("Picture of the document taken"),
        "DocumentPictureAccepted": _("Picture of the document kept"),
        "RecordingStopped": _("Recording ended"),
        "ConferenceEnded": _("Conference ended"),
        "VideoProcessingStarted": _("Video processing started"),
        "VideoProcessed": _("Video processed"),
        "VideoFailed": _("Video failed"),
        "EvidenceWarned": _("Sound or picture amiss"),
        "NotificationDelivered": _("Message delivered"),
        "NotificationFailed": _("Message not delivered"),
        "SignedIn": _("Signed in"),
        "SignInRefused": _("Sign-in refused"),
        "AccessRefused": _("Access refused"),
        "HolderSessionRefused": _("Holder's session refused in another browser"),
        "DeadLetterRetried": _("Event given back"),
        "DeadLetterDiscarded": _("Event discarded"),
    },
    **WAITS,
    **EVIDENCE,
}
TONES = {
    "completed": "good",
    "valid": "good",
    "done": "good",
    "delivered": "good",
    "refused": "bad",
    "revoked": "bad",
    "failed": "bad",
    "expired": "bad",
    "cancelled": "quiet",
    "none": "quiet",
    "inconclusive": "warn",
    "withheld": "warn",
    "processing": "busy",
    "queued": "busy",
    "recording": "bad",
}


def label(value: str | None, kind: str) -> Any:
    """The word for a value; one that is not known is shown as it is, in words."""
    if value is None:
        return "–"
    known = LABELS.get(kind, {}).get(value)
    return known if known is not None else re.sub(r"[_-]", " ", value)


def tone(value: str | None) -> str:
    """How a state feels: good, bad, warn, busy or quiet."""
    return TONES.get(value or "", "plain")


def shown_value(value: Any, name: str) -> Any:
    """A field's stored value as it is read."""
    if value in ("", None):
        return "–"
    if name in LABELS:
        return label(str(value), name)
    last = name.rsplit(".", 1)[-1]
    if last in ("mobile", "phone"):
        return views.phone(str(value))
    if last == "postal_code" and len(str(value)) == 8:
        return f"{str(value)[:5]}-{str(value)[5:]}"
    return _("Yes") if value == "yes" else value


def init_app(app: Flask) -> None:
    """Give templates the words."""
    app.jinja_env.filters.update(label=label, tone=tone, shown_value=shown_value)
    app.jinja_env.globals.update(labels=LABELS)
