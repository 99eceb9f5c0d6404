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
VIDEO_STATES = ("none", "processing", "done", "failed")
CONFERENCE_STATES = ("none", "open", "started", "recording", "recorded", "ended")
REVOCATION_REASONS = ("key_compromise", "superseded", "cessation_of_operation", "privilege_withdrawn", "unspecified")
CLERKS = "clerk administrator"
READERS = "clerk auditor administrator operator system"
