"""A roll-over of the running service, from keys in files to a token: emissions before, across and after it."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from chassis.clock import now
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import certification
from contracts.actor import system
from contracts.errors import NotFound
from tests.integration.certification.conftest import AUDITOR, World, certification_environment
from tests.support import events, services
from tests.support.engines import Broker, Documents, Objects, running
from tests.support.holder import HOLDER
from tests.support.long_term import long_term_status
from tests.support.registry import running_registry
from tests.support.tokens import soft_token
from tests.support.waiting import until

pytestmark = pytest.mark.integration
DER, PEM = Encoding.DER, Encoding.PEM


def certificate(world: World, emission_id: str) -> x509.Certificate:
    """The released certificate of an emission."""
    text = world.clerk(certification.GET_DOCUMENT, emission_id=emission_id, kind="certificate")["text"]
    return x509.load_pem_x509_certificate(text.encode())


def judged(world: World, folder: Path, asked: x509.Certificate, generation: int) -> str:
    """OpenSSL, strictly, by the lists of the generation that issued it."""
    authority = world.ask(certification.GET_AUTHORITY, {}, actor=system("test"))
    crl = world.ask(certification.GET_REVOCATION_LIST, {"generation": generation}, actor=AUDITOR)["crl"]
    lists = [x509.load_der_x509_crl(base64.b64decode(one)) for one in (authority["root_crl"], crl)]
    (folder / "root.pem").write_text(authority["root_pem"])
    (folder / "issuing.pem").write_text(authority["issuing_pems"][generation - 1])
    (folder / "lists.pem").write_bytes(b"".join(one.public_bytes(PEM) for one in lists))
    (folder / "asked.pem").write_bytes(asked.public_bytes(PEM))
    argv = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]
    argv += ["-CRLfile", "lists.pem", "asked.pem"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    return done.stdout + done.stderr


def state(world: World, asked: x509.Certificate, issuer: x509.Certificate) -> object:
    """What the responder says of it."""
    request = ocsp.OCSPRequestBuilder().add_certificate(asked, issuer, hashes.SHA256()).build().public_bytes(DER)
    answer = world.ask(certification.ANSWER_OCSP, {"request": base64.b64encode(request).decode()}, actor=HOLDER)
    response = ocsp.load_der_ocsp_response(base64.b64decode(answer["response"]))
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return response.response_status
    return response.certificate_status


def roll_over(env: dict[str, str], folder: Path) -> None:
    """The ceremony, with the root's key on another medium."""
    argv = [sys.executable, "-W", "ignore", "-m", "services.certification.authority.ceremony", "roll-over"]
    argv += ["--place", "Sala-cofre", "--participant", "Ana", "--root-key", str(folder / "medium" / "root.key")]
    done = subprocess.run(
        [*argv, "--record", str(folder / "records")],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("restart it: generation 2 issues from then on.\n")


def test_emissions_before_across_and_after_a_roll_over(
    broker: Broker, document_engine: Documents, object_engine: Objects, tmp_path: Path
) -> None:
    in_files = certification_environment(broker, document_engine, object_engine, tmp_path)
    in_token = in_files | soft_token(tmp_path / "softhsm").env
    with (
        running_registry(broker.url, tmp_path) as registrations,
        services.caller(broker) as ask,
        events.collecting(broker.url, "certification") as published,
    ):
        world = World(broker, ask, registrations, in_files, tmp_path)
        # given one emission completed, and one whose holder has the certificate withheld and the term to sign
        with running(services.program("certification", in_files), tmp_path):
            before, across = world.invited(mode="in_person"), world.invited(mode="in_person")
            world.holder(before).complete()
            waiting = world.holder(across)
            term = waiting.request()
            until(lambda: len(published.of("TermPreserved")) == 1)
            with pytest.raises(NotFound):
                world.ask(certification.GET_REVOCATION_LIST, {"generation": 2}, actor=AUDITOR)

        # when the issuing key is rolled over, from a file to a token, and the service starts again
        (tmp_path / "medium").mkdir()
        (tmp_path / "authority" / "root.key").rename(tmp_path / "medium" / "root.key")
        roll_over(in_token, tmp_path)
        assert not (tmp_path / "authority" / "issuing-2.key").exists()
        with running(services.program("certification", in_token), tmp_path):
            # then the waiting holder signs, and a new one goes the whole way
            waiting.sign(term)
            after = world.invited(mode="in_person")
            world.holder(after).complete()
            until(lambda: len(published.of("TermPreserved")) == 3)
            made = {name: certificate(world, one["emission_id"]) for name, one in named(before, across, after)}
            pems = world.ask(certification.GET_AUTHORITY, {}, actor=system("test"))["issuing_pems"]
            issuers = [x509.load_pem_x509_certificate(one.encode()) for one in pems]
            for name, generation in GENERATIONS.items():
                made[name].verify_directly_issued_by(issuers[generation - 1])
                assert judged(world, tmp_path, made[name], generation) == "asked.pem: OK\n"
                assert state(world, made[name], issuers[generation - 1]) is ocsp.OCSPCertStatus.GOOD
                assert state(world, made[name], issuers[2 - generation]) is ocsp.OCSPResponseStatus.UNAUTHORIZED

            # and every term proves itself, whichever service has stamped it, and names its own issuer
            for _, emission in named(before, across, after):
                _term_stands(world, object_engine, emission["emission_id"])
            history = world.history(after["emission_id"])["entries"]
            issued = next(entry for entry in history if entry["type"] == "CertificateIssued")
            assert issued["data"]["issuer"] == "CN=Titular AC Emissora G2,O=Titular,C=BR"

            # and one of the former generation that is revoked is seen so in the former's list, and in no other
            world.clerk(certification.REVOKE_CERTIFICATE, emission_id=before["emission_id"], reason="key_compromise")
            assert "certificate revoked" in judged(world, tmp_path, made["before"], 1)
            assert state(world, made["before"], issuers[0]) is ocsp.OCSPCertStatus.REVOKED
            for name in ("across", "after"):
                assert judged(world, tmp_path, made[name], GENERATIONS[name]) == "asked.pem: OK\n"
            latest = world.ask(certification.GET_REVOCATION_LIST, {"generation": 2}, actor=AUDITOR)["crl"]
            assert len(list(x509.load_der_x509_crl(base64.b64decode(latest)))) == 0


GENERATIONS = {"before": 1, "across": 1, "after": 2}


def named(*emissions: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Emissions by name."""
    return list(zip(GENERATIONS, emissions, strict=True))


def _term_stands(world: World, engine: Objects, emission_id: str) -> None:
    prefix = world.env["TITULAR_OBJECTS_BUCKET_PREFIX"]
    store = S3ObjectStore(ObjectSettings(engine.endpoint, engine.access_key, engine.secret_key, False, prefix))
    document = world.clerk(certification.GET_DOCUMENT, emission_id=emission_id, kind="term")["object"]
    root = world.clerk(certification.GET_AUTHORITY)["root_pem"]
    stands, why = long_term_status(store.get(document["bucket"], document["key"]), ssl.PEM_cert_to_DER_cert(root), now())
    assert stands, why
