"""The conference: one recorded meeting of one emission, its join links, presence and recording state."""

from marshmallow import fields, validate

from contracts.operation import Request, Shape, command, event, query

SERVICE = "conference"
STATES = ("open", "started", "ended", "abandoned")
RECORDING_STATES = ("off", "requested", "on", "stopped")
ADMISSION_STATES = ("waiting", "admitted", "refused", "ejected", "replaced")
STAFF = "clerk administrator"
CHECKLIST = ("identity", "capacity_and_will", "consent", "date_and_time", "office")
"""What must be heard or seen in the recording (Prov. CNJ 149/2023, art. 286)."""
PICTURE_STATES = ("wanted", "taken", "accepted", "declined", "withdrawn")
PICTURE_TYPES = ("image/jpeg", "image/png")


class Participant(Shape):
    participant_id = fields.String(required=True)
    role = fields.String(required=True)  # clerk or holder
    display_name = fields.String(required=True)
    present = fields.Boolean(required=True)
    joined_at = fields.DateTime(allow_none=True)
    left_at = fields.DateTime(allow_none=True)


class Tick(Shape):
    """One item of the checklist, and when it was ticked."""

    item = fields.String(required=True)
    at = fields.DateTime(required=True)


class Admission(Shape):
    """One browser that asked to come in by the join link.

    ``replaced``: another one was admitted while this one was not in the room.
    """

    admission_id = fields.String(required=True)
    display_name = fields.String(required=True)
    state = fields.String(validate=validate.OneOf(ADMISSION_STATES), required=True)
    asked_at = fields.DateTime(required=True)
    decided_at = fields.DateTime(allow_none=True)


class PictureFacts(Shape):
    """A picture of the identity document as it was received: where it lies, and what it is. Sizes in bytes and pixels."""

    bucket = fields.String(required=True)
    key = fields.String(required=True)
    content_type = fields.String(validate=validate.OneOf(PICTURE_TYPES), required=True)
    size = fields.Integer(validate=validate.Range(min=1), required=True)
    sha256 = fields.String(validate=validate.Regexp(r"^[0-9a-f]{64}$"), required=True)
    width = fields.Integer(validate=validate.Range(min=1), required=True)
    height = fields.Integer(validate=validate.Range(min=1), required=True)


class DocumentPicture(Shape):
    """A picture of the identity document that the clerk asked for.

    ``facts``, ``taken_at`` and ``participant_id`` (whose camera took it) are there from ``taken`` on; ``attachment_id`` once the
    clerk accepted it into the registration.
    """

    picture_id = fields.String(required=True)
    state = fields.String(validate=validate.OneOf(PICTURE_STATES), required=True)
    asked_at = fields.DateTime(required=True)
    taken_at = fields.DateTime(allow_none=True)
    participant_id = fields.String(allow_none=True)
    facts = fields.Nested(PictureFacts, allow_none=True)
    decided_at = fields.DateTime(allow_none=True)
    attachment_id = fields.String(allow_none=True)


class ConferenceByEmission(Request):
    """The latest conference of an emission."""

    emission_id = fields.String(required=True)


class ConferenceById(Request):
    conference_id = fields.String(required=True)


class ConferenceReply(Shape):
    """A conference as the clerk sees it. ``join_token`` goes into the holder's link (``/videoconferencia/#<token>``)."""

    conference_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    office_id = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(STATES), required=True)
    recording = fields.String(validate=validate.OneOf(RECORDING_STATES), required=True)
    join_token = fields.String(required=True)
    participants = fields.List(fields.Nested(Participant), required=True)
    opened_at = fields.DateTime(required=True)
    started_at = fields.DateTime(allow_none=True)
    recording_started_at = fields.DateTime(allow_none=True)
    recording_stopped_at = fields.DateTime(allow_none=True)
    ended_at = fields.DateTime(allow_none=True)
    closes_at = fields.DateTime(allow_none=True)  # when an abandoned room will close by itself
    warned_at = fields.DateTime(allow_none=True)  # since when it is told that the empty room will soon close by itself
    checklist = fields.List(fields.Nested(Tick), load_default=list)  # what is ticked, in order of time
    admissions = fields.List(fields.Nested(Admission), load_default=list)  # who asked to come in, in order of time
    document_picture = fields.Nested(DocumentPicture, allow_none=True, load_default=None)  # the latest that was asked for


class JoinLinkRequest(Request):
    """``admission``: what the browser got when it asked to come in."""

    token = fields.String(required=True)
    admission = fields.String(allow_none=True, load_default=None)


class JoinLinkReply(Shape):
    """What the holder's page may know before joining. ``admission_state``: of the browser that showed its admission.

    ``picture_wanted``: the id of the picture of the identity document that the clerk awaits from that browser.
    """

    conference_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    state = fields.String(required=True)
    recording = fields.String(required=True)
    clerk_present = fields.Boolean(required=True)
    admission_state = fields.String(validate=validate.OneOf(ADMISSION_STATES), allow_none=True, load_default=None)
    picture_wanted = fields.String(allow_none=True, load_default=None)


class RequestAdmissionRequest(Request):
    """A holder asks to come in; ``admission`` is what the same browser got before, and is good for its further stays."""

    token = fields.String(required=True)
    display_name = fields.String(validate=validate.Length(min=1, max=80), required=True)
    admission = fields.String(allow_none=True, load_default=None)


class AdmissionReply(JoinLinkReply):
    """``admission`` is secret: who shows it is the browser that asked."""

    admission = fields.String(required=True)


class AdmissionDecision(ConferenceById):
    """About whom the clerk decides."""

    admission_id = fields.String(required=True)


class JoinConferenceRequest(Request):
    """A clerk joins by ``conference_id``, a holder by ``token`` and the ``admission`` of its browser.

    ``purpose`` screen: a second publisher for a shared screen.
    """

    conference_id = fields.String(allow_none=True, load_default=None)
    token = fields.String(allow_none=True, load_default=None)
    display_name = fields.String(validate=validate.Length(min=1, max=80), required=True)
    purpose = fields.String(validate=validate.OneOf(("camera", "screen")), load_default="camera")
    participant_id = fields.String(allow_none=True, load_default=None)  # camera participant that shares a screen
    admission = fields.String(allow_none=True, load_default=None)


class RoomAccess(Shape):
    """What a browser needs to join the room at the SFU; tokens are signed and short-lived."""

    conference_id = fields.String(required=True)
    participant_id = fields.String(required=True)
    room = fields.String(required=True)
    signalling_url = fields.String(required=True)
    gateway_token = fields.String(required=True)
    room_token = fields.String(required=True)
    ice_servers = fields.List(fields.Dict(), required=True)
    bitrate = fields.Integer(required=True)


class RouteRequest(Request):
    """A clerk asks by ``conference_id``, a holder by ``token``."""

    conference_id = fields.String(allow_none=True, load_default=None)
    token = fields.String(allow_none=True, load_default=None)


class RouteReply(Shape):
    """Where a browser that joins will connect, to be tried before: nothing of it opens a room."""

    signalling_url = fields.String(required=True)
    ice_servers = fields.List(fields.Dict(), required=True)


class TickChecklistRequest(ConferenceById):
    """Tick an item while it is being recorded, or take a tick back (``done`` false)."""

    item = fields.String(validate=validate.OneOf(CHECKLIST), required=True)
    done = fields.Boolean(required=True)


class SendDocumentPictureRequest(Request):
    """The admitted holder's browser sends the picture that is wanted; its bytes were checked and stored before."""

    token = fields.String(required=True)
    admission = fields.String(required=True)
    picture_id = fields.String(required=True)
    facts = fields.Nested(PictureFacts, required=True)


class DocumentPictureDecision(ConferenceById):
    """About which picture the clerk decides."""

    picture_id = fields.String(required=True)


class AcceptDocumentPictureRequest(DocumentPictureDecision):
    """The registry keeps the picture by now; ``sha256`` is the hash of what it keeps."""

    attachment_id = fields.String(required=True)
    sha256 = fields.String(required=True)


class LeaveConferenceRequest(Request):
    conference_id = fields.String(allow_none=True, load_default=None)
    token = fields.String(allow_none=True, load_default=None)
    participant_id = fields.String(required=True)


GET_CONFERENCE = query(SERVICE, "get_conference", ConferenceByEmission, ConferenceReply, "clerk auditor administrator system")
GET_JOIN_LINK = query(SERVICE, "get_join_link", JoinLinkRequest, JoinLinkReply, "holder")
GET_ROUTE = query(SERVICE, "get_route", RouteRequest, RouteReply, "clerk administrator holder")
REQUEST_ADMISSION = command(SERVICE, "request_admission", RequestAdmissionRequest, AdmissionReply, "holder")
ADMIT_PARTICIPANT = command(SERVICE, "admit_participant", AdmissionDecision, ConferenceReply, STAFF)
REFUSE_ADMISSION = command(SERVICE, "refuse_admission", AdmissionDecision, ConferenceReply, STAFF)
EJECT_PARTICIPANT = command(SERVICE, "eject_participant", AdmissionDecision, ConferenceReply, STAFF)
JOIN_CONFERENCE = command(SERVICE, "join_conference", JoinConferenceRequest, RoomAccess, "clerk administrator holder")
LEAVE_CONFERENCE = command(SERVICE, "leave_conference", LeaveConferenceRequest, JoinLinkReply, "clerk administrator holder")
START_CONFERENCE = command(SERVICE, "start_conference", ConferenceById, ConferenceReply, STAFF)
START_RECORDING = command(SERVICE, "start_recording", ConferenceById, ConferenceReply, STAFF)
TICK_CHECKLIST = command(SERVICE, "tick_checklist", TickChecklistRequest, ConferenceReply, STAFF)
REQUEST_DOCUMENT_PICTURE = command(SERVICE, "request_document_picture", ConferenceById, ConferenceReply, STAFF)
WITHDRAW_DOCUMENT_PICTURE = command(SERVICE, "withdraw_document_picture", DocumentPictureDecision, ConferenceReply, STAFF)
SEND_DOCUMENT_PICTURE = command(SERVICE, "send_document_picture", SendDocumentPictureRequest, JoinLinkReply, "holder")
ACCEPT_DOCUMENT_PICTURE = command(SERVICE, "accept_document_picture", AcceptDocumentPictureRequest, ConferenceReply, STAFF)
END_CONFERENCE = command(SERVICE, "end_conference", ConferenceById, ConferenceReply, STAFF)


class ConferenceData(Shape):
    conference_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    office_id = fields.String(required=True)


class ParticipantData(ConferenceData):
    participant_id = fields.String(required=True)
    role = fields.String(required=True)


class AdmissionData(ConferenceData):
    """Names stay in the conference: events carry none."""

    admission_id = fields.String(required=True)


class ParticipantAdmittedData(AdmissionData):
    """``replaced``: the admission that ended by this one."""

    replaced = fields.String(allow_none=True, load_default=None)


class AbandonmentWarnedData(ConferenceData):
    """Nobody has been in the started room for a while: it closes by itself at ``closes_at`` unless somebody comes in."""

    closes_at = fields.DateTime(required=True)


class ConferenceEndedData(ConferenceData):
    """``reason``: ended (by the clerk) or abandoned. ``recorded``: whether any recording was made."""

    reason = fields.String(required=True)
    recorded = fields.Boolean(required=True)


class RecordingStartedData(ConferenceData):
    """Published once media is on disk.

    ``tracks`` is the folder of the track files, relative to the recordings folder that SFU and media share; ``instance`` is the
    SFU instance that writes there, "" where there is only one.
    """

    recording_id = fields.String(required=True)
    started_at = fields.DateTime(required=True)
    tracks = fields.String(allow_none=True, load_default=None)  # not in events of the first version
    instance = fields.String(load_default="")  # not in events from before there were several instances


class RecordingStoppedData(RecordingStartedData):
    """The recorder has closed its files."""

    stopped_at = fields.DateTime(required=True)
    tracks = fields.String(required=True)
    participants = fields.List(fields.Nested(Participant), required=True)


class ChecklistItemData(ConferenceData):
    """The event's time is the moment in the recording."""

    recording_id = fields.String(required=True)
    item = fields.String(required=True)


class DocumentPictureData(ConferenceData):
    """The clerk asked for a picture of the identity document, or took that back."""

    picture_id = fields.String(required=True)
    recording_id = fields.String(required=True)


class DocumentPictureTakenData(DocumentPictureData):
    """The participant's camera took it ``taken_at``, a moment of the recording. Of the picture: SHA-256, bytes, pixels."""

    participant_id = fields.String(required=True)
    taken_at = fields.DateTime(required=True)
    content_type = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)


class DocumentPictureAcceptedData(DocumentPictureTakenData):
    """The clerk accepted it: the registration has it as that attachment."""

    attachment_id = fields.String(required=True)


CONFERENCE_OPENED = event(SERVICE, "ConferenceOpened", ConferenceData)
CONFERENCE_STARTED = event(SERVICE, "ConferenceStarted", ConferenceData)
PARTICIPANT_JOINED = event(SERVICE, "ParticipantJoined", ParticipantData)
PARTICIPANT_LEFT = event(SERVICE, "ParticipantLeft", ParticipantData)
ADMISSION_REQUESTED = event(SERVICE, "AdmissionRequested", AdmissionData)
PARTICIPANT_ADMITTED = event(SERVICE, "ParticipantAdmitted", ParticipantAdmittedData)
ADMISSION_REFUSED = event(SERVICE, "AdmissionRefused", AdmissionData)
PARTICIPANT_EJECTED = event(SERVICE, "ParticipantEjected", AdmissionData)
RECORDING_REQUESTED = event(SERVICE, "RecordingRequested", ConferenceData)
RECORDING_STARTED = event(SERVICE, "RecordingStarted", RecordingStartedData)
RECORDING_STOPPED = event(SERVICE, "RecordingStopped", RecordingStoppedData)
CHECKLIST_ITEM_TICKED = event(SERVICE, "ChecklistItemTicked", ChecklistItemData)
CHECKLIST_ITEM_CLEARED = event(SERVICE, "ChecklistItemCleared", ChecklistItemData)
DOCUMENT_PICTURE_REQUESTED = event(SERVICE, "DocumentPictureRequested", DocumentPictureData)
DOCUMENT_PICTURE_WITHDRAWN = event(SERVICE, "DocumentPictureWithdrawn", DocumentPictureData)
DOCUMENT_PICTURE_TAKEN = event(SERVICE, "DocumentPictureTaken", DocumentPictureTakenData)
DOCUMENT_PICTURE_ACCEPTED = event(SERVICE, "DocumentPictureAccepted", DocumentPictureAcceptedData)
ABANDONMENT_WARNED = event(SERVICE, "AbandonmentWarned", AbandonmentWarnedData)
CONFERENCE_ENDED = event(SERVICE, "ConferenceEnded", ConferenceEndedData)
