"""The term's worker tells which time stamps it signed, and its starts are told before it opens the key."""

from __future__ import annotations

import base64
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import cms, tsp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import now
from contracts.errors import Unavailable
from services.certification.application.ports import PreparedTerm, Stamped
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.custody import FileCustody
from services.certification.model.state import Intent
from services.certification.term.maker import WorkerTermMaker
from tests.support.holder import new_key, request_of
from tests.support.terms import MARIA, contents, released
from tests.unit.services.certification.conftest import ADDRESSES, PASSWORD

KEY = new_key()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority made today."""
    made = tmp_path_factory.mktemp("stamps") / "authority"
    files.create(made, FileCustody(PASSWORD), ADDRESSES, now())
    return made


@pytest.fixture(scope="module")
def opened() -> list[str]:
    """What was told of starts."""
    return []


@pytest.fixture(scope="module")
def maker(folder: Path, opened: list[str]) -> Iterator[WorkerTermMaker]:
    """A term maker with a worker of its own."""
    settings = {"FOLDER": str(folder), "PASSWORD": PASSWORD}
    env = {f"TITULAR_AUTHORITY_{name}": value for name, value in settings.items()} | {"TITULAR_PUBLIC_URL": ADDRESSES.public_url}
    made = WorkerTermMaker("America/Sao_Paulo", env=env, opening=lambda: opened.append("opened"))
    made.start()
    yield made
    made.close()


@pytest.fixture(scope="module")
def authority(folder: Path) -> FileAuthority:
    """The same authority."""
    return FileAuthority.open(folder, FileCustody(PASSWORD), ADDRESSES, now())


@pytest.fixture(scope="module")
def certificate(authority: FileAuthority) -> bytes:
    """The holder's."""
    public_key = base64.b64encode(authority.read_request(request_of(KEY, "nonce"), "nonce")).decode()
    begin = now().replace(microsecond=0)
    return authority.issue(Intent(authority.new_serial(), "hash", public_key, begin, begin + timedelta(days=1095)), MARIA)


@pytest.fixture(scope="module")
def prepared(maker: WorkerTermMaker, certificate: bytes) -> PreparedTerm:
    """A prepared term."""
    return maker.prepare(contents(), certificate)


def complete(maker: WorkerTermMaker, prepared: PreparedTerm, certificate: bytes) -> Stamped:
    """The term with the holder's signature."""
    return maker.complete(prepared, KEY.sign(prepared.signed_attributes, ec.ECDSA(hashes.SHA256())), certificate)


def info_of(document: bytes, prepared: PreparedTerm) -> tsp.TSTInfo:
    """What the time stamp of a signed term says."""
    reserved = document[prepared.reserved_start : prepared.reserved_end].strip(b"<>")
    (signer,) = cms.ContentInfo.load(bytes.fromhex(reserved.decode()))["content"]["signer_infos"]
    (stamp,) = [one for one in signer["unsigned_attrs"] if one["type"].native == "signature_time_stamp_token"]
    return stamp["values"][0]["content"]["encap_content_info"]["content"].parsed


def test_a_signed_terms_time_stamp_is_told_as_it_is(maker: WorkerTermMaker, prepared: PreparedTerm, certificate: bytes) -> None:
    made = complete(maker, prepared, certificate)
    info = info_of(made.document, prepared)
    (stamp,) = made.stamps
    assert int(stamp.serial, 16) == info["serial_number"].native
    assert stamp.digest == info["message_imprint"]["hashed_message"].native.hex()
    assert (stamp.digest_algorithm, stamp.stamped_at) == ("sha256", info["gen_time"].native)
    assert made.earlier == ()


def test_the_long_term_forms_time_stamp_is_told(
    maker: WorkerTermMaker, authority: FileAuthority, prepared: PreparedTerm, certificate: bytes
) -> None:
    signed = complete(maker, prepared, certificate).document
    made = maker.preserve(signed, 1, authority.validation_material(certificate, released, now()))
    assert (len(made.stamps), made.earlier) == (1, ())
    assert maker.last_stamp(made.document).stamped_at == made.stamps[0].stamped_at


def test_the_time_stamp_of_a_task_that_failed_is_told_with_the_next(
    maker: WorkerTermMaker, prepared: PreparedTerm, certificate: bytes
) -> None:
    # given a term whose place for the signature is too small, which shows after the stamp was signed
    with pytest.raises(Unavailable):
        complete(maker, replace(prepared, reserved_end=prepared.reserved_start + 100), certificate)

    # when another is completed, then both stamps are told, each for what it is
    made = complete(maker, prepared, certificate)
    assert (len(made.stamps), len(made.earlier)) == (1, 1)
    assert complete(maker, prepared, certificate).earlier == ()


def test_each_start_of_the_worker_is_told_before(maker: WorkerTermMaker, certificate: bytes, opened: list[str]) -> None:
    before = len(opened)
    assert maker.process_id is not None
    os.kill(maker.process_id, signal.SIGKILL)
    assert maker.prepare(contents(), certificate).digest
    assert len(opened) == before + 1


def test_a_worker_whose_start_cannot_be_told_is_not_started(folder: Path) -> None:
    def away() -> None:
        raise Unavailable("the event store does not answer")

    maker = WorkerTermMaker("America/Sao_Paulo", env={"TITULAR_AUTHORITY_FOLDER": str(folder)}, opening=away)
    with pytest.raises(Unavailable):
        maker.start()
    assert maker.process_id is None
