"""The registry: people by CPF, one registration per office (Prov. CNJ 149/2023, art. 311)."""

from marshmallow import fields, validate

from contracts.operation import Request, Shape, command, event, query

SERVICE = "registry"
DOCUMENT_TYPES = ("rg", "cnh", "passport", "rne", "professional")
CIVIL_STATUSES = ("single", "married", "stable_union", "separated", "divorced", "widowed")
ATTACHMENT_KINDS = ("identity_document", "face_photo", "signature_card", "fingerprint")
ATTACHMENT_TYPES = ("image/jpeg", "image/png", "application/pdf")
ATTACHMENT_LIMIT_BYTES = 10 * 1024 * 1024
STATES = tuple("AC AL AP AM BA CE DF ES GO MA MT MS MG PA PB PR PE PI RJ RN RS RO RR SC SP SE TO".split())  # noqa: SIM905
STAFF = "clerk administrator"
READERS = "clerk auditor administrator system"
LOOKERS = "clerk auditor administrator"
LOOK_PURPOSES = ("search", "registration", "emission", "attachment")
LOOK_SECONDS = 1800
"""Within so long (half hours of the clock) what one person looks at for one purpose is one look."""


def _text(limit: int = 200, **options: object) -> fields.String:
    return fields.String(validate=validate.Length(max=limit), allow_none=True, **options)  # type: ignore[arg-type]


class Address(Request):
    postal_code = _text(8)
    street = _text()
    number = _text(20)
    complement = _text(100)
    district = _text(100)
    city = _text(100)
    state = fields.String(validate=validate.OneOf(STATES), allow_none=True)


class IdentityDocument(Request):
    type = fields.String(validate=validate.OneOf(DOCUMENT_TYPES), required=True)
    number = fields.String(validate=validate.Length(min=1, max=20), required=True)
    issuer = _text(20)
    state = fields.String(validate=validate.OneOf(STATES), allow_none=True)
    issued_on = fields.Date(allow_none=True)


class SignatureCard(Request):
    number = fields.String(validate=validate.Length(min=1, max=40), required=True)
    signed_on = fields.Date(allow_none=True)


class RegistrationData(Request):
    """What an office knows of a person. Only ``name`` is mandatory to store (the CPF stands beside it)."""

    name = fields.String(validate=validate.Length(min=3, max=200), required=True)
    social_name = _text()
    mother_name = _text()
    father_name = _text()
    profession = _text(100)
    birth_date = fields.Date(allow_none=True)
    civil_status = fields.String(validate=validate.OneOf(CIVIL_STATUSES), allow_none=True)
    spouse_name = _text()
    nationality = _text(60)
    birthplace = _text(100)
    home_address = fields.Nested(Address, allow_none=True)
    work_address = fields.Nested(Address, allow_none=True)
    email = fields.Email(allow_none=True)
    mobile = fields.String(validate=validate.Regexp(r"^\d{10,13}$"), allow_none=True)
    phone = fields.String(validate=validate.Regexp(r"^\d{10,13}$"), allow_none=True)
    identity_document = fields.Nested(IdentityDocument, allow_none=True)
    signature_card = fields.Nested(SignatureCard, allow_none=True)
    politically_exposed = fields.Boolean(load_default=False)


class StoredObject(Shape):
    """Where bytes lie: bucket and key in the object store, and what they must be."""

    bucket = fields.String(required=True)
    key = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    content_type = fields.String(required=True)


class Attachment(StoredObject):
    attachment_id = fields.String(required=True)
    kind = fields.String(required=True)
    filename = fields.String(required=True)
    added_at = fields.DateTime(required=True)


class RegistrationSummary(Shape):
    registration_id = fields.String(required=True)
    office_id = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)
    registered_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class Block(Shape):
    reason = fields.String(required=True)  # fraud, court_order, death, other
    note = fields.String(allow_none=True)
    since = fields.DateTime(required=True)


class FindPersonRequest(Request):
    cpf = fields.String(required=True)


class PersonReply(Shape):
    """``person_id`` is null where the CPF is valid but not registered; registrations newest first."""

    cpf = fields.String(required=True)
    person_id = fields.String(required=True, allow_none=True)
    block = fields.Nested(Block, allow_none=True)
    registrations = fields.List(fields.Nested(RegistrationSummary), required=True)


class RegisterPersonRequest(Request):
    cpf = fields.String(required=True)
    data = fields.Nested(RegistrationData, required=True)


class RegistrationReference(Shape):
    person_id = fields.String(required=True)
    registration_id = fields.String(required=True)
    version = fields.Integer(required=True)


class UpdateRegistrationRequest(Request):
    registration_id = fields.String(required=True)
    expected_version = fields.Integer(required=True)
    data = fields.Nested(RegistrationData, required=True)


class GetRegistrationRequest(Request):
    """``version`` null: the current one."""

    registration_id = fields.String(required=True)
    version = fields.Integer(allow_none=True, load_default=None)


class RegistrationReply(Shape):
    """One version of a registration, whole. ``sha256`` is the salted hash that certificates and terms name."""

    person_id = fields.String(required=True)
    registration_id = fields.String(required=True)
    cpf = fields.String(required=True)
    office_id = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    version = fields.Integer(required=True)
    current_version = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    data = fields.Nested(RegistrationData(unknown="exclude"), required=True)
    attachments = fields.List(fields.Nested(Attachment), required=True)
    block = fields.Nested(Block, allow_none=True)
    missing_for_remote = fields.List(fields.String(), required=True)  # field names that the remote path still needs
    registered_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class AddAttachmentRequest(Request):
    """The caller has put the bytes into the incoming bucket; the registry checks, moves and records them."""

    registration_id = fields.String(required=True)
    kind = fields.String(validate=validate.OneOf(ATTACHMENT_KINDS), required=True)
    filename = fields.String(validate=validate.Length(min=1, max=255), required=True)
    incoming_key = fields.String(required=True)


class AttachmentReply(Shape):
    attachment = fields.Nested(Attachment, required=True)
    version = fields.Integer(required=True)


class GetAttachmentRequest(Request):
    registration_id = fields.String(required=True)
    attachment_id = fields.String(required=True)


class BlockPersonRequest(Request):
    cpf = fields.String(required=True)
    reason = fields.String(validate=validate.OneOf(("fraud", "court_order", "death", "other")), required=True)
    note = _text(500)


class UnblockPersonRequest(Request):
    cpf = fields.String(required=True)
    note = fields.String(validate=validate.Length(min=3, max=500), required=True)


class NoteLookRequest(Request):
    """The actor was shown a person's data: of one registration, or (where that is null) of all that a search by CPF shows."""

    registration_id = fields.String(allow_none=True, load_default=None)
    person_id = fields.String(allow_none=True, load_default=None)
    purpose = fields.String(validate=validate.OneOf(LOOK_PURPOSES), required=True)


class NoteLookReply(Shape):
    """``counted`` is false where the same look was noted within the same half hour."""

    counted = fields.Boolean(required=True)


class ListLooksRequest(Request):
    person_id = fields.String(required=True)
    limit = fields.Integer(load_default=200, validate=validate.Range(min=1, max=500))


class Look(Shape):
    """``registration_id`` is null for a search."""

    at = fields.DateTime(required=True)
    purpose = fields.String(required=True)
    registration_id = fields.String(allow_none=True)
    user_id = fields.String(required=True)
    role = fields.String(required=True)
    office_id = fields.String(allow_none=True)


class LooksReply(Shape):
    """Newest first."""

    looks = fields.List(fields.Nested(Look), required=True)


FIND_PERSON = query(SERVICE, "find_person", FindPersonRequest, PersonReply, READERS)
GET_REGISTRATION = query(SERVICE, "get_registration", GetRegistrationRequest, RegistrationReply, READERS)
GET_ATTACHMENT = query(SERVICE, "get_attachment", GetAttachmentRequest, Attachment, READERS)
REGISTER_PERSON = command(SERVICE, "register_person", RegisterPersonRequest, RegistrationReference, STAFF)
UPDATE_REGISTRATION = command(SERVICE, "update_registration", UpdateRegistrationRequest, RegistrationReference, STAFF)
ADD_ATTACHMENT = command(SERVICE, "add_attachment", AddAttachmentRequest, AttachmentReply, STAFF)
BLOCK_PERSON = command(SERVICE, "block_person", BlockPersonRequest, PersonReply, STAFF)
UNBLOCK_PERSON = command(SERVICE, "unblock_person", UnblockPersonRequest, PersonReply, STAFF)
NOTE_LOOK = command(SERVICE, "note_look", NoteLookRequest, NoteLookReply, LOOKERS)
LIST_LOOKS = query(SERVICE, "list_looks", ListLooksRequest, LooksReply, LOOKERS + " holder")


class PersonRegisteredData(Shape):
    """No personal data: ids, a masked CPF and the salted hash of the version."""

    person_id = fields.String(required=True)
    registration_id = fields.String(required=True)
    office_id = fields.String(required=True)
    version = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    cpf_masked = fields.String(required=True)


class PersonUpdatedData(PersonRegisteredData):
    """``changed`` lists the names of the changed fields, never their values."""

    changed = fields.List(fields.String(), required=True)


class PersonBlockedData(Shape):
    person_id = fields.String(required=True)
    cpf_masked = fields.String(required=True)
    reason = fields.String(required=True)


class PersonUnblockedData(Shape):
    person_id = fields.String(required=True)
    cpf_masked = fields.String(required=True)


class RegistrationViewedData(Shape):
    """Somebody of the staff (the actor) was shown a person's data. ``registration_id`` is null for a search by CPF."""

    person_id = fields.String(required=True)
    registration_id = fields.String(allow_none=True)
    purpose = fields.String(required=True)


PERSON_REGISTERED = event(SERVICE, "PersonRegistered", PersonRegisteredData)
PERSON_UPDATED = event(SERVICE, "PersonUpdated", PersonUpdatedData)
PERSON_BLOCKED = event(SERVICE, "PersonBlocked", PersonBlockedData)
PERSON_UNBLOCKED = event(SERVICE, "PersonUnblocked", PersonUnblockedData)
REGISTRATION_VIEWED = event(SERVICE, "RegistrationViewed", RegistrationViewedData)
