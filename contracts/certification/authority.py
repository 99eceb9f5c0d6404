"""What the authority's keys did, each use an event in streams of their own; and what its administrator and auditors ask."""

from marshmallow import fields, validate

from contracts.certification.vocabulary import AUTHORITY_KEYS, SERVICE
from contracts.operation import Request, Shape, event


class KeyUseData(Shape):
    """``key``: whose use it is. ``certificate_sha256``: of that key's certificate (DER), where the service knows it."""

    key = fields.String(validate=validate.OneOf(AUTHORITY_KEYS), required=True)
    certificate_sha256 = fields.String(allow_none=True, load_default=None)


class KeyOpenedData(KeyUseData):
    """A process on ``host`` opened the key, which it keeps in memory as long as it runs."""

    serial = fields.String(required=True)
    not_after = fields.DateTime(required=True)
    host = fields.String(required=True)


class HolderCertificateSignedData(KeyUseData):
    """Recorded before the key signs: a crash in between leaves a use that did not happen, never the reverse."""

    emission_id = fields.String(required=True)
    serial = fields.String(required=True)


class RevocationListSignedData(KeyUseData):
    """``sha256``: of the whole list (DER). ``number``: its CRLNumber (RFC 5280, 5.2.3).

    ``year``: the list is about the certificates alone that were issued in it; null: about all.
    """

    number = fields.Integer(required=True)
    entries = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    this_update = fields.DateTime(required=True)
    next_update = fields.DateTime(required=True)
    year = fields.Integer(allow_none=True, load_default=None)


class TimeStampSignedData(KeyUseData):
    """``serial``: of the token (RFC 3161, 2.4.2), hexadecimal. ``digest``: the message imprint, hexadecimal.

    ``emission_id`` is null where the document could not be finished, so that the stamp came to nobody.
    """

    emission_id = fields.String(allow_none=True, load_default=None)
    serial = fields.String(required=True)
    digest_algorithm = fields.String(required=True)
    digest = fields.String(required=True)
    stamped_at = fields.DateTime(required=True)


class OcspAnswersSignedData(KeyUseData):
    """All answers that one process signed within one minute."""

    first_at = fields.DateTime(required=True)
    last_at = fields.DateTime(required=True)
    count = fields.Integer(required=True)


class AuthorityCertificateNotedData(KeyUseData):
    """A certificate of the authority itself, noted once, when a service first finds it. ``key``: the key that signed it."""

    certificate = fields.String(validate=validate.OneOf(AUTHORITY_KEYS), required=True)
    serial = fields.String(required=True)
    sha256 = fields.String(required=True)
    not_before = fields.DateTime(required=True)
    not_after = fields.DateTime(required=True)


KEY_OPENED = event(SERVICE, "KeyOpened", KeyOpenedData)
HOLDER_CERTIFICATE_SIGNED = event(SERVICE, "HolderCertificateSigned", HolderCertificateSignedData)
REVOCATION_LIST_SIGNED = event(SERVICE, "RevocationListSigned", RevocationListSignedData)
TIME_STAMP_SIGNED = event(SERVICE, "TimeStampSigned", TimeStampSignedData)
OCSP_ANSWERS_SIGNED = event(SERVICE, "OcspAnswersSigned", OcspAnswersSignedData)
AUTHORITY_CERTIFICATE_NOTED = event(SERVICE, "AuthorityCertificateNoted", AuthorityCertificateNotedData)
ROOT_LIST_NOTED = event(SERVICE, "RootListNoted", RevocationListSignedData)
KEY_USES = (
    *(KEY_OPENED, HOLDER_CERTIFICATE_SIGNED, REVOCATION_LIST_SIGNED, TIME_STAMP_SIGNED, OCSP_ANSWERS_SIGNED),
    *(AUTHORITY_CERTIFICATE_NOTED, ROOT_LIST_NOTED),
)
"""All of them: the events of the streams that begin with ``AUTHORITY_STREAMS``."""


class OwnCertificate(Shape):
    """A certificate of the authority's own. ``days_left``: whole days until it ends, negative afterwards.

    ``generation``: of the issuing authority. Only the latest one's keys sign certificates and time stamps.
    """

    key = fields.String(validate=validate.OneOf(AUTHORITY_KEYS), required=True)
    signed_by = fields.String(validate=validate.OneOf(AUTHORITY_KEYS), required=True)
    serial = fields.String(required=True)
    sha256 = fields.String(required=True)
    not_before = fields.DateTime(required=True)
    not_after = fields.DateTime(required=True)
    generation = fields.Integer(load_default=1)
    days_left = fields.Integer(required=True)


class ListState(Shape):
    """A revocation list: of all certificates, or of those that were issued in a ``year``."""

    number = fields.Integer(required=True)
    entries = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    this_update = fields.DateTime(required=True)
    next_update = fields.DateTime(required=True)
    year = fields.Integer(allow_none=True, load_default=None)


class AnswerDay(Shape):
    """How many answers about certificates (OCSP) were signed on a day (UTC)."""

    day = fields.Date(required=True)
    count = fields.Integer(required=True)


class AuthorityStateReply(Shape):
    """``list``: the last whole one of the issuing authority that was recorded; null before the first.

    ``year_lists``: the last one of each year of which a certificate can be valid, where one was asked for. Newest first, as
    ``answers`` are.
    """

    certificates = fields.List(fields.Nested(OwnCertificate), required=True)
    list = fields.Nested(ListState, allow_none=True)
    year_lists = fields.List(fields.Nested(ListState), required=True)
    root_list = fields.Nested(ListState, allow_none=True)
    answers = fields.List(fields.Nested(AnswerDay), required=True)
    checked_at = fields.DateTime(required=True)


class KeyUsesRequest(Request):
    """Newest first; null: any. ``before``: the position of the last of the page before."""

    key = fields.String(validate=validate.OneOf(AUTHORITY_KEYS), allow_none=True, load_default=None)
    type = fields.String(validate=validate.OneOf([use.name for use in KEY_USES]), allow_none=True, load_default=None)
    since = fields.DateTime(allow_none=True, load_default=None)
    until = fields.DateTime(allow_none=True, load_default=None)
    before = fields.Integer(allow_none=True, load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=500))


class KeyUse(Shape):
    """One event of the journal: ``stream_id`` and ``version`` say where it stands, ``hash`` what it was when it was stored."""

    position = fields.Integer(required=True)
    stream_id = fields.String(required=True)
    version = fields.Integer(required=True)
    hash = fields.String(required=True)
    time = fields.DateTime(required=True)
    type = fields.String(required=True)
    key = fields.String(required=True)
    data = fields.Dict(required=True)


class KeyUsesReply(Shape):
    uses = fields.List(fields.Nested(KeyUse), required=True)


class FindCertificateRequest(Request):
    """``wanted``: a serial number (hexadecimal, however it is written) or a protocol number; of whichever office."""

    wanted = fields.String(required=True, validate=validate.Length(min=1, max=200))
