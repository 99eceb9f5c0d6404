"""A time-stamping service (RFC 3161) of our own, for who has no other."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps.api import TimeStamper

from services.certification.application.ports import Stamp
from services.certification.authority.certificates import Issuer

POLICY = "1.2.840.113556.1.8000.2554.52104.29583.35931.23861.33655.16188915.14896326"
DIGESTS = frozenset({"sha256", "sha384", "sha512"})


class TimeStampingService:
    """Answers time-stamp requests with the key of a certificate made for nothing else."""

    def __init__(self, issuer: Issuer, chain: tuple[bytes, ...] = ()) -> None:
        self._key = issuer.key
        self._certificate = asn1_x509.Certificate.load(issuer.certificate.public_bytes(Encoding.DER))
        self._chain = [asn1_x509.Certificate.load(certificate) for certificate in chain]
        self.signed: list[Stamp] = []
        """Every time stamp that was signed, until whoever records them clears it."""

    def answer(self, request: Any) -> Any:
        """A TimeStampResp to a TimeStampReq; a rejection where digest or policy are not ours (RFC 3161, 2.4)."""
        imprint = request["message_imprint"]
        digest = imprint["hash_algorithm"]["algorithm"].native
        if digest not in DIGESTS or len(imprint["hashed_message"].native) != hashlib.new(digest).digest_size:
            return _rejection("bad_alg")
        if request["req_policy"].native not in (None, POLICY):
            return _rejection("unaccepted_policy")
        moment = datetime.now(UTC).replace(microsecond=0)
        info = {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": imprint,
            "serial_number": secrets.randbits(63),
            "gen_time": moment,
            "accuracy": {"seconds": 1},
            "tsa": asn1_x509.GeneralName("directory_name", self._certificate.subject),
        }
        if request["nonce"].native is not None:
            info["nonce"] = request["nonce"]
        self.signed.append(Stamp(f"{info['serial_number']:x}", digest, imprint["hashed_message"].native.hex(), moment))
        signed = self._signed_data(tsp.TSTInfo(info).dump(), moment, bool(request["cert_req"].native))
        token = _encoded(cms.ContentInfo({"content_type": "signed_data", "content": signed}))
        return _encoded(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}))

    def _signed_data(self, content: bytes, moment: datetime, with_certificates: bool) -> Any:
        sha256 = _encoded(algos.DigestAlgorithm({"algorithm": "sha256"}))
        attributes = self._signed_attributes(content, moment)
        issuer_and_serial = {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        signer = {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": _encoded(cms.IssuerAndSerialNumber(issuer_and_serial))}),
            "digest_algorithm": sha256,
            "signature_algorithm": _encoded(algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})),
            "signed_attrs": attributes,
            "signature": self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
        signed = {
            "version": "v3",
            "digest_algorithms": [sha256],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(content)},
            "signer_infos": [_encoded(cms.SignerInfo(signer))],
        }
        if with_certificates:
            signed["certificates"] = [self._certificate, *self._chain]
        return _encoded(cms.SignedData(signed))

    def _signed_attributes(self, content: bytes, moment: datetime) -> Any:
        identifier = _encoded(tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(self._certificate.dump()).digest()}))
        values = (
            ("content_type", "tst_info"),
            ("signing_time", cms.Time({"utc_time": core.UTCTime(moment)})),
            ("message_digest", hashlib.sha256(content).digest()),
            ("signing_certificate_v2", _encoded(tsp.SigningCertificateV2({"certs": [identifier]}))),
        )
        attributes = [_encoded(cms.CMSAttribute({"type": kind, "values": (value,)})) for kind, value in values]
        return _encoded(cms.CMSAttributes(attributes))


def _encoded(value: Any) -> Any:
    """The same, as if it had come over a network.

    What asn1crypto has built and never read from bytes it encodes anew for each level of each copy around it.
    """
    return type(value).load(value.dump())


def _rejection(failure: str) -> Any:
    return tsp.TimeStampResp({"status": {"status": "rejection", "fail_info": {failure}}})


class LocalTimeStamper(TimeStamper):  # type: ignore[misc]
    """The service for pyHanko, without a network between."""

    def __init__(self, service: TimeStampingService) -> None:
        super().__init__()
        self._service = service

    async def async_request_tsa_response(self, req: Any) -> Any:
        """See pyHanko's TimeStamper."""
        return self._service.answer(req)
