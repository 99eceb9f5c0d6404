"""A roll-over of the issuing authority: each generation answers for what it issued, the latest issues; OpenSSL judges."""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.pdf_utils.reader import PdfFileReader

from chassis.clock import now
from contracts.errors import InternalFault
from services.certification.authority import files, generations
from services.certification.authority.certificates import Addresses, Issuer
from services.certification.authority.custody import CustodyFault, FileCustody
from services.certification.authority.succession import AllGenerations
from services.certification.model.state import CertificateStatus, Intent, Revocation
from services.certification.term.document import term_pdf
from services.certification.term.maker import WorkerTermMaker
from tests.support.certification import START, unrecorded
from tests.support.holder import new_key, request_of
from tests.support.terms import MARIA, contents
from tests.unit.services.certification.conftest import ADDRESSES, PASSWORD

DER, PEM = Encoding.DER, Encoding.PEM
CUSTODY = FileCustody(PASSWORD)
NOW = START + timedelta(hours=1)


@dataclass
class Rolled:
    """An authority before and after a roll-over, a holder of each generation, and what is known of both."""

    folder: Path
    before: AllGenerations
    after: AllGenerations
    certificates: tuple[bytes, bytes]
    known: dict[str, CertificateStatus] = field(default_factory=dict)

    @property
    def serials(self) -> list[str]:
        """The holders' serials."""
        return [f"{x509.load_der_x509_certificate(one).serial_number:032x}" for one in self.certificates]

    def revoke(self, holder: int) -> None:
        """The certificate of generation 1 or 2."""
        serial = self.serials[holder - 1]
        self.known[serial] = CertificateStatus("revoked", NOW, "key_compromise", self.known[serial].issuer)

    def revocations(self) -> list[Revocation]:
        """What lists must name."""
        return [
            Revocation(serial, one.since or NOW, one.reason or "unspecified", year=2026, issuer=one.issuer)
            for serial, one in self.known.items()
            if one.status == "revoked"
        ]


def rolled_over(folder: Path) -> int:
    """The next generation."""
    return generations.roll_over(folder, CUSTODY, files.load_issuer(folder, "root", CUSTODY), ADDRESSES, START)


def opened(folder: Path) -> AllGenerations:
    """As the service does at its start."""
    return AllGenerations.open(folder, CUSTODY, ADDRESSES, START)


def issued(authority: AllGenerations) -> bytes:
    """A holder's certificate."""
    public_key = base64.b64encode(authority.read_request(request_of(new_key(), "nonce"), "nonce")).decode()
    intent = Intent(authority.new_serial(), "hash", public_key, START, START + timedelta(days=1095))
    return authority.issue(intent, MARIA)


@pytest.fixture(scope="module")
def made(authority_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Rolled:
    """All of it, made once."""
    folder = tmp_path_factory.mktemp("rolled") / "authority"
    shutil.copytree(authority_folder, folder)
    before = opened(folder)
    former = issued(before)
    assert rolled_over(folder) == 2
    after = opened(folder)
    return Rolled(folder, before, after, (former, issued(after)))


@pytest.fixture
def rolled(made: Rolled, tmp_path: Path) -> Rolled:
    """All of it, in a folder of the test's own, with nothing revoked."""
    shutil.copytree(made.folder, tmp_path / "authority")
    issuers = (made.before.issuer(), made.after.issuer())
    known = {serial: CertificateStatus("valid", issuer=issuer) for serial, issuer in zip(made.serials, issuers, strict=True)}
    return replace(made, folder=tmp_path / "authority", known=known)


def run(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """A program in the folder."""
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def published(rolled: Rolled, address: str) -> bytes:
    """What is served at an address that a certificate names, as the gateway does."""
    name = address.removeprefix("https://titular.example/ac/")
    stem, _, kind = name.rpartition(".")
    number = int(stem.removeprefix("emissora-g").partition("-")[0]) if stem.startswith("emissora-g") else 1
    if kind == "cer":
        return x509.load_pem_x509_certificate(rolled.after.issuing_pems()[number - 1].encode()).public_bytes(DER)
    year = START.year if f"-{START.year}" in stem else None
    generation = rolled.after.generation(number)
    assert generation is not None
    return generation.revocation_list(str(rolled.known), rolled.revocations, NOW, unrecorded, year)[0]


def addresses_in(certificate: x509.Certificate) -> tuple[list[str], list[str]]:
    """The addresses of the issuer's certificate and of its lists."""
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    issuers = [one.access_location.value for one in access if one.access_method == AuthorityInformationAccessOID.CA_ISSUERS]
    return issuers, [name.value for point in points for name in point.full_name or []]


def judged(rolled: Rolled, certificate: bytes, address: int = 0) -> subprocess.CompletedProcess[str]:
    """OpenSSL on a certificate, strictly, with nothing but the root and what its own addresses give."""
    asked = x509.load_der_x509_certificate(certificate)
    (issuer,), lists = addresses_in(asked)
    folder = rolled.folder
    (folder / "asked.pem").write_bytes(asked.public_bytes(PEM))
    (folder / "issuer.pem").write_bytes(x509.load_der_x509_certificate(published(rolled, issuer)).public_bytes(PEM))
    crls = (x509.load_der_x509_crl(one) for one in (rolled.after.root_list() or b"", published(rolled, lists[address])))
    (folder / "lists.pem").write_bytes(b"".join(one.public_bytes(PEM) for one in crls))
    argv = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-attime", str(int(NOW.timestamp()) + 1)]
    return run(folder, *argv, "-CAfile", "root.pem", "-untrusted", "issuer.pem", "-CRLfile", "lists.pem", "asked.pem")


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("address", [0, 1])
def test_a_certificate_of_each_generation_verifies_by_its_own_addresses(rolled: Rolled, generation: int, address: int) -> None:
    checked = judged(rolled, rolled.certificates[generation - 1], address)
    assert checked.stdout == "asked.pem: OK\n", checked.stderr


@pytest.mark.parametrize("generation", [1, 2])
def test_a_revoked_one_is_named_by_its_own_generations_list_only(rolled: Rolled, generation: int) -> None:
    # when a certificate of one generation is revoked
    rolled.revoke(generation)

    # then OpenSSL finds it revoked, and the other generation's holder untouched
    own, other = rolled.certificates[generation - 1], rolled.certificates[2 - generation]
    assert "certificate revoked" in judged(rolled, own).stderr
    assert judged(rolled, other).stdout == "asked.pem: OK\n"
    named = [len(list(x509.load_der_x509_crl(published(rolled, f"https://titular.example/ac/{name}.crl")))) for name in LISTS]
    assert named == ([1, 0] if generation == 1 else [0, 1])


LISTS = ("emissora", "emissora-g2")


@pytest.mark.parametrize("generation", [1, 2])
def test_openssl_picks_its_own_among_all_generations_files(rolled: Rolled, generation: int) -> None:
    # given the certificates and the lists of all generations, a text each, as the page about verifying names them
    lists = [x509.load_der_x509_crl(published(rolled, f"https://titular.example/ac/{name}.crl")) for name in LISTS]
    (rolled.folder / "emissoras.pem").write_text("".join(rolled.after.issuing_pems()))
    (rolled.folder / "listas.pem").write_bytes(b"".join(one.public_bytes(PEM) for one in lists))
    holder = x509.load_der_x509_certificate(rolled.certificates[generation - 1])
    (rolled.folder / "certificado.pem").write_bytes(holder.public_bytes(PEM))

    # when the page's command runs, then it stands
    argv = ["openssl", "verify", "-x509_strict", "-crl_check", "-attime", str(int(NOW.timestamp()) + 1), "-CAfile", "root.pem"]
    checked = run(rolled.folder, *argv, "-untrusted", "emissoras.pem", "-CRLfile", "listas.pem", "certificado.pem")
    assert checked.stdout == "certificado.pem: OK\n", checked.stderr


def test_a_revocation_whose_issuer_is_not_known_is_named_by_each(rolled: Rolled) -> None:
    rolled.known = {"0a" * 16: CertificateStatus("revoked", NOW, "superseded")}
    for name in LISTS:
        (entry,) = x509.load_der_x509_crl(published(rolled, f"https://titular.example/ac/{name}.crl"))
        assert entry.serial_number == int("0a" * 16, 16)


def question(certificate: bytes, issuer: x509.Certificate) -> bytes:
    """What is asked about it."""
    asked = x509.load_der_x509_certificate(certificate)
    return ocsp.OCSPRequestBuilder().add_certificate(asked, issuer, hashes.SHA256()).build().public_bytes(DER)


def issuers(rolled: Rolled) -> list[x509.Certificate]:
    """Of both generations."""
    return [x509.load_pem_x509_certificate(one.encode()) for one in rolled.after.issuing_pems()]


@pytest.mark.parametrize("generation", [1, 2])
def test_openssl_accepts_each_generations_answers(rolled: Rolled, generation: int) -> None:
    certificate, suffix = rolled.certificates[generation - 1], "" if generation == 1 else "-2"
    (rolled.folder / "asked.pem").write_bytes(x509.load_der_x509_certificate(certificate).public_bytes(PEM))
    for state in ("good", "revoked"):
        if state == "revoked":
            rolled.revoke(generation)
        response, _ = rolled.after.answer_ocsp(question(certificate, issuers(rolled)[generation - 1]), rolled.known.get, NOW)
        (rolled.folder / "answer").write_bytes(response)
        argv = ["openssl", "ocsp", "-issuer", f"issuing{suffix}.pem", "-sha256", "-cert", "asked.pem", "-respin", "answer"]
        argv += ["-CAfile", "root.pem", "-verify_other", f"issuing{suffix}.pem", "-no_nonce", "-attime"]
        checked = run(rolled.folder, *argv, str(int(NOW.timestamp()) + 1), "-validity_period", "999999999")
        assert "Response verify OK" in checked.stderr, checked.stderr
        assert f"asked.pem: {state}" in checked.stdout


@pytest.mark.parametrize("generation", [1, 2])
def test_a_question_with_the_other_generations_issuer_is_refused(rolled: Rolled, generation: int) -> None:
    wrong = question(rolled.certificates[generation - 1], issuers(rolled)[2 - generation])
    response, until = rolled.after.answer_ocsp(wrong, rolled.known.get, NOW)
    assert (ocsp.load_der_ocsp_response(response).response_status, until) == (ocsp.OCSPResponseStatus.UNAUTHORIZED, None)


@pytest.mark.parametrize("request_", [b"", b"0\x00", b"0\x80"])
def test_what_is_no_question_is_told_so(rolled: Rolled, request_: bytes) -> None:
    response, until = rolled.after.answer_ocsp(request_, rolled.known.get, NOW)
    assert (ocsp.load_der_ocsp_response(response).response_status, until) == (ocsp.OCSPResponseStatus.MALFORMED_REQUEST, None)


def test_new_issues_use_the_new_key_only_from_the_next_start_on(rolled: Rolled) -> None:
    # given a service that was not restarted, and one that was
    former, present = issuers(rolled)
    for authority, issuer in ((rolled.before, former), (rolled.after, present)):
        made = x509.load_der_x509_certificate(issued(authority))
        made.verify_directly_issued_by(issuer)
        assert authority.issuer() == issuer.subject.rfc4514_string()
    assert present.subject != former.subject
    assert present.public_key() != former.public_key()
    assert rolled.before.issuing_pems() == rolled.after.issuing_pems()[:1]
    assert rolled.before.generation(2) is None
    assert [rolled.after.generation(number) is not None for number in (0, 1, 2, 3)] == [False, True, True, False]


def test_each_certificate_finds_its_generation(rolled: Rolled) -> None:
    for certificate, pem in zip(rolled.certificates, rolled.after.issuing_pems(), strict=True):
        assert rolled.after.that_issued(certificate).issuing_pem() == pem
    with pytest.raises(InternalFault):
        rolled.before.that_issued(rolled.certificates[1])


def test_a_document_keeps_what_proves_stamps_of_each_generation(rolled: Rolled) -> None:
    for certificate in rolled.certificates:
        material = rolled.after.validation_material(certificate, rolled.known.get, NOW)
        names = [generations.named(name, number) for number in (1, 2) for name in ("issuing", "timestamping", "ocsp")]
        expected = {files.load_certificate(rolled.folder, name).public_bytes(DER) for name in ("root", *names)}
        assert set(material.certificates) == expected
        assert len(material.certificates) == len(expected)
        told = [ocsp.load_der_ocsp_response(one).serial_number for one in material.ocsps]
        stamping = [files.load_certificate(rolled.folder, name).serial_number for name in ("timestamping", "timestamping-2")]
        assert told[0] == x509.load_der_x509_certificate(certificate).serial_number
        assert sorted(told[1:]) == sorted(stamping)
        assert material.crls == (rolled.after.root_list(),)


def test_nothing_of_the_former_generation_is_touched_and_new_keys_are_kept_from_others(
    authority_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "authority"
    shutil.copytree(authority_folder, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert [rolled_over(folder), rolled_over(folder)] == [2, 3]
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before.items() <= after.items()
    new = {f"{name}-{number}.{kind}" for name in generations.RENEWED for number in (2, 3) for kind in ("pem", "key")}
    assert set(after) == before.keys() | new
    assert all((folder / name).stat().st_mode & 0o077 == 0 for name in after if name.endswith(".key"))
    assert opened(folder).issuer() == "CN=Titular AC Emissora G3,O=Titular,C=BR"


def test_a_roll_over_that_fails_leaves_nothing(authority_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "authority"
    shutil.copytree(authority_folder, folder)
    before = sorted(path.name for path in folder.iterdir())
    root = files.load_issuer(folder, "root", CUSTODY)

    def fail(*_: object) -> Issuer:
        raise CustodyFault("the token is away", reason="session")

    monkeypatch.setattr(generations, "responder_certificate", fail)
    with pytest.raises(CustodyFault):
        generations.roll_over(folder, CUSTODY, root, ADDRESSES, START)
    assert sorted(path.name for path in folder.iterdir()) == before
    assert generations.latest(folder) == 1


def test_no_certificate_outlives_its_issuer(authority_folder: Path, tmp_path: Path) -> None:
    # given a roll-over late in the root's life
    folder = tmp_path / "authority"
    shutil.copytree(authority_folder, folder)
    root = files.load_issuer(folder, "root", CUSTODY)
    late = START + timedelta(days=365 * 15)
    generations.roll_over(folder, CUSTODY, root, ADDRESSES, late)
    ends = {name: files.load_certificate(folder, name).not_valid_after_utc for name in ("root", "issuing-2", "timestamping-2")}
    assert ends["timestamping-2"] <= ends["issuing-2"] == ends["root"]


@pytest.mark.parametrize("generation", [1, 2])
def test_each_generations_responder_is_renewed(rolled: Rolled, generation: int) -> None:
    name = generations.named("ocsp", generation)
    before = files.load_certificate(rolled.folder, name)
    AllGenerations.open(rolled.folder, CUSTODY, ADDRESSES, START + timedelta(days=200))
    after = files.load_certificate(rolled.folder, name)
    assert after.serial_number != before.serial_number
    after.verify_directly_issued_by(files.load_certificate(rolled.folder, generations.named("issuing", generation)))


def test_the_first_generations_addresses_are_those_of_ever() -> None:
    assert Addresses("https://t").of_generation(1) == Addresses("https://t")
    second = Addresses("https://t").of_generation(2)
    assert second.revocation_lists == ("https://t/ac/emissora-g2.crl", "https://t/ac/emissora-g2-2.crl")
    assert (second.issuing, second.ocsp) == ("https://t/ac/emissora-g2.cer", "https://t/ac/ocsp")


@pytest.mark.parametrize("generation", [1, 2])
def test_time_stamps_are_made_by_the_generation_that_the_service_knows(authority_now: Path, generation: int) -> None:
    # given a worker that is started after a roll-over, for a service that was started before it, or after it
    env = {
        "TITULAR_AUTHORITY_FOLDER": str(authority_now),
        "TITULAR_AUTHORITY_PASSWORD": PASSWORD,
        "TITULAR_PUBLIC_URL": ADDRESSES.public_url,
    }
    services = AllGenerations.open(authority_now, CUSTODY, ADDRESSES, now())
    holder = issued(services)
    maker = WorkerTermMaker("America/Sao_Paulo", env=env, generation=generation)
    try:
        # when a document is stamped
        material = services.validation_material(holder, lambda _: CertificateStatus("valid"), now())
        document = maker.preserve(term_pdf(contents(), ZoneInfo("America/Sao_Paulo")), 1, material).document
    finally:
        maker.close()

    # then it is by that generation's service
    signer = PdfFileReader(io.BytesIO(document)).embedded_timestamp_signatures[-1].signer_cert
    expected = files.load_certificate(authority_now, generations.named("timestamping", generation))
    assert signer.dump() == expected.public_bytes(DER)


@pytest.fixture(scope="module")
def authority_now(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of today, rolled over."""
    folder = tmp_path_factory.mktemp("today") / "authority"
    files.create(folder, CUSTODY, ADDRESSES, now())
    generations.roll_over(folder, CUSTODY, files.load_issuer(folder, "root", CUSTODY), ADDRESSES, now())
    return folder
