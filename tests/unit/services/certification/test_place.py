"""The holder's own place: proof of the key, what it shows, revocation by the key, and everybody else refused alike."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from contracts.errors import Conflict, LinkUnusable, RefusedSubmission
from services.certification.application import clerk, place, reads
from services.certification.application.streams import present
from services.certification.model.place import access_statement, revocation_statement
from tests.support.certification import CLERK, HOLDER, InProcess
from tests.support.holder import new_key
from tests.support.steps import invited, request, session_of, sign, signature_of, types


def signed(key: ec.EllipticCurvePrivateKey, statement: bytes) -> str:
    return base64.b64encode(key.sign(statement, ec.ECDSA(hashes.SHA256()))).decode()


def completed(inside: InProcess) -> tuple[str, ec.EllipticCurvePrivateKey]:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    return emission["emission_id"], key


def challenge_of(inside: InProcess, emission_id: str) -> str:
    return str(place.get_holder_challenge(inside.ports, inside.call(HOLDER), {"emission_id": emission_id})["challenge"])


def opened(inside: InProcess, emission_id: str, key: Any, challenge: str) -> dict[str, Any]:
    signature = signed(key, access_statement(emission_id, challenge))
    data = {"emission_id": emission_id, "challenge": challenge, "signature": signature}
    return place.open_holder_place(inside.ports, inside.call(HOLDER), data)


def shown(inside: InProcess, token: str) -> dict[str, Any]:
    return place.get_holder_place(inside.ports, inside.call(HOLDER), {"place_session": token})


def revocation(inside: InProcess, emission_id: str, key: Any, reason: str = "key_compromise", said: str = "") -> dict[str, Any]:
    challenge = challenge_of(inside, emission_id)
    certificate = present(inside.ports, emission_id).certificate
    assert certificate is not None
    signature = signed(key, revocation_statement(emission_id, certificate.serial, said or reason, challenge).encode())
    return {"emission_id": emission_id, "challenge": challenge, "reason": reason, "signature": signature}


def test_the_key_opens_its_place_for_a_quarter_of_an_hour(inside: InProcess) -> None:
    emission_id, key = completed(inside)
    token = opened(inside, emission_id, key, challenge_of(inside, emission_id))["place_session"]
    found = shown(inside, token)
    assert (found["emission_id"], found["status"]) == (emission_id, "valid")
    assert found["certificate_pem"].startswith("-----BEGIN CERTIFICATE")
    inside.clock.forward(minutes=15)
    with pytest.raises(LinkUnusable) as refused:
        shown(inside, token)
    assert refused.value.reason == "expired"


def test_every_proof_that_does_not_stand_is_refused_alike(inside: InProcess) -> None:
    emission_id, key = completed(inside)
    fresh, unknown = challenge_of(inside, emission_id), "0b7f4a52-0000-4000-8000-000000000001"
    tries = [
        (emission_id, new_key(), fresh),
        (emission_id, key, challenge_of(inside, unknown)),
        (emission_id, key, "9999999999.forged"),
        (emission_id, key, "no challenge"),
        (unknown, key, challenge_of(inside, unknown)),
    ]
    refusals = set()
    for each in tries:
        with pytest.raises(RefusedSubmission) as refused:
            opened(inside, *each)
        refusals.add((str(refused.value), refused.value.reason))
    inside.clock.forward(minutes=5)
    with pytest.raises(RefusedSubmission) as refused:
        opened(inside, emission_id, key, fresh)
    assert refusals == {(str(refused.value), "not_proved")}


def test_a_withheld_certificate_has_no_place(inside: InProcess) -> None:
    emission = invited(inside)
    key = new_key()
    request(inside, session_of(inside, emission), key)
    with pytest.raises(RefusedSubmission):
        opened(inside, emission["emission_id"], key, challenge_of(inside, emission["emission_id"]))


def test_a_session_cannot_be_altered(inside: InProcess) -> None:
    emission_id, key = completed(inside)
    _, until, mac = opened(inside, emission_id, key, challenge_of(inside, emission_id))["place_session"].split(".")
    for altered in (f"{emission_id}.{int(until) + 9}.{mac}", f"other.{until}.{mac}", "", "é.é.é"):
        with pytest.raises(LinkUnusable) as refused:
            shown(inside, altered)
        assert refused.value.reason == "unknown"


def test_the_key_revokes_its_certificate_once_and_the_history_keeps_what_it_signed(inside: InProcess) -> None:
    emission_id, key = completed(inside)
    token = opened(inside, emission_id, key, challenge_of(inside, emission_id))["place_session"]
    data = revocation(inside, emission_id, key)
    done = place.revoke_own_certificate(inside.ports, inside.call(HOLDER, command_id="c-1"), data)
    assert (done["status"], done["revocation_reason"]) == ("revoked", "key_compromise")
    assert place.revoke_own_certificate(inside.ports, inside.call(HOLDER, command_id="c-1"), data) == done
    last = inside.events.read(emission_id)[-1].record
    assert (last.type, last.actor["role"], last.data["signature"]) == ("CertificateRevoked", "holder", data["signature"])
    assert last.data["statement"].splitlines()[0] == "titular holder revocation"
    assert shown(inside, token)["status"] == "revoked"
    emission = reads.get_emission(inside.ports, inside.call(CLERK), {"emission_id": emission_id})
    assert (emission["certificate"]["status"], emission["certificate"]["revoked_by_holder"]) == ("revoked", True)
    with pytest.raises(Conflict) as refused:
        place.revoke_own_certificate(inside.ports, inside.call(HOLDER), revocation(inside, emission_id, key))
    assert refused.value.reason == "already_revoked"


def test_what_the_office_revokes_is_not_said_to_be_the_holders(inside: InProcess) -> None:
    emission_id, _ = completed(inside)
    data = {"emission_id": emission_id, "reason": "key_compromise"}
    revoked = clerk.revoke_certificate(inside.ports, inside.call(CLERK), data)["certificate"]
    assert (revoked["status"], revoked["revoked_by_holder"]) == ("revoked", False)


def test_a_revocation_stands_only_as_it_was_signed(inside: InProcess) -> None:
    emission_id, key = completed(inside)
    before = types(inside, emission_id)
    for data in (
        revocation(inside, emission_id, new_key()),
        revocation(inside, emission_id, key, said="cessation_of_operation"),
        revocation(inside, emission_id, key) | {"challenge": challenge_of(inside, "another")},
    ):
        with pytest.raises(RefusedSubmission) as refused:
            place.revoke_own_certificate(inside.ports, inside.call(HOLDER), data)
        assert refused.value.reason == "not_proved"
    assert types(inside, emission_id) == before
