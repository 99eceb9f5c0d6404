"""The status responder; OpenSSL asks and judges."""

from __future__ import annotations

import base64
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus

from chassis.clock import now
from services.certification.application import clerk, reads
from services.certification.application.ports import Subject
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.model.state import CertificateStatus, Intent
from tests.support.certification import HOLDER, START, InProcess
from tests.support.holder import new_key
from tests.support.steps import invited, request, session_of, sign, signature_of

MARIA = Subject("Maria", "52998224725", date(1985, 3, 7))
GOOD = CertificateStatus("valid")
REVOKED = CertificateStatus("revoked", START, "key_compromise")
HELD = CertificateStatus("withheld", START)
DER = serialization.Encoding.DER


@pytest.fixture
def certificate(authority: FileAuthority) -> x509.Certificate:
    """A holder's certificate."""
    public_key = new_key().public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    encoded = base64.b64encode(public_key).decode()
    intent = Intent(authority.new_serial(), "hash", encoded, START, START + timedelta(days=1095))
    return x509.load_der_x509_certificate(authority.issue(intent, MARIA))


def asked(certificate: x509.Certificate, authority: FileAuthority, nonce: bytes | None = None, **more: Any) -> bytes:
    """A request (DER) about a certificate."""
    issuer = x509.load_pem_x509_certificate(more.get("issuer", authority.issuing_pem()).encode())
    builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(DER)


def answered(
    authority: FileAuthority, wanted: bytes, status: CertificateStatus | None
) -> tuple[ocsp.OCSPResponse, datetime | None]:
    """The authority's answer about a serial of which ``status`` is known."""
    response, next_update = authority.answer_ocsp(wanted, lambda _: status, START)
    return ocsp.load_der_ocsp_response(response), next_update


@pytest.mark.parametrize(
    ("status", "expected", "nonce"),
    [
        (GOOD, ["holder.pem: good"], "-no_nonce"),
        (GOOD, ["holder.pem: good"], "-nonce"),
        (REVOKED, ["holder.pem: revoked", "Reason: keyCompromise", "Revocation Time: Nov 22 12:00:00 2026 GMT"], "-nonce"),
        (HELD, ["holder.pem: revoked", "Reason: certificateHold", "Revocation Time: Nov 22 12:00:00 2026 GMT"], "-no_nonce"),
    ],
    ids=["good", "good with a nonce", "revoked", "withheld"],
)
def test_openssl_accepts_the_answer(
    authority: FileAuthority,
    authority_folder: Path,
    certificate: x509.Certificate,
    tmp_path: Path,
    status: CertificateStatus,
    expected: list[str],
    nonce: str,
) -> None:
    # given OpenSSL's own request
    (tmp_path / "holder.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    about = ["-issuer", str(authority_folder / "issuing.pem"), "-cert", "holder.pem"]
    openssl(tmp_path, *about, nonce, "-reqout", "request.der")

    # when it is answered
    wanted: list[str] = []
    response, _ = authority.answer_ocsp((tmp_path / "request.der").read_bytes(), lambda one: wanted.append(one) or status, now())
    (tmp_path / "response.der").write_bytes(response)

    # then the response verifies up to the root, fits the request (its nonce, too), and says what is known
    moment = ["-attime", str(int((START + timedelta(hours=1)).timestamp()))]
    chain = ["-CAfile", str(authority_folder / "root.pem"), "-verify_other", str(authority_folder / "issuing.pem")]
    fitting = openssl(tmp_path, "-reqin", "request.der", "-respin", "response.der", *chain, *moment)
    judged = openssl(tmp_path, *about, "-no_nonce", "-respin", "response.der", *chain, *moment)
    assert [fitting.stderr, judged.stderr] == ["Response verify OK\n"] * 2
    assert [line for line in expected if line not in judged.stdout] == []
    assert wanted == [f"{certificate.serial_number:x}"]


def openssl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``openssl ocsp`` in a folder."""
    return subprocess.run(["openssl", "ocsp", *arguments], cwd=folder, capture_output=True, text=True, check=True)


def test_the_responder_is_delegated_for_answers_only(authority_folder: Path) -> None:
    found = files.load_certificate(authority_folder, "ocsp")
    found.verify_directly_issued_by(files.load_certificate(authority_folder, "issuing"))
    usage = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [x509.ExtendedKeyUsageOID.OCSP_SIGNING]
    assert found.extensions.get_extension_for_class(x509.OCSPNoCheck).value == x509.OCSPNoCheck()
    assert found.not_valid_after_utc - START == timedelta(days=365)


@pytest.mark.parametrize("nonce", [b"n", b"n" * 32, b"n" * 128])
def test_a_nonce_is_echoed(authority: FileAuthority, certificate: x509.Certificate, nonce: bytes) -> None:
    response, _ = answered(authority, asked(certificate, authority, nonce), GOOD)
    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce


def test_answers_last_an_hour_and_a_hold_a_minute(authority: FileAuthority, certificate: x509.Certificate) -> None:
    for status, life in ((GOOD, timedelta(hours=1)), (REVOKED, timedelta(hours=1)), (HELD, timedelta(minutes=1))):
        response, next_update = answered(authority, asked(certificate, authority), status)
        assert (response.this_update_utc, response.next_update_utc, next_update) == (START, START + life, START + life)


def test_no_reason_is_said_where_none_was_given(authority: FileAuthority, certificate: x509.Certificate) -> None:
    response, _ = answered(authority, asked(certificate, authority), CertificateStatus("revoked", START, "unspecified"))
    assert response.certificate_status == OCSPCertStatus.REVOKED
    assert response.revocation_reason is None


def test_what_cannot_be_answered_is_unauthorized(authority: FileAuthority, certificate: x509.Certificate) -> None:
    issuer = x509.load_pem_x509_certificate(authority.issuing_pem().encode())
    critical = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA256())
    critical = critical.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), critical=True)
    for wanted, status in (
        (asked(certificate, authority), None),
        (asked(certificate, authority, issuer=authority.root_pem()), GOOD),
        (critical.build().public_bytes(DER), GOOD),
    ):
        response, next_update = answered(authority, wanted, status)
        assert (response.response_status, next_update) == (OCSPResponseStatus.UNAUTHORIZED, None)


@pytest.mark.parametrize("wanted", [b"", b"0\x00", b"garbage"])
def test_what_is_no_request_is_malformed(authority: FileAuthority, wanted: bytes) -> None:
    response, next_update = answered(authority, wanted, GOOD)
    assert (response.response_status, next_update) == (OCSPResponseStatus.MALFORMED_REQUEST, None)


@pytest.mark.parametrize("nonce", [b"", b"n" * 129])
def test_a_nonce_of_a_wrong_length_is_malformed(authority: FileAuthority, certificate: x509.Certificate, nonce: bytes) -> None:
    response, _ = answered(authority, asked(certificate, authority, nonce), GOOD)
    assert response.response_status == OCSPResponseStatus.MALFORMED_REQUEST


def test_the_state_follows_the_emission(inside: InProcess) -> None:
    # given a certificate whose term is not signed yet
    emission = invited(inside)
    session = session_of(inside, emission)
    key = new_key()
    term = request(inside, session, key)
    serial = int(term["certificate_serial"], 16)

    # then it is on hold, good once the term is signed, and revoked in the end
    held = state_of(inside, serial)
    assert (held.certificate_status, held.revocation_reason) == (OCSPCertStatus.REVOKED, x509.ReasonFlags.certificate_hold)
    assert listed_as(inside, serial) == x509.ReasonFlags.certificate_hold
    sign(inside, session, signature_of(term, key))
    assert state_of(inside, serial).certificate_status == OCSPCertStatus.GOOD
    assert listed_as(inside, serial) is None
    inside.clock.forward(hours=2)
    data = {"emission_id": emission["emission_id"], "reason": "superseded"}
    clerk.revoke_certificate(inside.ports, inside.call(), data)
    revoked = state_of(inside, serial)
    assert (revoked.revocation_reason, revoked.revocation_time_utc) == (x509.ReasonFlags.superseded, inside.clock())
    assert state_of(inside, serial + 1).response_status == OCSPResponseStatus.UNAUTHORIZED


def listed_as(inside: InProcess, serial: int) -> x509.ReasonFlags | None:
    """The reason for which the revocation list names a serial."""
    encoded = reads.get_revocation_list(inside.ports, inside.call(HOLDER), {"generation": 1})["crl"]
    entry = x509.load_der_x509_crl(base64.b64decode(encoded)).get_revoked_certificate_by_serial_number(serial)
    return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason if entry else None


def state_of(inside: InProcess, serial: int) -> ocsp.OCSPResponse:
    """The application's answer about a serial."""
    issuer = x509.load_pem_x509_certificate(inside.ports.authority.issuing_pem().encode())
    key = issuer.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    hashed = [hashes.Hash(hashes.SHA256()) for _ in range(2)]
    hashed[0].update(issuer.subject.public_bytes())
    hashed[1].update(point)
    name, bits = (one.finalize() for one in hashed)
    wanted = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name, bits, serial, hashes.SHA256()).build().public_bytes(DER)
    reply = reads.answer_ocsp(inside.ports, inside.call(HOLDER), {"request": base64.b64encode(wanted).decode()})
    return ocsp.load_der_ocsp_response(base64.b64decode(reply["response"]))


def test_what_is_not_base64_is_malformed(inside: InProcess) -> None:
    reply = reads.answer_ocsp(inside.ports, inside.call(HOLDER), {"request": "no base64!"})
    response = ocsp.load_der_ocsp_response(base64.b64decode(reply["response"]))
    assert (response.response_status, reply["next_update"]) == (OCSPResponseStatus.MALFORMED_REQUEST, None)
