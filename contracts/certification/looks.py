"""Who was given a term or certificate of an emission."""

from marshmallow import fields, validate

from contracts.operation import Request, Shape

DOCUMENT_KINDS = ("term", "certificate", "chain")


class NoteDocumentLookRequest(Request):
    emission_id = fields.String(required=True)
    kind = fields.String(validate=validate.OneOf(DOCUMENT_KINDS), required=True)


class NoteDocumentLookReply(Shape):
    emission_id = fields.String(required=True)
    kind = fields.String(required=True)


class DocumentLook(Shape):
    """One look: when, at what, in which role and of which office; no name."""

    at = fields.DateTime(required=True)
    kind = fields.String(required=True)
    role = fields.String(required=True)
    office_id = fields.String(allow_none=True)
