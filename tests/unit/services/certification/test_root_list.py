"""The root's revocation list, and what a document keeps of the authority; OpenSSL judges."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus

from contracts.errors import InternalFault
from services.certification.application.ports import Subject
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Issuer
from services.certification.authority.custody import FileCustody
from services.certification.authority.lists import signed_list
from services.certification.model.state import CertificateStatus, Intent, Revocation
from tests.support.certification import START, unrecorded
from tests.support.holder import new_key
from tests.unit.services.certification.conftest import ADDRESSES, PASSWORD

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
HOUR = timedelta(hours=1)


@pytest.fixture
def holder(authority: FileAuthority) -> bytes:
    """A holder's certificate (DER)."""
    public_key = new_key().public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    intent = Intent(authority.new_serial(), "hash", base64.b64encode(public_key).decode(), START, START + timedelta(days=1095))
    return authority.issue(intent, Subject("Maria", "52998224725", date(1985, 3, 7)))


def verified(
    folder: Path, authority: FileAuthority, scratch: Path, certificate: bytes, root_list: bytes
) -> subprocess.CompletedProcess[str]:
    """What OpenSSL says, strictly, of the whole chain."""
    now = START + HOUR
    issued, _ = authority.revocation_list("", list, now, unrecorded)
    lists = b"".join(x509.load_der_x509_crl(one).public_bytes(PEM) for one in (root_list, issued))
    (scratch / "lists.pem").write_bytes(lists)
    (scratch / "asked.pem").write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(PEM))
    argv = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-attime", str(int(now.timestamp()))]
    argv += ["-CAfile", str(folder / "root.pem"), "-untrusted", str(folder / "issuing.pem")]
    argv += ["-CRLfile", str(scratch / "lists.pem"), str(scratch / "asked.pem")]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_openssl_checks_every_certificate_of_the_chain_against_a_list(
    authority: FileAuthority, authority_folder: Path, tmp_path: Path, holder: bytes
) -> None:
    # given the holder's certificate and the time-stamping service's, and the root's list as published
    root_list = authority.root_list()
    assert root_list is not None
    stamping = files.load_certificate(authority_folder, "timestamping").public_bytes(DER)

    # when OpenSSL checks the whole chain strictly, then both stand
    for asked in (holder, stamping):
        checked = verified(authority_folder, authority, tmp_path, asked, root_list)
        assert checked.returncode == 0, checked.stderr

    # and where the root's list names the issuing authority, nothing below it does
    root = files.load_issuer(authority_folder, "root", FileCustody(PASSWORD))
    issuing = files.load_certificate(authority_folder, "issuing")
    revoking = signed_list(root, [Revocation(f"{issuing.serial_number:x}", START, "key_compromise")], START, HOUR * 2)
    checked = verified(authority_folder, authority, tmp_path, holder, revoking)
    assert checked.returncode == 2
    assert "certificate revoked" in checked.stderr

    # and a list that another key signed counts for nothing
    other = Issuer(root.certificate, ec.generate_private_key(ec.SECP384R1()))
    checked = verified(authority_folder, authority, tmp_path, holder, signed_list(other, [], START, HOUR * 2))
    assert "CRL signature failure" in checked.stderr


def test_the_root_list_lasts_a_year_and_the_issuing_certificate_names_it(authority_folder: Path) -> None:
    made = x509.load_der_x509_crl(files.load_root_list(authority_folder) or b"")
    assert made.next_update_utc == START + timedelta(days=365)
    assert list(made) == []
    points = (
        files.load_certificate(authority_folder, "issuing").extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    )
    assert [point.full_name[0].value for point in points if point.full_name] == list(ADDRESSES.root_lists)


def released(_: str) -> CertificateStatus:
    return CertificateStatus("valid")


@pytest.mark.parametrize("status", [None, CertificateStatus("withheld", START)])
def test_a_document_keeps_nothing_of_a_certificate_that_is_not_released(
    authority: FileAuthority, holder: bytes, status: CertificateStatus | None
) -> None:
    with pytest.raises(InternalFault):
        authority.validation_material(holder, lambda _: status, START)


def test_a_document_keeps_nothing_of_another_authoritys_certificate(authority: FileAuthority, authority_folder: Path) -> None:
    of_the_root = files.load_certificate(authority_folder, "issuing").public_bytes(DER)
    with pytest.raises(InternalFault):
        authority.validation_material(of_the_root, released, START)


def test_a_revocation_is_kept_as_it_is(authority: FileAuthority, holder: bytes) -> None:
    material = authority.validation_material(holder, lambda _: CertificateStatus("revoked", START, "superseded"), START)
    assert ocsp.load_der_ocsp_response(material.ocsps[0]).certificate_status is OCSPCertStatus.REVOKED


def test_a_document_keeps_good_answers_about_both_signers(
    authority: FileAuthority, authority_folder: Path, holder: bytes
) -> None:
    # when what a document keeps is asked for
    material = authority.validation_material(holder, released, START)

    # then it holds the authority's certificates and the root's list
    names = ("issuing", "root", "ocsp", "timestamping")
    assert material.certificates == tuple(files.load_certificate(authority_folder, name).public_bytes(DER) for name in names)
    assert material.crls == (authority.root_list(),)

    # and good answers about the holder's certificate and the time-stamping service's, signed by the responder
    asked = [x509.load_der_x509_certificate(one) for one in (holder, material.certificates[3])]
    answers = [ocsp.load_der_ocsp_response(one) for one in material.ocsps]
    assert [answer.serial_number for answer in answers] == [one.serial_number for one in asked]
    key = files.load_certificate(authority_folder, "ocsp").public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for answer in answers:
        assert answer.certificate_status is OCSPCertStatus.GOOD
        key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


def test_the_responder_answers_for_the_time_stamping_certificate(authority: FileAuthority, authority_folder: Path) -> None:
    stamping, issuing = (files.load_certificate(authority_folder, name) for name in ("timestamping", "issuing"))
    wanted = ocsp.OCSPRequestBuilder().add_certificate(stamping, issuing, hashes.SHA256()).build().public_bytes(DER)
    response, _ = authority.answer_ocsp(wanted, lambda _: None, START)
    assert ocsp.load_der_ocsp_response(response).certificate_status is OCSPCertStatus.GOOD
    access = stamping.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert ADDRESSES.ocsp in [one.access_location.value for one in access]


@pytest.fixture
def older(authority_folder: Path, tmp_path: Path) -> Path:
    """A folder from before there was a root list."""
    folder = tmp_path / "older"
    shutil.copytree(authority_folder, folder)
    (folder / files.ROOT_LIST).unlink()
    return folder


def test_an_older_folder_keeps_working(older: Path, holder: bytes) -> None:
    authority = FileAuthority.open(older, FileCustody(PASSWORD), ADDRESSES, START)
    assert authority.root_list() is None
    material = authority.validation_material(holder, released, START)
    assert [len(material.ocsps), material.crls] == [2, ()]


def test_the_creating_program_makes_a_missing_list_once(older: Path) -> None:
    env = {"TITULAR_AUTHORITY_FOLDER": str(older), "TITULAR_AUTHORITY_PASSWORD": PASSWORD}
    env["TITULAR_PUBLIC_URL"] = ADDRESSES.public_url
    argv = [sys.executable, "-m", "services.certification.authority.create"]

    # when the program runs twice
    subprocess.run(argv, env=env, check=True, timeout=60)
    made = x509.load_der_x509_crl(files.load_root_list(older) or b"")
    subprocess.run(argv, env=env, check=True, timeout=60)

    # then the first run made a list of the root's, and the second another one not
    key = files.load_certificate(older, "root").public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert made.is_signature_valid(key)
    assert files.load_root_list(older) == made.public_bytes(DER)


def test_the_list_is_made_anew_past_half_its_life(older: Path) -> None:
    assert files.make_root_list(older, FileCustody(PASSWORD), START)
    assert not files.make_root_list(older, FileCustody(PASSWORD), START + timedelta(days=182))
    assert files.make_root_list(older, FileCustody(PASSWORD), START + timedelta(days=183))
    made = x509.load_der_x509_crl(files.load_root_list(older) or b"")
    assert made.next_update_utc == START + timedelta(days=183 + 365)


def test_without_the_roots_key_no_list_is_made(older: Path) -> None:
    (older / "root.key").unlink()
    assert not files.make_root_list(older, FileCustody(PASSWORD), START)
    assert files.load_root_list(older) is None
