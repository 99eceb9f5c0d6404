"""What every keeping of private keys promises; OpenSSL is the second opinion."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.authority.certificates import Addresses, Issuer, issuing_certificate, root_certificate
from services.certification.authority.custody import Custody, CustodyFault, EachInItsPlace, FileCustody
from services.certification.authority.lists import ROOT_LIST_LIFE, signed_list
from services.certification.authority.pkcs11_custody import TokenCustody
from services.certification.authority.token_session import TokenSession
from tests.support.certification import START
from tests.support.tokens import soft_token

PASSPHRASE = "a passphrase for tests"
ADDRESSES = Addresses("https://titular.example")


@pytest.fixture(params=["file", "token", "token with files beside it"])
def custody(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Custody]:
    """Each keeping in turn."""
    if request.param == "file":
        yield FileCustody(PASSPHRASE)
        return
    token = soft_token(tmp_path / "softhsm")
    monkeypatch.setenv("SOFTHSM2_CONF", token.env["SOFTHSM2_CONF"])
    session = TokenSession(token.access)
    in_token = TokenCustody(session)
    yield in_token if request.param == "token" else EachInItsPlace(FileCustody(PASSPHRASE), in_token)
    session.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An authority's folder."""
    made = tmp_path / "authority"
    made.mkdir()
    return made


def certified(custody: Custody, folder: Path, name: str = "root") -> x509.Certificate:
    """A new key, and its certificate in the folder."""
    certificate = root_certificate(custody.generate(folder, name, ec.SECP384R1()), START)
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return certificate


@pytest.mark.parametrize(
    ("curve", "digest"), [(ec.SECP256R1(), hashes.SHA256()), (ec.SECP384R1(), hashes.SHA384())], ids=["P-256", "P-384"]
)
def test_what_a_key_signs_its_public_half_verifies(
    custody: Custody, folder: Path, curve: ec.EllipticCurve, digest: hashes.HashAlgorithm
) -> None:
    key = custody.generate(folder, "issuing", curve)
    for content in (b"", b"content", b"x" * 100_000):
        signature = key.sign(content, ec.ECDSA(digest))
        key.public_key().verify(signature, content, ec.ECDSA(digest))
        with pytest.raises(InvalidSignature):
            key.public_key().verify(signature, content + b".", ec.ECDSA(digest))


def test_a_key_is_found_by_its_certificate(custody: Custody, folder: Path) -> None:
    # given two keys, of two certificates
    first, second = certified(custody, folder, "root"), certified(custody, folder, "issuing")

    # when they are loaded, then each signs for its own certificate
    for name, certificate in (("root", first), ("issuing", second)):
        assert custody.holds(folder, name)
        loaded = custody.load(folder, name, certificate)
        public_key = certificate.public_key()
        assert isinstance(public_key, ec.EllipticCurvePublicKey)
        assert (loaded.public_key(), loaded.key_size) == (public_key, 384)
        public_key.verify(loaded.sign(b"content", ec.ECDSA(hashes.SHA384())), b"content", ec.ECDSA(hashes.SHA384()))


def test_openssl_accepts_what_is_built_with_the_key(custody: Custody, folder: Path) -> None:
    # given a root, an authority below it and the root's list
    root_key, issuing_key = custody.generate(folder, "root", ec.SECP384R1()), custody.generate(folder, "issuing", ec.SECP256R1())
    root = Issuer(root_certificate(root_key, START), root_key)
    issuing = issuing_certificate(issuing_key, root, ADDRESSES, START)
    (folder / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    (folder / "issuing.pem").write_bytes(issuing.public_bytes(Encoding.PEM))
    crl = x509.load_der_x509_crl(signed_list(root, (), START, ROOT_LIST_LIFE))
    (folder / "root.crl").write_bytes(crl.public_bytes(Encoding.PEM))

    # when OpenSSL verifies the one by the other
    argv = ["openssl", "verify", "-x509_strict", "-crl_check", "-attime", str(int(START.timestamp()) + 60)]
    argv += ["-CAfile", "root.pem", "-CRLfile", "root.crl", "issuing.pem"]
    checked = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=60)

    # then it stands
    assert checked.stdout == "issuing.pem: OK\n", checked.stderr


def test_a_key_that_is_not_there_is_said(custody: Custody, folder: Path) -> None:
    # given a certificate whose key was discarded
    key = custody.generate(folder, "issuing", ec.SECP256R1())
    certificate = root_certificate(key, START)
    (folder / "issuing.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    custody.discard(folder, "issuing", key)

    # when it is looked for, then it is not held, and loading says what is missing
    assert not custody.holds(folder, "issuing")
    with pytest.raises(CustodyFault) as missing:
        custody.load(folder, "issuing", certificate)
    assert missing.value.reason == "key"
    assert not missing.value.permanent


def test_nothing_is_held_where_nothing_was_made(custody: Custody, folder: Path) -> None:
    assert not custody.holds(folder, "root")


def test_the_place_is_named_and_keys_can_be_checked(custody: Custody, folder: Path) -> None:
    certified(custody, folder)
    custody.check()
    assert ("root.key" in custody.place(folder, "root")) == isinstance(custody, FileCustody)
    assert ("token titular-test" in custody.place(folder, "root")) != isinstance(custody, FileCustody)
