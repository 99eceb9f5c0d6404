"""A scripted holder: a phone with a real P-256 key that goes the whole way by RPC, checking what it signs as a page does."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AttributeOID

from chassis.rpc import Caller
from contracts import certification
from contracts.actor import Actor, system

HOLDER = Actor("holder", "holder", address="203.0.113.7")


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key as the phone makes it."""
    return ec.generate_private_key(ec.SECP256R1())


def request_of(key: Any, nonce: str, digest: hashes.HashAlgorithm | None = None) -> bytes:
    """A DER PKCS#10 with the nonce as challengePassword."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, nonce.encode())
    return builder.sign(key, digest or hashes.SHA256()).public_bytes(Encoding.DER)


def digest_over_range(term: dict[str, Any]) -> bytes:
    """SHA-256 of the prepared document without the reserved place."""
    document = base64.b64decode(term["document"])
    return hashlib.sha256(document[: term["reserved_start"]] + document[term["reserved_end"] :]).digest()


def digest_in_attributes(term: dict[str, Any]) -> bytes:
    """The messageDigest that the signed attributes hold (RFC 5652, 11.2)."""
    attributes = cms.CMSAttributes.load(base64.b64decode(term["signed_attributes"]))
    (found,) = [attribute for attribute in attributes if attribute["type"].native == "message_digest"]
    value: bytes = found["values"][0].native
    return value


def sign(term: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    """The signature over the attributes, base64, made only where they cover the document."""
    assert digest_over_range(term) == digest_in_attributes(term)
    attributes = base64.b64decode(term["signed_attributes"])
    return base64.b64encode(key.sign(attributes, ec.ECDSA(hashes.SHA256()))).decode()


@dataclass
class ScriptedHolder:
    """One holder. ``ask`` is any Caller; messages are read as notify would ask for them."""

    ask: Caller
    cpf: str = "529.982.247-25"
    birth_date: date = date(1985, 3, 7)
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)
    token: str = ""
    emission_id: str = ""
    session: str = ""
    nonce: str = ""

    def message(self, message_id: str) -> dict[str, Any]:
        """What notify would send."""
        return self.ask(certification.GET_OUTGOING_MESSAGE, {"message_id": message_id}, actor=system("notify"))

    def open_link(self, invitation_id: str) -> dict[str, Any]:
        """Take the token out of the invitation's link and look at it."""
        message = self.message(invitation_id)
        self.token, self.emission_id = message["link"].partition("#")[2], message["emission_id"]
        return self.look()

    def look(self) -> dict[str, Any]:
        """What the link tells."""
        return self.ask(certification.GET_HOLDER_LINK, {"token": self.token}, actor=HOLDER)

    def answer(self, cpf: str | None = None, birth_date: date | None = None, command_id: str | None = None) -> dict[str, Any]:
        """Type CPF and birth date."""
        data = {"token": self.token, "cpf": cpf or self.cpf, "birth_date": birth_date or self.birth_date}
        return self.ask(certification.VERIFY_HOLDER_DATA, data, actor=HOLDER, command_id=command_id)

    def resend(self) -> dict[str, Any]:
        """Ask for another code."""
        return self.ask(certification.RESEND_CODE, {"token": self.token}, actor=HOLDER)

    def words(self) -> str:
        """What a clerk of the emission's office tells."""
        emission = self.ask(certification.GET_EMISSION, {"emission_id": self.emission_id}, actor=system("notify"))
        clerk = Actor("clerk-1", "clerk", office_id=emission["office_id"])
        return str(self.ask(certification.GET_SPOKEN_WORDS, {"emission_id": self.emission_id}, actor=clerk)["words"])

    def type_code(self, code: str, command_id: str | None = None, words: str | None = None) -> dict[str, Any]:
        """Type a code and the clerk's words; the right ones open the session."""
        data = {"token": self.token, "code": code, "words": words if words is not None else self.words()}
        opened = self.ask(certification.VERIFY_HOLDER_CODE, data, actor=HOLDER, command_id=command_id)
        self.session, self.nonce = opened["holder_session"], opened["nonce"]
        return opened

    def look_at_session(self) -> dict[str, Any]:
        """Where the session stands."""
        return self.ask(certification.GET_HOLDER_SESSION, {"holder_session": self.session}, actor=HOLDER)

    def request(self, csr: bytes | None = None, command_id: str | None = None) -> dict[str, Any]:
        """Send the certificate request; answers the term to be signed."""
        content = csr if csr is not None else request_of(self.key, self.nonce)
        data = {"holder_session": self.session, "csr": base64.b64encode(content).decode()}
        return self.ask(certification.REQUEST_CERTIFICATE, data, actor=HOLDER, command_id=command_id)

    def term(self) -> dict[str, Any]:
        """The term to be signed, once more."""
        return self.ask(certification.GET_TERM_TO_SIGN, {"holder_session": self.session}, actor=HOLDER)

    def send_signature(self, signature: str, command_id: str | None = None) -> dict[str, Any]:
        """Send a signature over the term's attributes."""
        data = {"holder_session": self.session, "signature": signature}
        return self.ask(certification.SIGN_TERM, data, actor=HOLDER, command_id=command_id)

    def sign(self, term: dict[str, Any]) -> dict[str, Any]:
        """Sign as the phone does."""
        return self.send_signature(sign(term, self.key))

    def result(self) -> dict[str, Any]:
        """Certificate and signed term."""
        return self.ask(certification.GET_HOLDER_RESULT, {"holder_session": self.session}, actor=HOLDER)

    def identify(self, invitation_id: str, code_of: Any) -> dict[str, Any]:
        """From the link to the session. ``code_of()`` answers the id of the code last sent."""
        self.open_link(invitation_id)
        self.answer()
        return self.type_code(self.message(code_of())["code"])

    def complete(self) -> dict[str, Any]:
        """From the session to the signed term."""
        return self.sign(self.request())
