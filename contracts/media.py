"""Media: from track files to the preserved original and the playable video."""

from marshmallow import fields, validate

from contracts.operation import Request, Shape, command, event, query
from contracts.registry import StoredObject

SERVICE = "media"
STATES = ("recording", "processing", "done", "failed")
VERDICTS = ("good", "doubtful", "poor")
GAP_REASONS = ("not_there", "left", "connection_lost", "recorder_lost", "no_picture")


class VideoRequest(Request):
    emission_id = fields.String(required=True)


class RetryVideoRequest(Request):
    recording_id = fields.String(required=True)


class Stream(Shape):
    """A video that can be watched before it is one object: its ``parts`` in a row are its bytes, ``size`` in all."""

    duration_seconds = fields.Float(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    size = fields.Integer(required=True)
    parts = fields.List(fields.Nested(StoredObject), required=True)


class Gap(Shape):
    """Nothing was recorded of a person (``slot`` clerk or holder), or sound alone (``no_picture``). Seconds since its begin."""

    slot = fields.String(required=True)
    begins = fields.Float(required=True)
    ends = fields.Float(required=True)
    reason = fields.String(validate=validate.OneOf(GAP_REASONS), required=True)


class EvidenceWarning(Shape):
    """Something is wrong with a person's (``slot``: clerk or holder) sound or picture. Codes of ``fault``: absent, silence,
    no_picture, black, frozen, small_picture, low_frame_rate, offset."""

    slot = fields.String(required=True)
    fault = fields.String(required=True)


class EvidenceReason(Shape):
    """Why a verdict is not good: as a warning, or ``alone`` (not both were present) and ``not_measured`` without a slot.

    ``seconds``: the longest time in one go; of the two without a slot: all of it.
    """

    slot = fields.String(allow_none=True, required=True)
    fault = fields.String(required=True)
    seconds = fields.Float(required=True)


class EvidenceFigures(Shape):
    """One person over all that was measured: seconds; pixels and pictures a second as they mostly were."""

    slot = fields.String(required=True)
    sound_seconds = fields.Float(required=True)
    audible_seconds = fields.Float(required=True)
    picture_seconds = fields.Float(required=True)
    visible_seconds = fields.Float(required=True)
    longest_silence_seconds = fields.Float(required=True)
    longest_black_seconds = fields.Float(required=True)
    longest_frozen_seconds = fields.Float(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    frames_per_second = fields.Float(required=True)
    offset_seconds = fields.Float(allow_none=True, required=True)


class Evidence(Shape):
    """How a recording serves as evidence. ``warnings``: what is wrong now, while it goes on; ``verdict``: once it has ended."""

    verdict = fields.String(validate=validate.OneOf(VERDICTS), allow_none=True, required=True)
    reasons = fields.List(fields.Nested(EvidenceReason), required=True)
    warnings = fields.List(fields.Nested(EvidenceWarning), required=True)
    people = fields.List(fields.Nested(EvidenceFigures), required=True)
    measured_seconds = fields.Float(required=True)
    both_seconds = fields.Float(required=True)


class Progress(Shape):
    """How far a recording's rendering is behind it, and when its video can be watched.

    ``behind_seconds`` have settled and are not rendered; ``cells_waiting`` of it, ``machine_cells_waiting`` of all recordings on
    its machine; ``recordings_ahead`` have ended and go first. ``ready_seconds``: an estimate, from now, or from the end of a
    recording that goes on; null where that is not known.
    """

    behind_seconds = fields.Float(required=True)
    cells_waiting = fields.Integer(required=True)
    machine_cells_waiting = fields.Integer(required=True)
    recordings_ahead = fields.Integer(required=True)
    ready_seconds = fields.Float(allow_none=True, required=True)


class Video(Shape):
    """One recording. ``stopped_at`` is null while it goes on, objects until ``state`` is done; ``reason`` says why it failed."""

    recording_id = fields.String(required=True)
    conference_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    office_id = fields.String(required=True)
    state = fields.String(validate=validate.OneOf(STATES), required=True)
    reason = fields.String(allow_none=True)
    attempts = fields.Integer(required=True)
    started_at = fields.DateTime(required=True)
    stopped_at = fields.DateTime(allow_none=True, required=True)
    processed_at = fields.DateTime(allow_none=True)
    duration_seconds = fields.Float(allow_none=True)
    width = fields.Integer(allow_none=True)
    height = fields.Integer(allow_none=True)
    playable = fields.Nested(StoredObject, allow_none=True)  # side-by-side MP4
    original = fields.Nested(StoredObject, allow_none=True)  # all tracks, no re-encoding (Matroska)
    stream = fields.Nested(Stream, allow_none=True)  # from the moment of the end until playable is there
    seal = fields.Nested(StoredObject, allow_none=True)  # the chain of hashes, as JSON
    seal_head = fields.String(allow_none=True)  # grows while the recording goes on
    gaps = fields.List(fields.Nested(Gap), load_default=list)
    poster = fields.Nested(StoredObject, allow_none=True)  # JPEG
    evidence = fields.Nested(Evidence, allow_none=True)  # while it goes on: as of the last change of its warnings
    progress = fields.Nested(Progress, allow_none=True)  # until it can be watched


class VideosReply(Shape):
    """All recordings of an emission, newest first."""

    videos = fields.List(fields.Nested(Video), required=True)


GET_VIDEOS = query(SERVICE, "get_videos", VideoRequest, VideosReply, "clerk auditor administrator operator system")
RETRY_VIDEO = command(SERVICE, "retry_video", RetryVideoRequest, Video, "clerk administrator operator")


class VideoData(Shape):
    recording_id = fields.String(required=True)
    conference_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    office_id = fields.String(required=True)


class RecordingSealedData(VideoData):
    """``head``: SHA-256 of the newest of ``links`` links of the chain over the recording."""

    links = fields.Integer(required=True)
    head = fields.String(required=True)


class VideoPlayableData(VideoData):
    duration_seconds = fields.Float(required=True)
    size = fields.Integer(required=True)


class VideoProcessedData(VideoData):
    duration_seconds = fields.Float(required=True)
    playable_sha256 = fields.String(required=True)
    playable_size = fields.Integer(required=True)
    original_sha256 = fields.String(required=True)
    original_size = fields.Integer(required=True)
    seal_head = fields.String(allow_none=True, load_default=None)
    gaps = fields.List(fields.Nested(Gap), load_default=list)
    evidence = fields.String(validate=validate.OneOf(VERDICTS), allow_none=True)


class EvidenceWarnedData(VideoData):
    warnings = fields.List(fields.Nested(EvidenceWarning), required=True)


class VideoFailedData(VideoData):
    reason = fields.String(required=True)
    attempts = fields.Integer(required=True)


VIDEO_PROCESSING_STARTED = event(SERVICE, "VideoProcessingStarted", VideoData)
RECORDING_SEALED = event(SERVICE, "RecordingSealed", RecordingSealedData)
VIDEO_PLAYABLE = event(SERVICE, "VideoPlayable", VideoPlayableData)
VIDEO_PROCESSED = event(SERVICE, "VideoProcessed", VideoProcessedData)
EVIDENCE_WARNED = event(SERVICE, "EvidenceWarned", EvidenceWarnedData)
VIDEO_FAILED = event(SERVICE, "VideoFailed", VideoFailedData)
