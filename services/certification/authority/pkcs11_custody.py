"""Private keys in a PKCS#11 token, made there and never seen outside."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, NoReturn

import pkcs11
from asn1crypto.core import OctetString
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from services.certification.authority.custody import CustodyFault
from services.certification.authority.token_session import TokenSession

IDENTIFIER_BYTES = 16


class TokenKey(ec.EllipticCurvePrivateKey):
    """A key that asks the token for each signature; certificates, lists and answers are built with it like with any other.

    Signatures are at random, also where deterministic ones are asked for (RFC 6979): CKM_ECDSA has no others. So of what is
    signed twice the two differ, and both stand.
    """

    def __init__(self, session: TokenSession, public_key: ec.EllipticCurvePublicKey) -> None:
        self._session = session
        self._public_key = public_key
        self._found: tuple[int, Any] | None = None

    def sign(self, data: bytes, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # type: ignore[override]
        """A DER ECDSA-Sig-Value. Raises :class:`CustodyFault` where the token cannot be used, and tries again once before."""
        digest = _digest(data, signature_algorithm)

        def signed(session: pkcs11.Session, number: int) -> bytes:
            if self._found is None or self._found[0] != number:
                self._found = (number, self._private_key(session))
            made: bytes = self._found[1].sign(digest, mechanism=Mechanism.ECDSA)
            return made

        both = self._session.run(signed)
        half = len(both) // 2
        return utils.encode_dss_signature(int.from_bytes(both[:half], "big"), int.from_bytes(both[half:], "big"))

    def find(self) -> None:
        """Raises :class:`CustodyFault` where the token has no such key."""
        self._session.run(lambda session, _: self._private_key(session))

    def destroy(self) -> None:
        """Destroy both halves in the token."""

        def destroyed(session: pkcs11.Session, _: int) -> None:
            for one in (self._private_key(session), self._public_object(session)):
                one.destroy()

        self._session.run_once(destroyed)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public_key

    @property
    def curve(self) -> ec.EllipticCurve:
        """Of the public half."""
        return self._public_key.curve

    @property
    def key_size(self) -> int:
        """Bits."""
        return self._public_key.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        """Never: the key signs."""
        raise TypeError("this key signs and does nothing else")

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        """Never: the key does not leave its token."""
        self._stays()

    def private_bytes(self, *_: Any, **__: Any) -> bytes:
        """Never: the key does not leave its token."""
        self._stays()

    def __copy__(self) -> TokenKey:
        return self

    def __deepcopy__(self, memo: Any) -> TokenKey:
        return self

    def _stays(self) -> NoReturn:
        raise TypeError("this key does not leave its token")

    def _private_key(self, session: pkcs11.Session) -> Any:
        """By the identifier of its public half: only that tells its point, which its certificate names."""
        identifier = self._public_object(session)[Attribute.ID]
        return self._one(session, {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: identifier})

    def _public_object(self, session: pkcs11.Session) -> Any:
        point = self._public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return self._one(session, {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.EC_POINT: OctetString(point).dump()})

    def _one(self, session: pkcs11.Session, wanted: dict[Attribute, Any]) -> Any:
        found = list(session.get_objects(wanted))
        if len(found) != 1:
            kind = "public" if wanted[Attribute.CLASS] is ObjectClass.PUBLIC_KEY else "private"
            digest = x509.SubjectKeyIdentifier.from_public_key(self._public_key).digest.hex()
            count = len(found) or "no"
            said = (
                f"The token {self._session.label!r} has {count} {kind} keys of the point with SHA-1 {digest}: restore it there."
            )
            raise CustodyFault(said, reason="key")
        return found[0]


class TokenCustody:
    """See :class:`services.certification.authority.custody.Custody`. The certificate says which key is meant."""

    renews_keys = False

    def __init__(self, session: TokenSession) -> None:
        self._session = session

    def generate(self, folder: Path, name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        """See the port. A token may hold several keys of a name (of an attempt before): certificates tell them apart."""

        def made(session: pkcs11.Session, _: int) -> bytes:
            named = {Attribute.EC_PARAMS: encode_named_curve_parameters(curve.name)}
            public, _private = session.create_domain_parameters(KeyType.EC, named, local=True).generate_keypair(
                id=secrets.token_bytes(IDENTIFIER_BYTES),
                label=f"titular {name}",
                store=True,
                capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
            return encode_ec_public_key(public)

        public_key = load_der_public_key(self._session.run_once(made))
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            raise TypeError("the token has made another kind of key")
        return TokenKey(self._session, public_key)

    def holds(self, folder: Path, name: str) -> bool:
        """See the port."""
        try:
            certificate = x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())
            self.load(folder, name, certificate)
        except FileNotFoundError:
            return False
        except CustodyFault as fault:
            if fault.reason != "key":
                raise
            return False
        return True

    def load(self, folder: Path, name: str, certificate: x509.Certificate) -> ec.EllipticCurvePrivateKey:
        """See the port."""
        public_key = certificate.public_key()
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            raise TypeError(f"{name}.pem has no elliptic-curve key")
        key = TokenKey(self._session, public_key)
        key.find()
        return key

    def discard(self, folder: Path, name: str, key: ec.EllipticCurvePrivateKey) -> None:
        """See the port."""
        if isinstance(key, TokenKey):
            key.destroy()

    def place(self, folder: Path, name: str) -> str:
        """See the port."""

        def described(session: pkcs11.Session, _: int) -> str:
            token = session.token
            return f"token {token.label} ({token.model}, serial {token.serial.decode(errors='replace').strip()}), not extractable"

        return self._session.run(described)

    def check(self) -> None:
        """See the port."""
        self._session.run(lambda session, _: list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})))


def _digest(data: bytes, algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
    wanted = algorithm.algorithm
    if isinstance(wanted, utils.Prehashed):
        return bytes(data)
    digest = hashes.Hash(wanted)
    digest.update(data)
    return digest.finalize()
