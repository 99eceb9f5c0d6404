"""How certificates are built (RFC 5280): the authorities' own, the time-stamping service's, the holders'."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from services.certification.application.ports import Subject
from services.certification.authority.profile import alternative_names, name, subject_name
from services.certification.model.state import Intent

# An OID of our own: a UUID in parts, below the arc that Microsoft keeps for such. As one number (2.25, X.667) it needs 128 bits,
# and many programs read no more than 32 of each.
POLICY = x509.ObjectIdentifier("1.2.840.113556.1.8000.2554.38469.13357.27084.64199.11556.4642608.6865747")
ANY_POLICY = x509.ObjectIdentifier("2.5.29.32.0")
CLOCK_SKEW = timedelta(minutes=5)
RESPONDER_LIFE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where relying parties find lists and issuers: all below the public address.

    Each generation of the issuing authority has addresses of its own, so that a certificate's lead to its own issuer for ever.
    """

    public_url: str
    generation: int = 1

    def of_generation(self, number: int) -> Addresses:
        """The addresses that certificates of this generation name."""
        return replace(self, generation=number)

    @property
    def revocation_lists(self) -> tuple[str, str]:
        """Two addresses of the issuing authority's list, as the profile demands."""
        return (f"{self._issuer}.crl", f"{self._issuer}-2.crl")

    def revocation_lists_of(self, year: int) -> tuple[str, str]:
        """Two addresses of the list of those certificates alone that were issued in a year (UTC)."""
        whole = self.revocation_lists[0].removesuffix(".crl")
        return (f"{whole}-{year}.crl", f"{whole}-{year}-2.crl")

    @property
    def root_lists(self) -> tuple[str, str]:
        """Two addresses of the root's list."""
        return (f"{self.public_url}/ac/raiz.crl", f"{self.public_url}/ac/raiz-2.crl")

    @property
    def issuing(self) -> str:
        """The issuing authority's certificate."""
        return f"{self._issuer}.cer"

    @property
    def root(self) -> str:
        """The root's certificate."""
        return f"{self.public_url}/ac/raiz.cer"

    @property
    def ocsp(self) -> str:
        """The status responder (RFC 6960)."""
        return f"{self.public_url}/ac/ocsp"

    @property
    def _issuer(self) -> str:
        return f"{self.public_url}/ac/emissora" + (f"-g{self.generation}" if self.generation > 1 else "")


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate and its key. The key may be anything that signs like an elliptic-curve key (a token, too)."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def root_certificate(key: ec.EllipticCurvePrivateKey, now: datetime, years: int = 20) -> x509.Certificate:
    """The self-signed root."""
    builder = _authority("Titular AC Raiz", key, now, years, path_length=1).issuer_name(name("Titular AC Raiz"))
    return builder.sign(key, hashes.SHA384())


def issuing_certificate(
    key: ec.EllipticCurvePrivateKey, root: Issuer, addresses: Addresses, now: datetime, years: int = 10
) -> x509.Certificate:
    """The issuing authority's certificate, which ends with the root's. Each generation has a name of its own: lists go by it."""
    common_name = "Titular AC Emissora" + (f" G{addresses.generation}" if addresses.generation > 1 else "")
    builder = (
        _authority(common_name, key, now, years, path_length=0, latest=root.certificate.not_valid_after_utc)
        .issuer_name(root.certificate.subject)
        .add_extension(_authority_key(root.certificate), critical=False)
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(ANY_POLICY, None)]), critical=False)
        .add_extension(_lists(addresses.root_lists), critical=False)
        .add_extension(_issuer_access(addresses.root), critical=False)
    )
    return builder.sign(root.key, hashes.SHA384())


def time_stamping_certificate(
    key: ec.EllipticCurvePrivateKey, issuer: Issuer, addresses: Addresses, now: datetime, years: int = 8
) -> x509.Certificate:
    """The time-stamping service's certificate; its one extended usage is critical (RFC 3161, 2.3)."""
    until = min(now + timedelta(days=365 * years), issuer.certificate.not_valid_after_utc)
    builder = (
        _builder(name("Titular Carimbo do Tempo"), key.public_key(), now - CLOCK_SKEW, until)
        .serial_number(x509.random_serial_number())
        .issuer_name(issuer.certificate.subject)
        .add_extension(_authority_key(issuer.certificate), critical=False)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(_lists(addresses.revocation_lists), critical=False)
        .add_extension(_issuer_access(addresses.issuing, addresses.ocsp), critical=False)
    )
    return builder.sign(issuer.key, hashes.SHA256())


def responder_certificate(key: ec.EllipticCurvePrivateKey, issuer: Issuer, now: datetime) -> x509.Certificate:
    """The status responder's certificate: nobody asks for its own state, so it is short-lived (RFC 6960, 4.2.2.2.1)."""
    builder = (
        _builder(name("Titular OCSP"), key.public_key(), now - CLOCK_SKEW, now + RESPONDER_LIFE)
        .serial_number(x509.random_serial_number())
        .issuer_name(issuer.certificate.subject)
        .add_extension(_authority_key(issuer.certificate), critical=False)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
    )
    return builder.sign(issuer.key, hashes.SHA256())


def holder_certificate(intent: Intent, subject: Subject, issuer: Issuer, addresses: Addresses) -> x509.Certificate:
    """The certificate of an intent. Signed deterministically (RFC 6979): signing an intent again gives the same bytes.

    A key in a token signs at random: signing again gives another certificate of the same serial, key and names. Only one ever
    counts, because only one is ever stored, and nothing is said of one that is not (``documents.keep_certificate``).

    Nothing of the holder's request but its public key gets here: names come from the confirmed registration.
    """
    public_key = load_der_public_key(base64.b64decode(intent.public_key))
    if not isinstance(public_key, ec.EllipticCurvePublicKey):
        raise TypeError("an intent holds an elliptic-curve key")
    builder = (
        _builder(subject_name(subject), public_key, intent.not_before, intent.not_after)
        .serial_number(int(intent.serial, 16))
        .issuer_name(issuer.certificate.subject)
        .add_extension(_authority_key(issuer.certificate), critical=False)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), critical=False)
        .add_extension(alternative_names(subject), critical=False)
        .add_extension(_lists(addresses.revocation_lists_of(intent.not_before.astimezone(UTC).year)), critical=False)
        .add_extension(_issuer_access(addresses.issuing, addresses.ocsp), critical=False)
    )
    return builder.sign(issuer.key, hashes.SHA256(), ecdsa_deterministic=True)


def _authority(
    common_name: str, key: ec.EllipticCurvePrivateKey, now: datetime, years: int, path_length: int, latest: datetime | None = None
) -> x509.CertificateBuilder:
    until = now + timedelta(days=365 * years + years // 4)
    builder = _builder(name(common_name), key.public_key(), now - CLOCK_SKEW, min(until, latest or until))
    return (
        builder.serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )


def _builder(
    subject: x509.Name, public_key: ec.EllipticCurvePublicKey, not_before: datetime, not_after: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).public_key(public_key)
    builder = builder.not_valid_before(not_before.replace(microsecond=0)).not_valid_after(not_after.replace(microsecond=0))
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)


def _usage(
    *, digital_signature: bool = False, content_commitment: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _lists(urls: Sequence[str]) -> x509.CRLDistributionPoints:
    points = [x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None) for url in urls]
    return x509.CRLDistributionPoints(points)


def _issuer_access(issuer: str, ocsp: str | None = None) -> x509.AuthorityInformationAccess:
    """The issuer's certificate first, then the responder (RFC 5280, 4.2.2.1)."""
    found = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer))]
    if ocsp is not None:
        found.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp)))
    return x509.AuthorityInformationAccess(found)
