"""Notify: e-mail and SMS to the holder, and what became of them."""

from marshmallow import fields, validate

from contracts.operation import Request, Shape, event, query

SERVICE = "notify"
CHANNELS = ("email", "sms")
STATES = ("queued", "delivered", "failed")


class MessagesRequest(Request):
    emission_id = fields.String(required=True)


class Message(Shape):
    message_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    purpose = fields.String(required=True)  # invitation, code, contact or renewal
    channel = fields.String(validate=validate.OneOf(CHANNELS), required=True)
    address_masked = fields.String(required=True)
    state = fields.String(validate=validate.OneOf(STATES), required=True)
    attempts = fields.Integer(required=True)
    reason = fields.String(allow_none=True)
    queued_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class MessagesReply(Shape):
    messages = fields.List(fields.Nested(Message), required=True)


GET_MESSAGES = query(SERVICE, "get_messages", MessagesRequest, MessagesReply, "clerk auditor administrator operator system")


class NotificationData(Shape):
    message_id = fields.String(required=True)
    emission_id = fields.String(required=True)
    purpose = fields.String(required=True)
    channel = fields.String(required=True)
    attempts = fields.Integer(required=True)


class NotificationFailedData(NotificationData):
    """``final``: no further attempt will be made."""

    reason = fields.String(required=True)
    final = fields.Boolean(required=True)


NOTIFICATION_DELIVERED = event(SERVICE, "NotificationDelivered", NotificationData)
NOTIFICATION_FAILED = event(SERVICE, "NotificationFailed", NotificationFailedData)
