"""A holder's certificate request (PKCS#10, RFC 2986): what must stand before its key is certified."""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AttributeOID

from contracts.errors import RefusedSubmission
from services.certification.application.tokens import same

HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)


def public_key_of(request: bytes, nonce: str) -> bytes:
    """The request's public key (DER SubjectPublicKeyInfo).

    The key is P-256, the request is signed by it (proof of possession), and it holds the session's nonce as challengePassword
    (RFC 2985, 5.4.1). Raises :class:`RefusedSubmission` whose reason says what does not stand.
    """
    try:
        parsed = x509.load_der_x509_csr(request)
        key = parsed.public_key()
        signed = parsed.is_signature_valid
        digest = parsed.signature_hash_algorithm
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _refused("not_a_request") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _refused("wrong_key")
    if not isinstance(digest, HASHES):
        raise _refused("weak_hash")
    if not signed:
        raise _refused("no_possession")
    if not same(_challenge(parsed), nonce):
        raise _refused("wrong_nonce")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _challenge(request: x509.CertificateSigningRequest) -> str:
    try:
        return request.attributes.get_attribute_for_oid(AttributeOID.CHALLENGE_PASSWORD).value.decode()
    except (x509.AttributeNotFound, UnicodeDecodeError, ValueError):
        return ""


def _refused(reason: str) -> RefusedSubmission:
    return RefusedSubmission(f"the certificate request does not stand: {reason}", field="csr", reason=reason)
