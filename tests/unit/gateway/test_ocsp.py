"""The status responder's address, for programs that know nothing of sessions."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from werkzeug.test import TestResponse

from chassis.clock import now
from contracts.certification import ANSWER_OCSP
from contracts.errors import Unavailable
from gateway.kept_answers import KEPT, NONCE
from gateway.ocsp import LARGEST_REQUEST
from services.certification.authority.certificates import root_certificate
from tests.support.sample_gateway import SampleGateway

DER = bytes([0x30, *b"\xff\xfe\xfb"]) * 20  # its base64 has slashes and plus signs
ENCODED = base64.b64encode(DER).decode()
MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def signed() -> bytes:
    """A responder's answer."""
    key = ec.generate_private_key(ec.SECP256R1())
    responder = root_certificate(key, MOMENT)
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=responder,
        issuer=responder,
        algorithm=hashes.SHA256(),
        cert_status=ocsp.OCSPCertStatus.GOOD,
        this_update=MOMENT,
        next_update=None,
        revocation_time=None,
        revocation_reason=None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


RESPONSE = signed()


def answer(gateway: SampleGateway, next_update: datetime | None) -> None:
    """Let certification answer."""
    reply = {"response": base64.b64encode(RESPONSE).decode(), "next_update": next_update}
    gateway.caller.answers[ANSWER_OCSP] = lambda _data, _actor: reply


def post(gateway: SampleGateway, body: bytes = DER, kind: str = "application/ocsp-request") -> TestResponse:
    """Ask as most programs do."""
    return gateway.client().post("/ac/ocsp", data=body, content_type=kind)


def test_a_posted_request_is_answered_without_a_session(gateway: SampleGateway) -> None:
    answer(gateway, now() + timedelta(hours=1))
    response = post(gateway)
    assert (response.status_code, response.mimetype, response.data) == (200, "application/ocsp-response", RESPONSE)
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    (asked,) = gateway.caller.asked
    assert (asked.data, asked.actor.role) == ({"request": ENCODED}, "holder")


@pytest.mark.parametrize("written", [ENCODED, quote(ENCODED, safe="")], ids=["as it is", "percent-encoded"])
def test_a_request_in_the_address_is_answered_for_caches(gateway: SampleGateway, written: str) -> None:
    assert "//" in ENCODED
    assert "+" in ENCODED
    next_update = (now() + timedelta(hours=1)).replace(microsecond=0)
    answer(gateway, next_update)
    response = gateway.client().get(f"/ac/ocsp/{written}")
    assert (response.status_code, response.mimetype, response.data) == (200, "application/ocsp-response", RESPONSE)
    assert gateway.caller.asked[0].data == {"request": ENCODED}
    kept = response.cache_control
    assert kept.public
    assert kept.must_revalidate
    assert kept.no_transform
    assert kept.max_age is not None
    assert 3500 < kept.max_age <= 3600
    assert response.expires == next_update
    assert response.last_modified == MOMENT
    assert "Set-Cookie" not in response.headers

    # and who has it is told so
    again = gateway.client().get(f"/ac/ocsp/{written}", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_answer_is_kept_for_half_a_minute(gateway: SampleGateway, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> int:
        return (post(gateway) if method == "POST" else gateway.client().get(f"/ac/ocsp/{ENCODED}")).status_code

    # given an answer that counts for an hour, when many ask for it, then the service is asked once and nobody is limited
    answer(gateway, now() + timedelta(hours=1))
    assert {ask() for _ in range(310)} == {200}
    assert len(gateway.caller.asked) == 1

    # when half a minute has passed, then it is asked again
    later = now() + KEPT
    monkeypatch.setattr("gateway.kept_answers.now", lambda: later)
    assert ask() == 200
    assert len(gateway.caller.asked) == 2


@pytest.mark.parametrize(
    ("life", "body"), [(timedelta(minutes=1), DER), (timedelta(hours=1), DER + NONCE)], ids=["on hold", "with a nonce"]
)
def test_what_is_soon_another_answer_is_not_kept(gateway: SampleGateway, life: timedelta, body: bytes) -> None:
    answer(gateway, now() + life)
    for _ in range(2):
        assert post(gateway, body).status_code == 200
    assert len(gateway.caller.asked) == 2


def test_what_is_no_answer_is_not_kept(gateway: SampleGateway) -> None:
    answer(gateway, None)
    assert gateway.client().get(f"/ac/ocsp/{ENCODED}").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_service_that_is_away_means_try_later(gateway: SampleGateway, method: str) -> None:
    gateway.caller.answers[ANSWER_OCSP] = Unavailable("certification does not answer")
    response = post(gateway) if method == "POST" else gateway.client().get(f"/ac/ocsp/{ENCODED}")
    assert (response.status_code, response.data.hex()) == (200, "30030a0103")
    assert response.headers["Cache-Control"] == "no-store"


def test_what_is_no_request_never_reaches_the_service(gateway: SampleGateway) -> None:
    assert post(gateway, kind="application/x-www-form-urlencoded").status_code == 415
    assert post(gateway, body=b"0" * (LARGEST_REQUEST + 1)).status_code == 413
    assert gateway.client().get("/ac/ocsp/" + "M" * 4097).status_code == 414
    assert gateway.client().get("/ac/ocsp").status_code == 405
    assert gateway.caller.asked == []


def test_the_largest_request_is_within_the_contract(gateway: SampleGateway) -> None:
    answer(gateway, None)
    assert post(gateway, body=b"0" * LARGEST_REQUEST).status_code == 200


def test_questions_are_limited(gateway: SampleGateway) -> None:
    answer(gateway, None)
    client = gateway.client()
    statuses = [client.get(f"/ac/ocsp/{ENCODED}").status_code for _ in range(301)]
    assert statuses == [200] * 300 + [429]
