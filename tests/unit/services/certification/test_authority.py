"""The authority: profile, requests, lists, key files. OpenSSL is the second opinion."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from chassis.settings import SettingsError, load
from contracts.errors import NotFound, RefusedSubmission
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.custody import ROUNDS, CustodyFault, FileCustody
from services.certification.authority.profile import PERSON_DATA, person_data, subject_name
from services.certification.authority.settings import AuthoritySettings
from services.certification.model.state import Intent, Revocation
from tests.support.certification import START, unrecorded
from tests.support.holder import new_key, request_of
from tests.support.terms import MARIA
from tests.unit.services.certification.conftest import ADDRESSES, PASSWORD

YEARS = timedelta(days=1095)


def intent_of(authority: FileAuthority, key: ec.EllipticCurvePrivateKey) -> Intent:
    public_key = authority.read_request(request_of(key, "nonce"), "nonce")
    serial = authority.new_serial()
    return Intent(serial, "hash", base64.b64encode(public_key).decode(), START, START + YEARS)


def test_an_issued_certificate_has_the_profile(authority: FileAuthority) -> None:
    key = new_key()
    intent = intent_of(authority, key)
    certificate = x509.load_der_x509_certificate(authority.issue(intent, MARIA))
    assert certificate.subject.rfc4514_string() == (
        "CN=MARIA DA CONCEICAO SOUZA:52998224725,OU=Certificado digital por videoconferencia,O=Titular,C=BR"
    )
    assert f"{certificate.serial_number:032x}" == intent.serial
    assert (certificate.not_valid_before_utc, certificate.not_valid_after_utc) == (START, START + YEARS)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    others = {name.type_id.dotted_string: name.value for name in names.get_values_for_type(x509.OtherName)}
    assert others == {
        "2.16.76.1.3.1": b"\x04\x32" + b"07031985" + b"52998224725" + b"0" * 11 + b"000000123456789" + b"SSPSP",
        "2.16.76.1.3.6": b"\x04\x0c" + b"0" * 12,
        "2.16.76.1.3.5": b"\x04\x13" + b"0" * 19,
    }
    assert names.get_values_for_type(x509.RFC822Name) == ["maria@example.com"]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usage) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION}
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [point.full_name[0].value for point in points if point.full_name] == [
        "https://titular.example/ac/emissora-2026.crl",
        "https://titular.example/ac/emissora-2026-2.crl",
    ]
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [(found.access_method._name, found.access_location.value) for found in access] == [
        ("caIssuers", "https://titular.example/ac/emissora.cer"),
        ("OCSP", "https://titular.example/ac/ocsp"),
    ]
    assert "ICP-Brasil" not in certificate.issuer.rfc4514_string()


def test_the_same_intent_gives_the_same_bytes(authority: FileAuthority, authority_folder: Path) -> None:
    intent = intent_of(authority, new_key())
    again = FileAuthority.open(authority_folder, FileCustody(PASSWORD), ADDRESSES, START)
    assert authority.issue(intent, MARIA) == again.issue(intent, MARIA)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"identity_number": None}, "07031985" + "52998224725" + "0" * 26),
        ({"identity_number": "1" * 16}, "07031985" + "52998224725" + "0" * 26),
        (
            {"identity_number": "1-x", "identity_issuer": "Detran Nacional"},
            "07031985" + "52998224725" + "0" * 24 + "1XDETRANNACI",
        ),
    ],
    ids=["no RG", "an RG too long for its field", "a long issuer"],
)
def test_person_data_has_fixed_fields(changes: dict[str, str | None], expected: str) -> None:
    assert person_data(replace(MARIA, **changes)) == expected


def test_a_long_name_is_cut_before_the_cpf() -> None:
    name = subject_name(replace(MARIA, name="Ana " * 30)).rfc4514_string()
    common_name = name.split(",")[0].removeprefix("CN=")
    assert len(common_name) <= 64
    assert common_name.endswith("ANA:52998224725")


def test_an_address_that_is_not_ascii_is_left_out(authority: FileAuthority) -> None:
    certificate = authority.issue(intent_of(authority, new_key()), replace(MARIA, email="joão@example.com"))
    names = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == []
    assert names.get_values_for_type(x509.OtherName)[0].type_id == PERSON_DATA


def test_a_request_needs_possession_curve_hash_and_nonce(authority: FileAuthority) -> None:
    key = new_key()
    good = request_of(key, "nonce")
    assert authority.read_request(good, "nonce").startswith(b"0Y")
    forged = good[:-3] + bytes([good[-3] ^ 1]) + good[-2:]
    faulty = {
        "wrong_nonce": request_of(key, "another"),
        "wrong_key": request_of(ec.generate_private_key(ec.SECP384R1()), "nonce"),
        "no_possession": forged,
        "weak_hash": request_of(key, "nonce", hashes.SHA224()),
        "not_a_request": b"0\x00",
    }
    for reason, request in faulty.items():
        with pytest.raises(RefusedSubmission) as refused:
            authority.read_request(request, "nonce")
        assert refused.value.reason == reason
    with pytest.raises(RefusedSubmission):
        authority.read_request(request_of(rsa.generate_private_key(65537, 2048), "nonce"), "nonce")


def test_only_the_certificates_key_signs(authority: FileAuthority) -> None:
    key = new_key()
    certificate = authority.issue(intent_of(authority, key), MARIA)
    signature = key.sign(b"attributes", ec.ECDSA(hashes.SHA256()))
    assert authority.signature_stands(certificate, b"attributes", signature)
    assert not authority.signature_stands(certificate, b"other", signature)
    assert not authority.signature_stands(certificate, b"attributes", b"garbage")
    other = new_key().sign(b"attributes", ec.ECDSA(hashes.SHA256()))
    assert not authority.signature_stands(certificate, b"attributes", other)


def test_openssl_verifies_the_chain_and_the_revocation(authority: FileAuthority, authority_folder: Path, tmp_path: Path) -> None:
    now = START + timedelta(hours=1)
    intent = intent_of(authority, new_key())
    (tmp_path / "holder.pem").write_text(_pem(authority.issue(intent, MARIA)))
    chain = ["-CAfile", authority_folder / "root.pem", "-untrusted", authority_folder / "issuing.pem"]
    verify = ["openssl", "verify", "-attime", str(int(now.timestamp())), *chain]

    def run(*more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*map(str, (*verify, *more))], capture_output=True, text=True, check=False)

    assert run("-purpose", "smimesign", tmp_path / "holder.pem").returncode == 0
    assert run("-purpose", "timestampsign", authority_folder / "timestamping.pem").returncode == 0
    for revoked, expected in (([], 0), ([Revocation(intent.serial, START, "superseded")], 2)):
        crl, _ = authority.revocation_list(str(revoked), partial(list, revoked), now, unrecorded)
        pem = x509.load_der_x509_crl(crl).public_bytes(serialization.Encoding.PEM)
        (tmp_path / "list.pem").write_bytes(pem)
        checked = run("-crl_check", "-CRLfile", tmp_path / "list.pem", tmp_path / "holder.pem")
        assert checked.returncode == expected, checked.stderr
    assert "certificate revoked" in checked.stderr


def test_a_years_list_names_its_years_certificates_alone_and_says_so(authority: FileAuthority) -> None:
    # given revocations of two years, and one of which nobody knows the year
    moment = START.replace(year=2027)
    found = [Revocation(f"0{number}", START, "superseded", year) for number, year in enumerate((2026, 2027, None), start=1)]

    def named(year: int | None) -> tuple[list[int], x509.CertificateRevocationList]:
        content, _ = authority.revocation_list("", lambda: found, moment, unrecorded, year)
        listed = x509.load_der_x509_crl(content)
        return [entry.serial_number for entry in listed], listed

    # then each year's list names its own and the unknown, and the whole list names all
    assert [named(year)[0] for year in (2026, 2027, None)] == [[1, 3], [2, 3], [1, 2, 3]]

    # and a year's list says, critically, which certificates it is about: those that name one of its addresses
    said = named(2026)[1].extensions.get_extension_for_class(x509.IssuingDistributionPoint)
    assert (said.critical, [name.value for name in said.value.full_name or []]) == (
        True,
        list(ADDRESSES.revocation_lists_of(2026)),
    )
    assert "issuingDistributionPoint" not in [one.oid._name for one in named(None)[1].extensions]


@pytest.mark.parametrize("year", [2025, 2027])
def test_no_list_is_signed_for_a_year_in_which_nothing_was_issued(authority: FileAuthority, year: int) -> None:
    with pytest.raises(NotFound):
        authority.revocation_list("", list, START, unrecorded, year)


def test_a_list_is_kept_while_fresh_and_its_number_grows(authority: FileAuthority) -> None:
    first, due = authority.revocation_list("", list, START, unrecorded)
    assert authority.revocation_list("", list, START + timedelta(minutes=5), unrecorded) == (first, due)
    later, _ = authority.revocation_list("", list, START + timedelta(minutes=11), unrecorded)
    added, _ = authority.revocation_list(
        "0a", lambda: [Revocation("0a", START, "unspecified")], START + timedelta(minutes=12), unrecorded
    )
    numbers = [
        x509.load_der_x509_crl(one).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        for one in (first, later, added)
    ]
    assert numbers == sorted(set(numbers))
    (entry,) = x509.load_der_x509_crl(added)
    assert len(entry.extensions) == 0


def test_keys_are_encrypted_with_many_rounds_and_kept_from_others(authority_folder: Path) -> None:
    for name in files.NAMES:
        key = authority_folder / f"{name}.key"
        assert key.stat().st_mode & 0o077 == 0
        shown = subprocess.run(["openssl", "asn1parse", "-in", key], capture_output=True, text=True, check=True).stdout
        assert f"{ROUNDS:X}" in shown
        assert "hmacWithSHA256" in shown
        assert "aes-256-cbc" in shown
    with pytest.raises(CustodyFault, match="TITULAR_AUTHORITY_PASSWORD"):
        FileAuthority.open(authority_folder, FileCustody("another password"), ADDRESSES, START)


def test_creating_twice_changes_nothing(authority_folder: Path) -> None:
    before = (authority_folder / "root.pem").read_bytes()
    files.create(authority_folder, FileCustody(PASSWORD), ADDRESSES, START)
    assert (authority_folder / "root.pem").read_bytes() == before


def test_an_older_folder_gets_a_responder_and_keeps_the_rest(authority_folder: Path, tmp_path: Path) -> None:
    # given a folder from before there was a responder, its root key moved to a safe place
    folder = tmp_path / "authority"
    shutil.copytree(authority_folder, folder)
    for name in ("ocsp.pem", "ocsp.key", "root.key"):
        (folder / name).unlink()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    # when it is opened, twice
    files.create(folder, FileCustody(PASSWORD), ADDRESSES, START)
    FileAuthority.open(folder, FileCustody(PASSWORD), ADDRESSES, START)
    made = (folder / "ocsp.key").read_bytes()
    FileAuthority.open(folder, FileCustody(PASSWORD), ADDRESSES, START)

    # then the responder was made once, for nobody else to read, and nothing else changed
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(after) == {*before, "ocsp.pem", "ocsp.key"}
    assert before.items() <= after.items()
    assert after["ocsp.key"] == made
    assert (folder / "ocsp.key").stat().st_mode & 0o077 == 0


def test_a_responder_is_renewed_before_it_ends(authority_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    shutil.copytree(authority_folder, folder)
    issuing = files.load_issuer(folder, "issuing", FileCustody(PASSWORD))
    first = files.load_certificate(folder, "ocsp")
    assert files.responder(folder, FileCustody(PASSWORD), issuing, START + timedelta(days=182)).certificate == first
    later = files.responder(folder, FileCustody(PASSWORD), issuing, START + timedelta(days=184))
    assert later.certificate != first
    assert files.load_certificate(folder, "ocsp") == later.certificate
    assert files.load_issuer(folder, "ocsp", FileCustody(PASSWORD)).key.public_key() == later.certificate.public_key()


def test_settings_name_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TITULAR_AUTHORITY_PASSWORD", "short")
    monkeypatch.setenv("TITULAR_PUBLIC_URL", "nowhere")
    monkeypatch.delenv("TITULAR_AUTHORITY_FOLDER", raising=False)
    with pytest.raises(SettingsError) as refused:
        load(AuthoritySettings.read)
    for name in ("AUTHORITY_FOLDER", "AUTHORITY_PASSWORD", "PUBLIC_URL"):
        assert name in str(refused.value)


def _pem(certificate: bytes) -> str:
    return x509.load_der_x509_certificate(certificate).public_bytes(serialization.Encoding.PEM).decode()
