"""An installation elsewhere is trusted by its authority's word alone."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from cli.demo.site import Site, served_key


class Authority:
    """A local root that vouches for names."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        root = self._built(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.path = self.folder / "root.pem"
        self.path.write_bytes(root.sign(self._key, SHA256()).public_bytes(Encoding.PEM))

    def vouch(self, address: str) -> tuple[Path, ec.EllipticCurvePrivateKey]:
        """A file with key and certificate for an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        leaf = self._built(x509.Name([]), key).add_extension(names, critical=True).sign(self._key, SHA256())
        path = self.folder / f"{address}.pem"
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + leaf.public_bytes(Encoding.PEM))
        return path, key

    def _built(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        at = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(minutes=1))
            .not_valid_after(at + timedelta(hours=1))
        )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


@pytest.fixture
def served(authority: Authority) -> Iterator[tuple[str, ec.EllipticCurvePrivateKey]]:
    """A server on 127.0.0.1 with a certificate for that address."""
    path, key = authority.vouch("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    class Shakes(BaseRequestHandler):
        def handle(self) -> None:
            try:
                context.wrap_socket(self.request, server_side=True).close()
            except OSError:
                return

    with ThreadingTCPServer(("127.0.0.1", 0), Shakes) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}", key
        server.shutdown()


def test_the_key_of_a_known_server_is_taken(authority: Authority, served: tuple[str, ec.EllipticCurvePrivateKey]) -> None:
    url, key = served
    expected = hashlib.sha256(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    assert served_key(url, authority.path) == base64.b64encode(expected).decode()


def test_a_server_for_which_another_authority_vouches_is_not_trusted(
    tmp_path: Path, served: tuple[str, ec.EllipticCurvePrivateKey]
) -> None:
    with pytest.raises(ssl.SSLError):
        served_key(served[0], Authority(tmp_path, "another").path)


def test_a_server_of_another_name_is_not_trusted(authority: Authority, served: tuple[str, ec.EllipticCurvePrivateKey]) -> None:
    with pytest.raises(ssl.SSLError):
        served_key(served[0].replace("127.0.0.1", "localhost"), authority.path)


def test_a_site_that_the_system_trusts_needs_no_flag(tmp_path: Path) -> None:
    assert Site("https://titular.example", "", "admin", "secret", tmp_path).flags == ()
