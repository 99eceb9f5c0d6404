"""Emissions with the authority's keys in a PKCS#11 token: the whole way, the token away, crashes with random signatures."""

from __future__ import annotations

import hashlib
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import now
from chassis.objects import S3ObjectStore
from chassis.settings import ObjectSettings
from contracts import certification
from contracts.actor import system
from contracts.errors import Unavailable
from services.certification.application import reads
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses
from tests.integration.certification.conftest import AUDITOR, World, certification_environment, running_world
from tests.support import events
from tests.support.certification import START, InProcess, in_process
from tests.support.engines import Broker, Documents, Objects
from tests.support.holder import new_key
from tests.support.long_term import long_term_status
from tests.support.steps import invited, request, session_of, types
from tests.support.tokens import SoftToken, soft_token
from tests.support.waiting import until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    """The service's token."""
    return soft_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture(scope="module")
def world(
    broker: Broker,
    document_engine: Documents,
    object_engine: Objects,
    token: SoftToken,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """Service and registry running, no key in a file and no passphrase."""
    folder = tmp_path_factory.mktemp("certification")
    env = certification_environment(broker, document_engine, object_engine, folder) | token.env
    del env["TITULAR_AUTHORITY_PASSWORD"]
    with running_world(broker, env, folder) as made:
        yield made


def test_a_whole_emission_is_accepted_by_openssl(world: World, object_engine: Objects, tmp_path: Path) -> None:
    # given an emission in which every signature of the authority's is made in the token
    with events.collecting(world.broker.url, "certification") as published:
        emission_id = world.invited(mode="in_person")["emission_id"]
        world.holder(world.emission(emission_id)).complete()
        until(lambda: published.of("TermPreserved"), what="the term's long-term form")
    assert list((world.folder / "authority").glob("*.key")) == []

    # when OpenSSL judges the certificate, strictly and by both lists
    authority = world.ask(certification.GET_AUTHORITY, {}, actor=system("test"))
    crl = world.ask(certification.GET_REVOCATION_LIST, {}, actor=AUDITOR)["crl"]
    texts = {
        "holder.pem": world.clerk(certification.GET_DOCUMENT, emission_id=emission_id, kind="certificate")["text"],
        "root.pem": authority["root_pem"],
        "issuing.pem": authority["issuing_pem"],
        "root.crl": f"-----BEGIN X509 CRL-----\n{authority['root_crl']}\n-----END X509 CRL-----\n",
        "issuing.crl": f"-----BEGIN X509 CRL-----\n{crl}\n-----END X509 CRL-----\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    argv = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]
    argv += ["-CRLfile", "root.crl", "-CRLfile", "issuing.crl", "holder.pem"]
    checked = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert checked.stdout == "holder.pem: OK\n", checked.stderr

    # and pyHanko the term with its time stamps, for ever
    document = world.clerk(certification.GET_DOCUMENT, emission_id=emission_id, kind="term")["object"]
    store = ObjectSettings(
        object_engine.endpoint,
        object_engine.access_key,
        object_engine.secret_key,
        False,
        world.env["TITULAR_OBJECTS_BUCKET_PREFIX"],
    )
    term = S3ObjectStore(store).get(document["bucket"], document["key"])
    stands, why = long_term_status(term, ssl.PEM_cert_to_DER_cert(authority["root_pem"]), now())
    assert stands, why


def test_without_the_token_nothing_is_signed_and_with_it_the_same_emission_goes_on(world: World, token: SoftToken) -> None:
    # given a holder who is about to ask for the certificate
    emission = world.invited(mode="in_person")
    holder = world.holder(emission)

    # when the token is taken out meanwhile
    token.take_out()

    # then the request is refused for now, and the history goes no further than the intent
    with pytest.raises(Unavailable) as refused:
        holder.request()
    assert refused.value.reason == "token"
    assert "TITULAR_AUTHORITY_PKCS11_TOKEN" in refused.value.message
    assert world.types(emission["emission_id"])[-1] == "IssuePrepared"

    # and when it is back, without a restart, the holder's next try ends well
    token.put_back()
    assert holder.sign(holder.request())["step"] == "done"


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    """The application in this process, on a token of its own."""
    own = soft_token(tmp_path / "softhsm")
    monkeypatch.setenv("SOFTHSM2_CONF", own.env["SOFTHSM2_CONF"])
    custody, addresses = own.custody(), Addresses("https://titular.example")
    files.create(tmp_path / "authority", custody, addresses, START)
    made = in_process(tmp_path, FileAuthority.open(tmp_path / "authority", custody, addresses, START))
    yield made
    made.events.close()


def stored(inside: InProcess, emission: dict[str, Any]) -> tuple[bytes, str]:
    """The certificate that is kept, and the hash that the history names."""
    issued = next(one for one in inside.events.read(emission["emission_id"]) if one.record.type == "CertificateIssued").record
    key = f"{emission['emission_id']}/{issued.data['serial']}.cer"
    return inside.ports.objects.get("certificates", key), issued.data["sha256"]


def test_a_crash_between_signing_and_storing_leaves_one_certificate(inside: InProcess) -> None:
    # given a certificate that was signed and never stored
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    signed: list[bytes] = []
    put_once = inside.ports.objects.put_once

    def fail(*arguments: Any) -> Any:
        signed.append(arguments[2])
        raise Unavailable("the object store does not answer")

    inside.ports.objects.put_once = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        request(inside, session, key)
    inside.ports.objects.put_once = put_once  # type: ignore[method-assign]

    # when the holder asks again, then another one of the same serial counts, and the first is nowhere
    request(inside, session, key)
    content, sha256 = stored(inside, emission)
    assert content != signed[0]
    assert hashlib.sha256(content).hexdigest() == sha256
    assert reads.get_emission(inside.ports, inside.call(), emission)["certificate"]["sha256"] == sha256


def test_a_crash_between_storing_and_the_event_leaves_the_stored_certificate(inside: InProcess) -> None:
    # given a certificate that was stored, and of which no event tells
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    kept: list[bytes] = []
    put_once, append = inside.ports.objects.put_once, inside.events.append

    def fail(*_: Any) -> Any:
        raise Unavailable("the event store does not answer")

    def store(*arguments: Any) -> bytes:
        kept.append(put_once(*arguments))
        inside.events.append = fail  # type: ignore[method-assign]
        return kept[-1]

    inside.ports.objects.put_once = store  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        request(inside, session, key)
    assert types(inside, emission["emission_id"])[-1] == "IssuePrepared"
    inside.events.append, inside.ports.objects.put_once = append, put_once  # type: ignore[method-assign]

    # when the holder asks again, though the token signs another one, then the stored one counts
    again = request(inside, session, key)
    content, sha256 = stored(inside, emission)
    assert content == kept[0]
    assert hashlib.sha256(content).hexdigest() == sha256
    assert again["certificate_serial"] == reads.get_emission(inside.ports, inside.call(), emission)["certificate"]["serial"]
