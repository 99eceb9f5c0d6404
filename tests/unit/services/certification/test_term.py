"""The term: what it says, who signed it, and that any change shows. pyHanko and poppler are the judges."""

from __future__ import annotations

import base64
import io
import os
import signal
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from chassis.clock import now
from contracts.errors import Unavailable
from services.certification.application.ports import PreparedTerm
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.custody import FileCustody
from services.certification.model.state import Intent
from services.certification.term import frames
from services.certification.term.maker import WorkerTermMaker
from tests.support.holder import digest_in_attributes, digest_over_range, new_key, request_of
from tests.support.long_term import long_term_status
from tests.support.terms import MARIA, contents, released
from tests.support.waiting import until
from tests.unit.services.certification.conftest import ADDRESSES, PASSWORD


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerTermMaker]:
    """A term maker with a worker of its own, and an authority made today: a time stamp is judged by today's clock."""
    folder = tmp_path_factory.mktemp("term") / "authority"
    files.create(folder, FileCustody(PASSWORD), ADDRESSES, now())
    env = {
        "TITULAR_AUTHORITY_FOLDER": str(folder),
        "TITULAR_AUTHORITY_PASSWORD": PASSWORD,
        "TITULAR_PUBLIC_URL": ADDRESSES.public_url,
    }
    made = WorkerTermMaker("America/Sao_Paulo", env=env)
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def trusted(maker: WorkerTermMaker) -> FileAuthority:
    """The authority of that maker."""
    assert maker._env is not None
    return FileAuthority.open(Path(maker._env["TITULAR_AUTHORITY_FOLDER"]), FileCustody(PASSWORD), ADDRESSES, now())


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    """The holder's key."""
    return new_key()


@pytest.fixture(scope="module")
def certificate(trusted: FileAuthority, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The holder's certificate."""
    public_key = base64.b64encode(trusted.read_request(request_of(key, "nonce"), "nonce")).decode()
    begin = now().replace(microsecond=0)
    return trusted.issue(Intent(trusted.new_serial(), "hash", public_key, begin, begin + timedelta(days=1095)), MARIA)


@pytest.fixture(scope="module")
def prepared(maker: WorkerTermMaker, certificate: bytes) -> PreparedTerm:
    """A prepared term."""
    return maker.prepare(contents(), certificate)


@pytest.fixture(scope="module")
def signed(maker: WorkerTermMaker, prepared: PreparedTerm, certificate: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The signed term."""
    signature = key.sign(prepared.signed_attributes, ec.ECDSA(hashes.SHA256()))
    return maker.complete(prepared, signature, certificate).document


def test_a_reader_finds_who_what_and_all_hashes(prepared: PreparedTerm, tmp_path: Path) -> None:
    text = _text(prepared.document, tmp_path)
    wanted = (
        *("Termo de titularidade", "123456.2026.11.22.00000001-37", "1º Tabelionato de Notas de Santos", "João Escrevente"),
        *("Maria da Conceição <Souza>", "529.982.247-25", "07/03/1985", "RG 12.345.678-9, SSP/SP", "(11) 98765-4321"),
        *("4f" * 16, "ab" * 32, "cd" * 32, "56" * 32, "conference-1", "22 de novembro de 2026"),
        *("em processamento", "não integra", "revogação do certificado em caso de perda"),
    )
    for piece in wanted:
        assert piece in text
    assert "09:00:00 (UTC-03:00)" in text


def test_a_known_video_is_named_by_its_hashes(maker: WorkerTermMaker, certificate: bytes, tmp_path: Path) -> None:
    conference = {**contents()["conference"], "recordings": [{"playable_sha256": "12" * 32, "original_sha256": "34" * 32}]}
    text = _text(maker.prepare(contents(conference=conference), certificate).document, tmp_path)
    assert "12" * 32 in text
    assert "34" * 32 in text
    assert "em processamento" not in text


def test_in_person_there_is_no_conference(maker: WorkerTermMaker, certificate: bytes, tmp_path: Path) -> None:
    text = _text(maker.prepare(contents(mode="in_person", conference=None), certificate).document, tmp_path)
    assert "presencialmente" in text
    assert "Videoconferência" not in text


def test_the_document_is_pdf_a_2b_with_embedded_fonts(prepared: PreparedTerm, tmp_path: Path) -> None:
    path = tmp_path / "term.pdf"
    path.write_bytes(prepared.document)
    metadata = subprocess.run(["pdfinfo", "-meta", path], capture_output=True, text=True, check=True).stdout
    assert 'pdfaid:part="2" pdfaid:conformance="B"' in metadata
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    for font in fonts:
        assert "Liberation" in font
        assert font.split()[-5] == "yes"


def test_the_phone_can_recompute_what_it_signs(prepared: PreparedTerm) -> None:
    shown = {
        "document": base64.b64encode(prepared.document).decode(),
        "signed_attributes": base64.b64encode(prepared.signed_attributes).decode(),
        "reserved_start": prepared.reserved_start,
        "reserved_end": prepared.reserved_end,
    }
    assert digest_over_range(shown) == digest_in_attributes(shown) == bytes.fromhex(prepared.digest)


def test_the_signed_term_stands_and_carries_a_trusted_time(signed: bytes, trusted: FileAuthority, tmp_path: Path) -> None:
    status = _validated(signed, trusted)
    assert status.bottom_line
    assert status.timestamp_validity is not None
    assert status.timestamp_validity.trusted
    assert status.signing_cert.subject.native["common_name"] == "MARIA DA CONCEICAO SOUZA:52998224725"
    path = tmp_path / "term.pdf"
    path.write_bytes(signed)
    shown = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=True).stdout
    for piece in ("Signature is Valid", "Total document signed", "ETSI.CAdES.detached", "Field Name: Titular"):
        assert piece in shown


def test_a_changed_document_shows(signed: bytes, trusted: FileAuthority, tmp_path: Path) -> None:
    place = signed.index(b"stream") + 500  # within the colour profile, which no reader needs
    changed = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    assert not _validated(changed, trusted).intact
    path = tmp_path / "changed.pdf"
    path.write_bytes(changed)
    shown = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert "Digest Mismatch" in shown


@pytest.mark.parametrize(("changed", "verdict"), [(None, "CAdES Verification successful"), (500, "CAdES Verification failure")])
def test_openssl_judges_the_signature_as_cades(
    signed: bytes, prepared: PreparedTerm, trusted: FileAuthority, tmp_path: Path, changed: int | None, verdict: str
) -> None:
    # given the signature out of its reserved place, and what it covers: all but that place
    held = bytes.fromhex(signed[prepared.reserved_start + 1 : prepared.reserved_end - 1].decode())
    covered = bytearray(signed[: prepared.reserved_start] + signed[prepared.reserved_end :])
    if changed is not None:
        covered[changed] ^= 1
    (tmp_path / "signature").write_bytes(cms.ContentInfo.load(held).dump())  # zeros fill the place behind it
    (tmp_path / "covered").write_bytes(covered)
    (tmp_path / "root.pem").write_text(trusted.root_pem())

    # when OpenSSL verifies it with nothing but the root, then it stands, and not where a byte was changed
    argv = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signature", "-content", "covered"]
    judged = subprocess.run(
        [*argv, "-CAfile", "root.pem", "-out", "out"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert verdict in judged.stderr
    assert (judged.returncode == 0) == (changed is None)


def test_another_keys_signature_does_not_validate(
    maker: WorkerTermMaker, prepared: PreparedTerm, certificate: bytes, trusted: FileAuthority
) -> None:
    forged = new_key().sign(prepared.signed_attributes, ec.ECDSA(hashes.SHA256()))
    assert not trusted.signature_stands(certificate, prepared.signed_attributes, forged)
    assert not _validated(maker.complete(prepared, forged, certificate).document, trusted).valid


def test_a_killed_worker_is_replaced(maker: WorkerTermMaker, certificate: bytes) -> None:
    before = maker.process_id
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert maker.prepare(contents(), certificate).digest
    assert maker.process_id != before


def test_a_task_that_is_broken_off_leaves_no_answer_for_the_next(
    maker: WorkerTermMaker, certificate: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenOff(BaseException):
        """As a green time-out is raised."""

    def broken_off(_: Any) -> Any:
        raise BrokenOff

    with monkeypatch.context() as interrupted:
        interrupted.setattr(frames, "receive", broken_off)
        with pytest.raises(BrokenOff):
            maker.prepare(contents(protocol="first"), certificate)
    again = maker.prepare(contents(protocol="second"), certificate)
    assert again.digest != maker.prepare(contents(protocol="first"), certificate).digest


def test_a_worker_that_is_busy_is_well(maker: WorkerTermMaker, certificate: bytes) -> None:
    """Who is asked whether he works must not wait until the work is done."""
    maker.start()
    assert maker.process_id is not None
    os.kill(maker.process_id, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        try:
            task = threads.submit(maker.prepare, contents(), certificate)
            until(maker._turn.locked, what="the task's turn")
            threads.submit(maker.check).result(timeout=5)
            assert not task.done()
        finally:
            os.kill(maker.process_id, signal.SIGCONT)
        assert task.result().digest


def test_a_failed_task_is_said_and_the_worker_stays(maker: WorkerTermMaker, certificate: bytes) -> None:
    before = maker.process_id
    with pytest.raises(Unavailable) as refused:
        maker.prepare({}, certificate)
    assert refused.value.reason == "KeyError"
    assert maker.process_id == before


def test_a_worker_that_hangs_is_ended(maker: WorkerTermMaker, certificate: bytes) -> None:
    assert maker.process_id is not None
    os.kill(maker.process_id, signal.SIGSTOP)
    assert maker._connection is not None
    maker._connection.settimeout(0.2)
    with pytest.raises(Unavailable) as refused:
        maker.prepare(contents(), certificate)
    assert refused.value.reason == "time_limit"
    assert maker.prepare(contents(), certificate).digest


def _text(document: bytes, folder: Path) -> str:
    path = folder / "read.pdf"
    path.write_bytes(document)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(text.replace("-\n", "").split())


def _validated(document: bytes, trusted: FileAuthority) -> Any:
    from asn1crypto import pem

    root, issuing = (
        asn1_x509.Certificate.load(pem.unarmor(text.encode())[2]) for text in (trusted.root_pem(), trusted.issuing_pem())
    )
    context = ValidationContext(trust_roots=[root], other_certs=[issuing], allow_fetching=False)
    signature = PdfFileReader(io.BytesIO(document), strict=False).embedded_signatures[0]
    return validate_pdf_signature(signature, signer_validation_context=context, ts_validation_context=context)


@pytest.fixture(scope="module")
def preserved(maker: WorkerTermMaker, trusted: FileAuthority, signed: bytes, certificate: bytes) -> bytes:
    """Its long-term form."""
    return maker.preserve(signed, 1, trusted.validation_material(certificate, released, now())).document


def test_the_long_term_form_stands_by_what_it_holds(preserved: bytes, trusted: FileAuthority) -> None:
    """Strictly: nothing is fetched, the root alone is trusted, every certificate's state must be known."""
    assert long_term_status(preserved, _root(trusted), now())[0]


def test_a_form_that_is_stamped_again_stands_too(
    maker: WorkerTermMaker, preserved: bytes, trusted: FileAuthority, certificate: bytes
) -> None:
    again = maker.preserve(preserved, 2, trusted.validation_material(certificate, released, now())).document
    assert again.startswith(preserved)
    assert long_term_status(again, _root(trusted), now())[0]


def test_without_it_a_signature_does_not_stand_for_long(signed: bytes, trusted: FileAuthority) -> None:
    assert not long_term_status(signed, _root(trusted), now())[0]


def test_what_was_signed_stays_as_it_was(signed: bytes, preserved: bytes, maker: WorkerTermMaker) -> None:
    assert preserved.startswith(signed)
    stamp = maker.last_stamp(preserved)
    assert stamp.stamped_at <= now() < stamp.renew_at


def test_a_changed_byte_of_the_long_term_form_shows(preserved: bytes, trusted: FileAuthority) -> None:
    place = preserved.index(b"/Title")
    changed = preserved[:place] + b"/Tytle" + preserved[place + 6 :]
    assert not long_term_status(changed, _root(trusted), now())[0]


def _root(authority: FileAuthority) -> bytes:
    return ssl.PEM_cert_to_DER_cert(authority.root_pem())
