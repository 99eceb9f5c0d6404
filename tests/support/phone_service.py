"""What certification does for the phone, played by a fake that checks what the phone really sends."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AttributeOID

from contracts import certification as contract
from contracts.actor import Actor
from contracts.errors import IllegalStep, LinkUnusable, WrongAnswer
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import Answer, FakeCaller

NONCE = "the-links-nonce"
SESSION = "a-holders-session"
CODE = "123456"
WORDS = "maçã lua"
CHALLENGE = "1795348800.challenge"
BEFORE, PLACE, AFTER = b"%PDF-1.7 the term ", b"<" + b"0" * 64 + b">", b" its end %%EOF"


class PhoneService:
    """One holder's way. ``tampered`` shows another document than the one to be signed."""

    def __init__(self, caller: FakeCaller, tampered: bool = False) -> None:
        self.step = "data"
        self.tampered = tampered
        self.tries = 3
        self.revoked: str | None = None
        self.request: x509.CertificateSigningRequest | None = None
        self._caller, self._answered = caller, dict[str, dict[str, Any]]()
        caller.answers.update(
            {
                contract.GET_HOLDER_LINK: self.link,
                contract.VERIFY_HOLDER_DATA: self._once(self.data),
                contract.RESEND_CODE: lambda _d, _a: self.sent(),
                contract.VERIFY_HOLDER_CODE: self._once(self.code),
                contract.GET_HOLDER_SESSION: self.session,
                contract.REQUEST_CERTIFICATE: self._once(self.certificate),
                contract.GET_TERM_TO_SIGN: lambda _d, _a: self.term(),
                contract.SIGN_TERM: self.sign,
                contract.GET_HOLDER_CHALLENGE: lambda _d, _a: {"challenge": CHALLENGE, "expires_at": samples.NOW},
                contract.OPEN_HOLDER_PLACE: self.open_place,
                contract.GET_HOLDER_PLACE: lambda _d, _a: self.place(),
                contract.REVOKE_OWN_CERTIFICATE: self.revoke,
                contract.GET_HOLDER_RESULT: lambda _d, _a: self.done(),
            }
        )

    def _once(self, act: Answer) -> Answer:
        """A command that is repeated is answered as before."""

        def answer(data: dict[str, Any], actor: Actor) -> dict[str, Any]:
            command_id = self._caller.asked[-1].command_id or ""
            if command_id not in self._answered:
                self._answered[command_id] = act(data, actor)
            return self._answered[command_id]

        return answer

    def _unclaimed(self) -> None:
        if self.step not in {"data", "code"}:
            raise LinkUnusable("used", reason="used")

    def link(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """At which step the link stands."""
        if data["token"] != "good":
            raise LinkUnusable("expired", reason="expired", renewable=True)
        office = samples.OFFICE["office_name"]
        return {"step": self.step, "office_name": office, "tries_left": self.tries, "expires_at": samples.NOW}

    def data(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """CPF and date of birth."""
        self._unclaimed()
        if data["birth_date"] != samples.DATA["birth_date"]:
            self.tries -= 1
            raise WrongAnswer("no", field="birth_date", tries_left=self.tries)
        self.step = "code"
        return self.sent()

    @staticmethod
    def sent() -> dict[str, Any]:
        """A code is on its way."""
        return {"channel": "sms", "address_masked": "*****-5678", "expires_at": samples.NOW, "sends_left": 2}

    def code(self, data: dict[str, Any], actor: Actor) -> dict[str, Any]:
        """The code."""
        self._unclaimed()
        if (data["code"], data["words"]) != (CODE, WORDS):
            raise WrongAnswer("no", field="code", tries_left=4)
        self.step = "request"
        return self.session({"holder_session": SESSION}, actor)

    def session(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """Where the session stands."""
        assert data["holder_session"] == SESSION
        return {
            "holder_session": SESSION,
            "nonce": NONCE,
            "step": self.step,
            "emission_id": samples.named_id("emission-dispatched"),
            "holder_name": "Maria",
        }

    def certificate(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """Check the request as the authority does."""
        if self.step == "done":
            raise IllegalStep("too late", reason="request_certificate", state="completed", allowed=[])
        request = x509.load_der_x509_csr(base64.b64decode(data["csr"]))
        assert request.is_signature_valid
        key = request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert isinstance(key.curve, ec.SECP256R1)
        challenge = request.attributes.get_attribute_for_oid(AttributeOID.CHALLENGE_PASSWORD)
        assert challenge.value == NONCE.encode()
        self.request = request
        self.step = "sign"
        return self.term()

    def attributes(self) -> bytes:
        """The signed attributes over the true document."""
        digest = hashlib.sha256(BEFORE + AFTER).digest()
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [core.OctetString(digest)]}),
            ]
        )
        dumped: bytes = attributes.dump()
        return dumped

    def term(self) -> dict[str, Any]:
        """The term to be signed."""
        document = (BEFORE.replace(b"term", b"debt") if self.tampered else BEFORE) + PLACE + AFTER
        return {
            "emission_id": samples.named_id("emission-dispatched"),
            "step": "sign",
            "document": base64.b64encode(document).decode(),
            "reserved_start": len(BEFORE),
            "reserved_end": len(BEFORE) + len(PLACE),
            "signed_attributes": base64.b64encode(self.attributes()).decode(),
            "certificate_serial": "01",
            "certificate_not_after": samples.certificate()["not_after"],
        }

    def sign(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """Check the signature with the request's key."""
        if self.step == "done":
            return self.done()
        assert self.request is not None
        key = self.request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(base64.b64decode(data["signature"]), self.attributes(), ec.ECDSA(hashes.SHA256()))
        self.step = "done"
        return self.done()

    def open_place(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """Check the proof with the request's key."""
        self._verify(data["signature"], f"titular holder access\n{data['emission_id']}\n{CHALLENGE}")
        return {"place_session": "place", "expires_at": samples.NOW}

    def revoke(self, data: dict[str, Any], _actor: Actor) -> dict[str, Any]:
        """Check that the key signed what is said."""
        said = f"titular holder revocation\n{data['emission_id']}\n01\n{data['reason']}\n{CHALLENGE}"
        self._verify(data["signature"], said)
        self.revoked = data["reason"]
        return self.place()

    def _verify(self, signature: str, said: str) -> None:
        assert self.request is not None
        key = self.request.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(base64.b64decode(signature), said.encode(), ec.ECDSA(hashes.SHA256()))

    def place(self) -> dict[str, Any]:
        """What the holder owns."""
        done = self.done()
        return {name: done[name] for name in ("emission_id", "protocol", "certificate_pem", "not_after", "term")} | {
            "office_name": samples.OFFICE["office_name"],
            "person_id": samples.PERSON,
            "looks": [{"at": samples.NOW, "kind": "term", "role": "auditor", "office_id": None}],
            "status": "revoked" if self.revoked else "valid",
            "serial": "01",
            "not_before": samples.NOW,
            "revoked_at": samples.NOW if self.revoked else None,
            "revocation_reason": self.revoked,
        }

    @staticmethod
    def done() -> dict[str, Any]:
        """The result."""
        stored = {"bucket": "terms", "key": "term.pdf", "size": 13, "sha256": "34" * 32, "content_type": "application/pdf"}
        return {
            "emission_id": samples.named_id("emission-dispatched"),
            "step": "done",
            "protocol": samples.emission()["protocol"],
            "certificate_pem": "-----BEGIN CERTIFICATE-----\n",
            "not_after": samples.certificate()["not_after"],
            "term": stored,
        }
