"""Answers about single certificates: OCSP (RFC 6960), in the lightweight profile (RFC 5019)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus

from services.certification.authority.certificates import Issuer
from services.certification.authority.lists import REASONS
from services.certification.model.state import CertificateStatus

LIFE = timedelta(hours=1)
HOLD_LIFE = timedelta(minutes=1)  # a hold ends as soon as the term is signed
LONGEST_NONCE = 128  # RFC 9654, 2.1
Find = Callable[[str], CertificateStatus | None]
Answer = tuple[bytes, datetime | None]


class Responder:
    """The delegated responder of one issuing authority."""

    def __init__(self, signer: Issuer, issuing: x509.Certificate) -> None:
        self._signer = signer
        self._issuing = issuing

    def answer(self, request: bytes, find: Find, now: datetime) -> Answer:
        """The response (DER) and until when it may be kept; None for one that says why there is no answer.

        A withheld certificate is on hold since it was issued. A serial that was never issued, another authority's
        certificate and a request that we cannot read wholly are ``unauthorized`` (RFC 5019, 2.2.3).
        """
        try:
            asked = ocsp.load_der_ocsp_request(request)
            nonce = _nonce(asked)
            status = find(serial_text(asked.serial_number)) if self._is_ours(asked) else None
        except (NotImplementedError, UnsupportedAlgorithm):
            return _refusal(OCSPResponseStatus.UNAUTHORIZED)
        except ValueError:
            return _refusal(OCSPResponseStatus.MALFORMED_REQUEST)
        if status is None:
            return _refusal(OCSPResponseStatus.UNAUTHORIZED)
        moment = now.replace(microsecond=0)
        next_update = moment + (HOLD_LIFE if status.status == "withheld" else LIFE)
        builder = _about(asked, status, moment, next_update)
        if nonce is not None:
            builder = builder.add_extension(nonce, critical=False)
        return self._sign(builder), next_update

    def _sign(self, builder: ocsp.OCSPResponseBuilder) -> bytes:
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self._signer.certificate)
        builder = builder.certificates([self._signer.certificate])
        return builder.sign(self._signer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _is_ours(self, asked: ocsp.OCSPRequest) -> bool:
        """Whether name and key of the asked certificate's issuer are ours (RFC 6960, 4.1.1)."""
        key = self._issuing.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise TypeError("the issuing authority has an elliptic-curve key")
        bits = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        expected = [_digest(asked.hash_algorithm, content) for content in (self._issuing.subject.public_bytes(), bits)]
        return [asked.issuer_name_hash, asked.issuer_key_hash] == expected


def serial_text(serial: int) -> str:
    """A serial as the events hold it: lower-case hexadecimal of at least 16 octets."""
    return f"{serial:032x}"


def _about(
    asked: ocsp.OCSPRequest, status: CertificateStatus, this_update: datetime, next_update: datetime
) -> ocsp.OCSPResponseBuilder:
    revoked = status.status != "valid"
    reason = x509.ReasonFlags.certificate_hold if status.status == "withheld" else REASONS.get(status.reason or "")
    return ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
        algorithm=asked.hash_algorithm,
        cert_status=OCSPCertStatus.REVOKED if revoked else OCSPCertStatus.GOOD,
        this_update=this_update,
        next_update=next_update,
        revocation_time=status.since.replace(microsecond=0) if revoked and status.since else None,
        revocation_reason=reason if revoked else None,
    )


def _nonce(asked: ocsp.OCSPRequest) -> x509.OCSPNonce | None:
    """The nonce to be echoed (RFC 9654, 2.1); raises ValueError for one of a wrong length."""
    found = None
    for extension in asked.extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            found = extension.value
        elif extension.critical:
            raise NotImplementedError(f"a critical extension that is not understood: {extension.oid.dotted_string}")
    if found is not None and not 0 < len(found.nonce) <= LONGEST_NONCE:
        raise ValueError("a nonce has 1 to 128 octets")
    return found


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _refusal(status: OCSPResponseStatus) -> Answer:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER), None
