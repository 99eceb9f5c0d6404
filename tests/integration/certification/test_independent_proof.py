"""What programs that are not ours say of everything that the authority makes: OpenSSL, GnuTLS, pkilint."""

from __future__ import annotations

import base64
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

from chassis.clock import now
from services.certification.application.ports import Subject
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses
from services.certification.authority.custody import FileCustody
from services.certification.authority.lists import REASONS
from services.certification.model.state import CertificateStatus, Intent, Revocation
from tests.support.certification import unrecorded
from tests.support.holder import new_key
from tests.support.manifests import CHECKS
from tests.support.terms import released
from tests.support.waiting import until

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
PASSWORD = "a test's long password"
ADDRESSES = Addresses("https://titular.example")
MARIA = Subject("Maria José", "52998224725", date(1985, 3, 7), "maria@example.org", "123456789", "SSP", "SP")
CERTIFICATES = ("holder", "root", "issuing", "timestamping", "ocsp")
LISTS = ("root", "nobody", "holder", "nobody-of-the-year", "holder-of-the-year")
ANSWERS = ("good", "held", "revoked", "kept-0", "kept-1")
WITHIN = 60


SERVER = [
    *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
    *("-subj", "/CN=server", "-keyout", "server.key", "-out", "server.pem"),
]


@dataclass(frozen=True)
class Made:
    """Everything that an authority made, as files of a folder, and the holder's serial."""

    folder: Path
    serial: str

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """A program in the folder."""
        return subprocess.run(argv, cwd=self.folder, capture_output=True, text=True, check=False, timeout=WITHIN)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """An authority with a holder's certificate, lists and answers."""
    folder = tmp_path_factory.mktemp("proof")
    moment = now()
    files.create(folder / "authority", FileCustody(PASSWORD), ADDRESSES, moment)
    authority = FileAuthority.open(folder / "authority", FileCustody(PASSWORD), ADDRESSES, moment)
    key = new_key()
    (folder / "holder.key").write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    holder, serial = issued(authority, key)
    (folder / "holder.pem").write_bytes(holder.public_bytes(PEM))
    for name in files.NAMES:
        (folder / f"{name}.pem").write_bytes(files.load_certificate(folder / "authority", name).public_bytes(PEM))
    (folder / "authorities.pem").write_text((folder / "root.pem").read_text() + (folder / "issuing.pem").read_text())
    write_lists(folder, authority, serial)
    write_answers(folder, authority, holder)
    return Made(folder, serial)


def issued(authority: FileAuthority, key: ec.EllipticCurvePrivateKey) -> tuple[x509.Certificate, str]:
    """A holder's certificate and its serial."""
    public_key = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    since = now() - timedelta(minutes=1)
    intent = Intent(authority.new_serial(), "hash", base64.b64encode(public_key).decode(), since, since + timedelta(days=1095))
    return x509.load_der_x509_certificate(authority.issue(intent, MARIA)), intent.serial


def write_lists(folder: Path, authority: FileAuthority, serial: str) -> None:
    """The root's list; one that names nobody, and one that names the holder and every other reason; both also of the year."""
    year = now().year
    others = [Revocation(authority.new_serial(), now(), reason, year) for reason in (*REASONS, "unspecified")]
    revoked = [Revocation(serial, now(), "key_compromise", year), *others]
    contents = {
        "root": authority.root_list() or b"",
        "nobody": authority.revocation_list("nobody", list, now(), unrecorded)[0],
        "holder": authority.revocation_list("holder", lambda: revoked, now(), unrecorded)[0],
        "nobody-of-the-year": authority.revocation_list("nobody", list, now(), unrecorded, year)[0],
        "holder-of-the-year": authority.revocation_list("holder", lambda: revoked, now(), unrecorded, year)[0],
    }
    for name, content in contents.items():
        (folder / f"{name}.crl").write_bytes(x509.load_der_x509_crl(content).public_bytes(PEM))


def write_answers(folder: Path, authority: FileAuthority, holder: x509.Certificate) -> None:
    """Every kind of OCSP response."""
    issuing = x509.load_pem_x509_certificate(authority.issuing_pem().encode())
    request = ocsp.OCSPRequestBuilder().add_certificate(holder, issuing, hashes.SHA256()).build().public_bytes(DER)
    known = {
        "good": CertificateStatus("valid"),
        "held": CertificateStatus("withheld", now()),
        "revoked": CertificateStatus("revoked", now(), "superseded"),
    }
    for name, status in known.items():
        response, _ = authority.answer_ocsp(request, lambda _, status=status: status, now())  # type: ignore[misc]
        (folder / f"{name}.ocsp").write_bytes(response)
    kept = authority.validation_material(holder.public_bytes(DER), released, now()).ocsps
    for number, response in enumerate(kept):
        (folder / f"kept-{number}.ocsp").write_bytes(response)


@pytest.mark.parametrize("name", ["holder", "timestamping"])
def test_openssl_checks_the_whole_chain_strictly(made: Made, name: str) -> None:
    def checked(*lists: str) -> subprocess.CompletedProcess[str]:
        chain = ["-CAfile", "root.pem", "-untrusted", "issuing.pem"]
        named = [part for one in lists for part in ("-CRLfile", f"{one}.crl")]
        return made.run("openssl", "verify", "-x509_strict", "-crl_check_all", *chain, *named, f"{name}.pem")

    assert checked("root", "nobody").stdout == f"{name}.pem: OK\n"
    assert "unable to get certificate CRL" in checked("nobody").stderr  # without the root's list there is no proof
    assert ("certificate revoked" in checked("root", "holder").stderr) == (name == "holder")


def test_openssl_takes_a_years_list_for_certificates_that_name_it_and_no_others(made: Made) -> None:
    def checked(name: str, listed: str) -> subprocess.CompletedProcess[str]:
        about = ["-CAfile", "root.pem", "-untrusted", "issuing.pem", "-CRLfile", "root.crl", "-CRLfile", f"{listed}.crl"]
        return made.run("openssl", "verify", "-x509_strict", "-crl_check_all", *about, f"{name}.pem")

    assert checked("holder", "nobody-of-the-year").stdout == "holder.pem: OK\n"
    assert "certificate revoked" in checked("holder", "holder-of-the-year").stderr
    assert "different CRL scope" in checked("timestamping", "nobody-of-the-year").stderr  # it names the whole list


@pytest.mark.parametrize("number", [0, 1])
def test_openssl_accepts_the_answers_that_documents_keep(made: Made, number: int) -> None:
    # given an answer that a document keeps, and the same with one bit changed
    name = ("holder", "timestamping")[number]
    content = bytearray((made.folder / f"kept-{number}.ocsp").read_bytes())
    content[content.index(b"Z") - 1] ^= 1  # the second at which it was made
    (made.folder / "altered.ocsp").write_bytes(content)

    def judged(response: str) -> subprocess.CompletedProcess[str]:
        chain = ["-CAfile", "root.pem", "-verify_other", "issuing.pem", "-no_nonce"]
        return made.run(
            "openssl", "ocsp", "-issuer", "issuing.pem", "-sha256", "-cert", f"{name}.pem", "-respin", response, *chain
        )

    # when OpenSSL judges both, then the first verifies and says good, the other does not verify
    kept = judged(f"kept-{number}.ocsp")
    assert "Response verify OK" in kept.stderr
    assert f"{name}.pem: good" in kept.stdout
    assert "Response Verify Failure" in judged("altered.ocsp").stderr


@pytest.mark.parametrize("name", ["holder", "timestamping"])
def test_gnutls_verifies(made: Made, name: str) -> None:
    def checked(listed: str) -> str:
        about = ["--infile", f"{name}.pem", "--load-ca-certificate", "authorities.pem", "--load-crl", f"{listed}.crl"]
        return made.run("certtool", "--verify", *about).stdout

    assert "Chain verification output: Verified. The certificate is trusted." in checked("nobody")
    if name == "holder":
        assert "Chain verification output: Verified. The certificate is trusted." in checked("nobody-of-the-year")
        assert "The certificate chain is revoked" in checked("holder-of-the-year")
    assert ("The certificate chain is revoked" in checked("holder")) == (name == "holder")


@pytest.mark.parametrize(("name", "issuer"), [("root", "root"), *((name, "issuing") for name in LISTS[1:])])
def test_gnutls_verifies_the_lists(made: Made, name: str, issuer: str) -> None:
    def checked(authority: str) -> str:
        about = ["--infile", f"{name}.crl", "--load-ca-certificate", f"{authority}.pem"]
        return made.run("certtool", "--verify-crl", *about).stdout

    assert "Verification output: Verified." in checked(issuer)
    assert "Verification output: Verified." not in checked("timestamping")


def lint(made: Made, program: str, name: str) -> subprocess.CompletedProcess[str]:
    """What pkilint says, of warnings and what is worse."""
    kind = ("-t", "CRL", "-p", "PKIX") if program == "lint_crl" else ()
    return made.run(str(CHECKS / program), "lint", *kind, "-s", "WARNING", name)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        *(("lint_pkix_cert", f"{name}.pem") for name in CERTIFICATES),
        *(("lint_crl", f"{name}.crl") for name in LISTS),
        *(("lint_ocsp_response", f"{name}.ocsp") for name in ANSWERS),
    ],
)
def test_pkilint_has_nothing_to_say(made: Made, program: str, name: str) -> None:
    done = lint(made, program, name)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("program", "name"),
    [("lint_pkix_cert", "holder.pem"), ("lint_crl", "holder.crl"), ("lint_ocsp_response", "good.ocsp")],
)
def test_pkilint_would_say_so(made: Made, program: str, name: str) -> None:
    # given the same with a month that the calendar does not have
    content = (made.folder / name).read_bytes()
    if content.startswith(b"-----"):
        content = base64.b64decode(b"".join(content.split(b"\n")[1:-2]))
    time = re.search(rb"\d{10}Z", content)  # a Z alone may be in a hash before it
    assert time is not None
    end = time.end() - 1
    altered = content[: end - 8] + b"99" + content[end - 6 :]
    target = made.folder / f"altered-{name}"
    target.write_bytes(altered if name.endswith("ocsp") else as_pem(altered, name))

    # when pkilint reads it, then it says so
    done = lint(made, program, target.name)
    assert done.returncode != 0, done.stdout + done.stderr


def as_pem(content: bytes, name: str) -> bytes:
    """As text."""
    label = b"X509 CRL" if name.endswith("crl") else b"CERTIFICATE"
    return b"-----BEGIN %s-----\n%s-----END %s-----\n" % (label, base64.encodebytes(content), label)


@pytest.fixture
def server(made: Made) -> Iterator[int]:
    """OpenSSL's server, which lets nobody in without a certificate of ours; its port."""
    made.run("openssl", "req", "-x509", *SERVER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    argv = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-key", "server.key", "-cert", "server.pem"]
    argv += ["-CAfile", "root.pem", "-Verify", "3", "-verify_return_error", "-www", "-quiet"]
    process = subprocess.Popen(argv, cwd=made.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(listens, what="the TLS server listens")
        yield port
    finally:
        process.terminate()
        process.wait(WITHIN)


def test_a_tls_server_lets_the_holder_in_and_no_other(made: Made, server: int) -> None:
    def page(certificate: str, key: str, chain: str) -> str:
        argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{server}", "-cert", certificate, "-key", key, "-quiet"]
        done = subprocess.run(
            [*argv, "-cert_chain", chain],
            cwd=made.folder,
            input="GET / HTTP/1.0\r\n\r\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=WITHIN,
        )
        return done.stdout

    assert page("holder.pem", "holder.key", "issuing.pem").startswith("HTTP/1.0 200")
    assert page("server.pem", "server.key", "server.pem") == ""  # a certificate, but not of ours
