"""The gateway's own events: who signed in, and who was refused."""

from marshmallow import fields

from contracts.operation import Shape, event

SERVICE = "gateway"


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


SIGNED_IN = event(SERVICE, "SignedIn", SignInData)
SIGN_IN_REFUSED = event(SERVICE, "SignInRefused", SignInRefusedData)
ACCESS_REFUSED = event(SERVICE, "AccessRefused", AccessRefusedData)
