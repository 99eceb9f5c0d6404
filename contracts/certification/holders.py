"""Questions and answers of the holder's phone, and of whoever verifies a certificate."""

from marshmallow import fields, validate

from contracts.certification.looks import DocumentLook
from contracts.certification.vocabulary import HOLDER_REVOCATION_REASONS
from contracts.operation import Request, Shape
from contracts.registry import StoredObject


class HolderLinkRequest(Request):
    token = fields.String(required=True)


class HolderLinkReply(Shape):
    """What the phone's page may know from the link alone. ``step``: data, code, request, sign, done."""

    step = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    tries_left = fields.Integer(required=True)
    expires_at = fields.DateTime(required=True)
    renewable = fields.Boolean(load_default=False)  # a newer link may be had by RENEW_LINK


class RenewalReply(Shape):
    """The same for every token, known or not: the message goes to the contact that the office has, or nowhere."""

    accepted = fields.Boolean(required=True)


class HolderDataRequest(Request):
    token = fields.String(required=True)
    cpf = fields.String(required=True)
    birth_date = fields.Date(required=True)


class HolderCodeReply(Shape):
    channel = fields.String(required=True)
    address_masked = fields.String(required=True)
    expires_at = fields.DateTime(required=True)
    sends_left = fields.Integer(required=True)


class HolderCodeRequest(Request):
    """``code`` came by the message, ``words`` from the clerk's mouth; accents, case and what is no letter do not count."""

    token = fields.String(required=True)
    code = fields.String(required=True)
    words = fields.String(required=True, validate=validate.Length(max=100))


class HolderSessionReply(Shape):
    """``holder_session`` authorises the next steps; ``nonce`` must be the request's challengePassword (RFC 2985, 5.4.1)."""

    holder_session = fields.String(required=True)
    nonce = fields.String(required=True)
    step = fields.String(required=True)
    emission_id = fields.String(required=True)
    holder_name = fields.String(required=True)


class HolderSessionRequest(Request):
    holder_session = fields.String(required=True)


class CertificateRequest(Request):
    """``csr`` is base64 of a DER PKCS#10 (RFC 2986)."""

    holder_session = fields.String(required=True)
    csr = fields.String(required=True, validate=validate.Length(max=8192))


class TermToSign(Shape):
    """The prepared term: the phone recomputes the digest over the byte range, then signs ``signed_attributes``."""

    emission_id = fields.String(required=True)
    step = fields.String(required=True)
    document = fields.String(required=True)  # base64 PDF with the signature's place still empty
    reserved_start = fields.Integer(required=True)  # the signature's bytes, not covered by the digest
    reserved_end = fields.Integer(required=True)
    signed_attributes = fields.String(required=True)  # base64 DER (RFC 5652, 11)
    certificate_serial = fields.String(required=True)
    certificate_not_after = fields.DateTime(required=True)


class SignTermRequest(Request):
    """``signature`` is base64 of a DER ECDSA-Sig-Value over ``signed_attributes``."""

    holder_session = fields.String(required=True)
    signature = fields.String(required=True, validate=validate.Length(max=512))


class HolderDoneReply(Shape):
    emission_id = fields.String(required=True)
    step = fields.String(required=True)
    protocol = fields.String(required=True)
    certificate_pem = fields.String(required=True)
    not_after = fields.DateTime(required=True)
    term = fields.Nested(StoredObject, required=True)


class ChallengeRequest(Request):
    emission_id = fields.String(required=True, validate=validate.Length(max=64))


class ChallengeReply(Shape):
    """The same for any id, of an emission or not."""

    challenge = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class OpenPlaceRequest(Request):
    """``signature`` is base64 of a DER ECDSA-Sig-Value over ``titular holder access``, id and challenge, a line each."""

    emission_id = fields.String(required=True, validate=validate.Length(max=64))
    challenge = fields.String(required=True, validate=validate.Length(max=128))
    signature = fields.String(required=True, validate=validate.Length(max=512))


class OpenPlaceReply(Shape):
    place_session = fields.String(required=True)
    expires_at = fields.DateTime(required=True)


class PlaceRequest(Request):
    place_session = fields.String(required=True, validate=validate.Length(max=256))


class PlaceReply(Shape):
    """What the holder owns. ``status``: valid, revoked or expired; ``term`` in its latest form; ``looks`` newest first."""

    emission_id = fields.String(required=True)
    person_id = fields.String(allow_none=True, load_default=None)
    protocol = fields.String(required=True)
    office_name = fields.String(allow_none=True)
    status = fields.String(required=True)
    serial = fields.String(required=True)
    not_before = fields.DateTime(required=True)
    not_after = fields.DateTime(required=True)
    revoked_at = fields.DateTime(allow_none=True)
    revocation_reason = fields.String(allow_none=True)
    certificate_pem = fields.String(required=True)
    term = fields.Nested(StoredObject, required=True)
    looks = fields.List(fields.Nested(DocumentLook), load_default=list)


class RevokeOwnRequest(Request):
    """``signature`` is over ``titular holder revocation``, id, serial, reason and challenge, a line each."""

    emission_id = fields.String(required=True, validate=validate.Length(max=64))
    challenge = fields.String(required=True, validate=validate.Length(max=128))
    reason = fields.String(required=True, validate=validate.OneOf(HOLDER_REVOCATION_REASONS))
    signature = fields.String(required=True, validate=validate.Length(max=512))


class EmptyRequest(Request):
    pass


class RevocationListRequest(Request):
    """``generation``: of the issuing authority; the first by default. ``year``: of the certificates issued in it; null: all."""

    generation = fields.Integer(load_default=1, validate=validate.Range(min=1))
    year = fields.Integer(allow_none=True, load_default=None)


class AuthorityReply(Shape):
    """``issuing_pem`` issues now; ``issuing_pems`` are all generations', the first first (older senders leave them out)."""

    root_pem = fields.String(required=True)
    issuing_pem = fields.String(required=True)
    issuing_pems = fields.List(fields.String(), load_default=list)
    root_crl = fields.String(allow_none=True, load_default=None)  # base64 DER


class RevocationListReply(Shape):
    crl = fields.String(required=True)  # base64 DER
    next_update = fields.DateTime(required=True)


class OcspRequest(Request):
    """``request`` is base64 (at most 4 kB, so 3 kB of DER) of an OCSPRequest (RFC 6960, 4.1)."""

    request = fields.String(required=True, validate=validate.Length(max=4096))


class OcspReply(Shape):
    """``response`` is base64 of a DER OCSPResponse; ``next_update`` is null where it says why there is no answer."""

    response = fields.String(required=True)
    next_update = fields.DateTime(allow_none=True)
