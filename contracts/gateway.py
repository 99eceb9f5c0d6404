"""The gateway's own events: sign-ins, refusals, who saw a recording, misused sessions, and what was done to dead letters."""

from marshmallow import fields, validate

from contracts.operation import Shape, event

SERVICE = "gateway"
REASON_LENGTH = range(3, 501)  # characters of an operator's reason


class AccessRefusedData(Shape):
    """``what`` names the page or operation, never the data behind it."""

    user_id = fields.String(required=True)
    what = fields.String(required=True)
    reason = fields.String(required=True)


class SignInData(Shape):
    user_id = fields.String(required=True)


class SignInRefusedData(Shape):
    """The user name is not kept: people type passwords there."""

    reason = fields.String(required=True)


class RecordingViewedData(Shape):
    """Somebody was given a recording. ``form``: playable or original; ``download``: to keep, not to watch."""

    recording_id = fields.String(required=True)
    form = fields.String(required=True)
    download = fields.Boolean(required=True)


class HolderSessionRefusedData(Shape):
    """A holder's session was used in a browser that did not begin it. ``what`` names the page's question."""

    what = fields.String(required=True)


class DeadLetterData(Shape):
    """An act on one dead letter, stored before it is carried out. ``letter_id``: the event's id, or a hash if it has none."""

    queue = fields.String(required=True)  # of the consumer
    letter_id = fields.String(required=True)
    letter_type = fields.String(allow_none=True)
    emission_id = fields.String(allow_none=True)
    error = fields.String(required=True)
    attempts = fields.Integer(required=True)
    failed_at = fields.String(allow_none=True)  # ISO 8601
    body_sha256 = fields.String(required=True)
    reason = fields.String(allow_none=True)


class DeadLetterDiscardedData(DeadLetterData):
    """With the whole letter, for nothing is lost for good. ``body_encoding``: utf-8, or base64 where it was no text."""

    body = fields.String(required=True)
    body_encoding = fields.String(validate=validate.OneOf(("utf-8", "base64")), required=True)
    content_type = fields.String(allow_none=True)


SIGNED_IN = event(SERVICE, "SignedIn", SignInData)
SIGN_IN_REFUSED = event(SERVICE, "SignInRefused", SignInRefusedData)
ACCESS_REFUSED = event(SERVICE, "AccessRefused", AccessRefusedData)
RECORDING_VIEWED = event(SERVICE, "RecordingViewed", RecordingViewedData)
HOLDER_SESSION_REFUSED = event(SERVICE, "HolderSessionRefused", HolderSessionRefusedData)
DEAD_LETTER_RETRIED = event(SERVICE, "DeadLetterRetried", DeadLetterData)
DEAD_LETTER_DISCARDED = event(SERVICE, "DeadLetterDiscarded", DeadLetterDiscardedData)
