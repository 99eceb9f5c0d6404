"""The words of certification: modes, states, reasons, and who may do what."""

SERVICE = "certification"
MODES = ("remote", "in_person")
STATES = (
    "started",  # waiting for the conference, or for the person at the counter
    "identified",  # the clerk attests who it is (step 21)
    "confirmed",  # the data are confirmed (step 22)
    "dispatched",  # the holder is invited (step 23)
    "verified",  # the holder proved to be it, on the phone
    "issued",  # certificate issued and withheld until the term is signed
    "completed",  # term signed, certificate released (step 24)
    "refused",
    "inconclusive",
    "cancelled",
    "expired",
    "revoked",
)
CHANNELS = ("email", "sms")
CONTACT_STATES = ("missing", "unverified", "sent", "locked", "verified")
CONTACT_PROOFS = ("code", "voice")
VIDEO_STATES = ("none", "processing", "done", "failed")
CONFERENCE_STATES = ("none", "open", "started", "recording", "recorded", "ended")
AWAITED = {
    # What an emission waits for: the event that would bring it, and the service that says it.
    "room": ("ConferenceOpened", "conference"),
    "recording": ("RecordingStopped", "conference"),  # the conference ended, and no recording is known
    "recording_end": ("RecordingStopped", "conference"),  # the conference ended, and its recording did not
    "conference_end": ("ConferenceEnded", "conference"),
    "video": ("VideoProcessed", "media"),
    "video_retry": ("VideoProcessed", "media"),  # it failed for good: somebody must ask for another round
    "delivery": ("NotificationDelivered", "notify"),
    "issue": ("CertificateIssued", "certification"),
    "term": ("TermPrepared", "certification"),
    "signature": ("TermSigned", "certification"),  # by the holder, before the withheld certificate is revoked
    "expiry": ("EmissionExpired", "certification"),
}
REVOCATION_REASONS = ("key_compromise", "superseded", "cessation_of_operation", "privilege_withdrawn", "unspecified")
HOLDER_REVOCATION_REASONS = ("key_compromise", "cessation_of_operation")
AUTHORITY_STREAMS = "authority/"
"""How the ids of those streams begin that are of no emission: the uses of the authority's keys."""
AUTHORITY_KEYS = ("root", "issuing", "timestamping", "ocsp")
CLERKS = "clerk administrator"
AUTHORITY = "authority_administrator auditor"
"""Who sees what the authority does."""
READERS = "clerk auditor administrator operator system"
