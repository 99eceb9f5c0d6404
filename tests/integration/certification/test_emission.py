"""A whole emission by RPC: the procedure from the start to the signed term, with real engines and a real key."""

from __future__ import annotations

import base64
import hashlib
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from chassis.clock import now
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import certification
from contracts.actor import system
from tests.integration.certification.conftest import AUDITOR, CLERK, World
from tests.support import events
from tests.support.engines import Objects
from tests.support.holder import HOLDER
from tests.support.long_term import long_term_status
from tests.support.waiting import until

pytestmark = pytest.mark.integration


def test_a_remote_emission_from_start_to_signed_term(world: World, object_engine: Objects, tmp_path: Path) -> None:
    with events.collecting(world.broker.url, "certification") as published:
        # given a started emission with a recorded and ended conference, its video still in processing
        registration_id = world.person()
        emission = world.start(registration_id)
        emission_id = emission["emission_id"]
        assert emission["state"] == "started"
        assert "attest_identification" not in emission["allowed"]
        world.conference(emission_id)
        assert world.attestable(emission_id)["video"] == "processing"

        # when the clerk goes on without waiting for the video
        assert world.attest(emission_id)["state"] == "identified"
        confirmed = world.clerk(certification.CONFIRM_DATA, emission_id=emission_id, registration_version=1)
        assert confirmed["state"] == "confirmed"
        invited = world.clerk(certification.INVITE_HOLDER, emission_id=emission_id, channel="email")
        assert invited["state"] == "dispatched"
        assert invited["invitation"]["address_masked"] == "m***@example.com"

        # and the video is done meanwhile, and the holder goes the whole way on the phone
        video = {
            "recording_id": "g-1",
            "conference_id": "c-1",
            "duration_seconds": 61.5,
            "playable_sha256": "12" * 32,
            "playable_size": 10,
            "original_sha256": "34" * 32,
            "original_size": 20,
        }
        world.publish("media", "VideoProcessed", emission_id, **video)
        until(lambda: world.emission(emission_id)["video"] == "done")
        holder = world.holder(invited)
        term = holder.request()
        assert world.emission(emission_id)["certificate"]["status"] == "withheld"
        done = holder.sign(term)

        # then the certificate is valid and the term is there
        final = world.emission(emission_id)
        assert final["state"] == "completed"
        assert final["certificate"]["status"] == "valid"
        assert final["term_sha256"] == done["term"]["sha256"]
        assert holder.result()["certificate_pem"] == done["certificate_pem"]
        until(lambda: published.of("TermPreserved"), what="the term's long-term form")

    names = [event.type for event in published.of() if event.subject == emission_id]
    assert names == world.types(emission_id)
    document = world.clerk(certification.GET_DOCUMENT, emission_id=emission_id, kind="term")["object"]
    store = _objects(world, object_engine)
    (tmp_path / "term.pdf").write_bytes(store.get(document["bucket"], document["key"]))
    checked = subprocess.run(["pdfsig", "-nocert", tmp_path / "term.pdf"], capture_output=True, text=True, check=True)
    assert "Signature is Valid" in checked.stdout
    assert "Total document signed" in checked.stdout
    root = world.clerk(certification.GET_AUTHORITY)["root_pem"]
    stands, why = long_term_status((tmp_path / "term.pdf").read_bytes(), ssl.PEM_cert_to_DER_cert(root), now())
    assert stands, why
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "term.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert "12" * 32 in text
    assert emission["protocol"] in text
    _chain_verifies(world, emission_id, tmp_path)


def test_the_history_is_intact_and_replays_to_any_instant(world: World) -> None:
    # given an emission in person, completed
    invited = world.invited(mode="in_person")
    emission_id = invited["emission_id"]
    world.holder(invited).complete()

    # when an auditor reads the history
    history = world.history(emission_id)

    # then it stands, and every prefix gives the state of that instant
    assert history["intact"]
    assert history["state"]["state"] == "completed"
    identified = next(entry["version"] for entry in history["entries"] if entry["type"] == "IdentificationAttested")
    assert world.history(emission_id, up_to=identified)["state"]["state"] == "identified"
    assert "52998224725" not in str(history["entries"])


def test_who_was_given_the_term_is_in_the_history_once_and_the_chain_stands(world: World) -> None:
    # given a completed emission whose term an auditor is given twice within half an hour, so by one command id
    invited = world.invited(mode="in_person")
    emission_id = invited["emission_id"]
    world.holder(invited).complete()
    for _ in range(2):
        look = {"emission_id": emission_id, "kind": "term"}
        world.ask(certification.NOTE_DOCUMENT_LOOK, look, actor=AUDITOR, command_id=f"look-{emission_id}")

    # then it is one event, by that auditor, and nothing else has changed
    history = world.history(emission_id)
    seen = [entry for entry in history["entries"] if entry["type"] == "DocumentViewed"]
    assert [(entry["actor"]["user_id"], entry["data"]["kind"]) for entry in seen] == [(AUDITOR.user_id, "term")]
    assert (history["intact"], history["state"]["state"]) == (True, "completed")


def test_lists_badge_and_revocation_list_follow(world: World) -> None:
    # given a completed emission
    invited = world.invited(mode="in_person")
    emission_id, person_id = invited["emission_id"], invited["person_id"]
    world.holder(invited).complete()

    # then list and badge show it at once
    listed = world.ask(certification.LIST_EMISSIONS, {"person_id": person_id}, actor=AUDITOR)["emissions"]
    assert [(row["emission_id"], row["state"]) for row in listed] == [(emission_id, "completed")]
    assert world.clerk(certification.GET_PERSON_CERTIFICATE, person_id=person_id)["valid"]

    # when it is revoked
    revoked = world.clerk(certification.REVOKE_CERTIFICATE, emission_id=emission_id, reason="key_compromise")

    # then the list names the serial and the badge is gone
    assert revoked["certificate"]["status"] == "revoked"
    assert not world.clerk(certification.GET_PERSON_CERTIFICATE, person_id=person_id)["valid"]
    answer = world.ask(certification.GET_REVOCATION_LIST, {}, actor=AUDITOR)
    crl = x509.load_der_x509_crl(base64.b64decode(answer["crl"]))
    entry = crl.get_revoked_certificate_by_serial_number(int(revoked["certificate"]["serial"], 16))
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise

    # and the status responder says the same
    answer = world.ask(certification.ANSWER_OCSP, {"request": status_request(world, entry.serial_number)}, actor=HOLDER)
    response = ocsp.load_der_ocsp_response(base64.b64decode(answer["response"]))
    assert (response.certificate_status, response.revocation_reason) == (
        ocsp.OCSPCertStatus.REVOKED,
        x509.ReasonFlags.key_compromise,
    )
    assert answer["next_update"] == response.next_update_utc


def status_request(world: World, serial: int) -> str:
    """A question about a serial of the issuing authority, base64."""
    pem = world.ask(certification.GET_AUTHORITY, {}, actor=HOLDER)["issuing_pem"]
    issuer = x509.load_pem_x509_certificate(pem.encode())
    key = issuer.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    name_hash, key_hash = (hashlib.sha256(content).digest() for content in (issuer.subject.public_bytes(), key))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name_hash, key_hash, serial, hashes.SHA256())
    return base64.b64encode(builder.build().public_bytes(Encoding.DER)).decode()


def test_delivery_is_noted(world: World) -> None:
    invited = world.invited(mode="in_person")
    message = {
        "message_id": invited["invitation"]["invitation_id"],
        "purpose": "invitation",
        "channel": "email",
        "attempts": 1,
    }
    world.publish("notify", "NotificationDelivered", invited["emission_id"], **message)
    until(lambda: world.emission(invited["emission_id"])["invitation"]["delivery"] == "delivered")


def _objects(world: World, engine: Objects) -> S3ObjectStore:
    prefix = world.env["TITULAR_OBJECTS_BUCKET_PREFIX"]
    return S3ObjectStore(ObjectSettings(engine.endpoint, engine.access_key, engine.secret_key, False, prefix))


def _chain_verifies(world: World, emission_id: str, folder: Path) -> None:
    certificate = world.clerk(certification.GET_DOCUMENT, emission_id=emission_id, kind="certificate")["text"]
    authority = world.ask(certification.GET_AUTHORITY, {}, actor=system("test"))
    for name, text in {"h": certificate, "root": authority["root_pem"], "issuing": authority["issuing_pem"]}.items():
        (folder / f"{name}.pem").write_text(text)
    argv = ["openssl", "verify", "-CAfile", folder / "root.pem", "-untrusted", folder / "issuing.pem", folder / "h.pem"]
    assert subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip().endswith("OK")
    assert CLERK.name
