"""Where the demonstration runs: the stack of this checkout, or an installation elsewhere."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.local.configuration import Configuration

HTTPS_PORT = 443
CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses and sign-in of a clerk, and the folder for what the demonstration leaves behind."""

    public_url: str
    inbox_url: str
    user: str
    password: str
    folder: Path
    authority: Path | None = None
    """The root certificate (PEM) that vouches for its addresses, where that is a local one."""

    @property
    def flags(self) -> tuple[str, ...]:
        """For Chromium: the very key that the authority vouches for is trusted, and nothing else that is unknown."""
        if self.authority is None or urlsplit(self.public_url).scheme != "https":
            return ()
        return (f"--ignore-certificate-errors-spki-list={served_key(self.public_url, self.authority)}",)


def local(configuration: Configuration) -> Site:
    """The stack of a data folder, as the sample clerk."""
    return Site(
        public_url=configuration.public_url,
        inbox_url=configuration.inbox_url,
        user="ana",
        password=configuration.secrets["sample_password"],
        folder=configuration.data / "demo",
    )


def served_key(url: str, authority: Path) -> str:
    """SHA-256 (base64) of the key that a server shows; :class:`ssl.SSLError` unless the authority vouches for it and its name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    context = ssl.create_default_context(cafile=str(authority))
    with (
        socket.create_connection((host, parts.port or HTTPS_PORT), timeout=CONNECT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as connection,
    ):
        shown = connection.getpeercert(binary_form=True) or b""
    key = x509.load_der_x509_certificate(shown).public_key()
    digest = hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    return base64.b64encode(digest).decode()
