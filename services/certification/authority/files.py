"""Keys and certificates in a folder. Keys are encrypted: PBES2 with PBKDF2, a million rounds, AES-256 (RFC 8018)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from services.certification.authority.certificates import (
    RESPONDER_LIFE,
    Addresses,
    Issuer,
    issuing_certificate,
    responder_certificate,
    root_certificate,
    time_stamping_certificate,
)
from services.certification.authority.lists import ROOT_LIST_LIFE, signed_list

ROUNDS = 1_000_000
NAMES = ("root", "issuing", "timestamping", "ocsp")
# The root's key may have been moved to a safe place, and the responder's files are made anew where they are missing.
NEEDED = ("root.pem", "issuing.pem", "issuing.key", "timestamping.pem", "timestamping.key")
ROOT_LIST = "root.crl"
PASSPHRASE_VARIABLE = "TITULAR_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable, not a secret


def exists(folder: Path) -> bool:
    """Whether the authority was created there."""
    return all((folder / name).exists() for name in NEEDED)


def create(folder: Path, passphrase: str, addresses: Addresses, now: datetime) -> None:
    """Create root, issuing authority, time-stamping service and status responder; all of it or nothing.

    Does nothing where it is there already.
    """
    if exists(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700)
    try:
        root_key, issuing_key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
        stamping_key, responder_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = Issuer(root_certificate(root_key, now), root_key)
        issuing = Issuer(issuing_certificate(issuing_key, root, addresses, now), issuing_key)
        stamping = Issuer(time_stamping_certificate(stamping_key, issuing, addresses, now), stamping_key)
        answering = Issuer(responder_certificate(responder_key, issuing, now), responder_key)
        for name, issuer in zip(NAMES, (root, issuing, stamping, answering), strict=True):
            _write(unfinished, name, issuer, passphrase)
        (unfinished / ROOT_LIST).write_bytes(signed_list(root, (), now, ROOT_LIST_LIFE))
        try:
            unfinished.rename(folder)
        except OSError:
            if not exists(folder):  # not another process that was faster
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def make_root_list(folder: Path, passphrase: str, now: datetime) -> bool:
    """Make the root's revocation list (DER) where it is missing or has lived more than half its life; says whether it did.

    Only where the root's key is there.
    """
    with _locked(folder):
        if not (folder / "root.key").exists() or _root_list_serves(folder, now):
            return False
        made = signed_list(load_issuer(folder, "root", passphrase), (), now, ROOT_LIST_LIFE)
        unfinished = folder / f".{ROOT_LIST}.{secrets.token_hex(4)}"
        try:
            unfinished.write_bytes(made)
            unfinished.replace(folder / ROOT_LIST)
        finally:
            unfinished.unlink(missing_ok=True)
        return True


def _root_list_serves(folder: Path, now: datetime) -> bool:
    content = load_root_list(folder)
    if content is None:
        return False
    next_update = x509.load_der_x509_crl(content).next_update_utc
    return next_update is not None and next_update - now > ROOT_LIST_LIFE / 2


def load_root_list(folder: Path) -> bytes | None:
    """The root's revocation list (DER); None in a folder from before there was one."""
    try:
        return (folder / ROOT_LIST).read_bytes()
    except FileNotFoundError:
        return None


def responder(folder: Path, passphrase: str, issuing: Issuer, now: datetime) -> Issuer:
    """The status responder's key and certificate.

    They are made anew, and nothing else is touched, where they are missing (a folder older than the responder),
    are of another issuing authority, or have lived more than half their life.
    """
    with _locked(folder):
        if _responder_serves(folder, issuing, now):
            return load_issuer(folder, "ocsp", passphrase)
        key = ec.generate_private_key(ec.SECP256R1())
        made = Issuer(responder_certificate(key, issuing, now), key)
        unfinished = folder / f".ocsp.{secrets.token_hex(4)}"
        unfinished.mkdir(mode=0o700)
        try:
            _write(unfinished, "ocsp", made, passphrase)
            # Without its certificate a key counts as missing: a crash between these steps is made good by the next start.
            (folder / "ocsp.pem").unlink(missing_ok=True)
            (unfinished / "ocsp.key").replace(folder / "ocsp.key")
            (unfinished / "ocsp.pem").replace(folder / "ocsp.pem")
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return made


def _responder_serves(folder: Path, issuing: Issuer, now: datetime) -> bool:
    if not all((folder / name).exists() for name in ("ocsp.pem", "ocsp.key")):
        return False
    certificate = load_certificate(folder, "ocsp")
    try:
        certificate.verify_directly_issued_by(issuing.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return certificate.not_valid_after_utc - now > RESPONDER_LIFE / 2


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other processes from making the same files meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def load_certificate(folder: Path, name: str) -> x509.Certificate:
    """A certificate by name: root, issuing, timestamping or ocsp."""
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def load_issuer(folder: Path, name: str, passphrase: str) -> Issuer:
    """A certificate with its key; raises ValueError for a wrong passphrase."""
    key = load_pem_private_key((folder / f"{name}.key").read_bytes(), passphrase.encode())
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{name}.key is no elliptic-curve key")
    return Issuer(load_certificate(folder, name), key)


def _write(folder: Path, name: str, issuer: Issuer, passphrase: str) -> None:
    (folder / f"{name}.pem").write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    encrypted = encrypt_key(issuer.key, passphrase)
    descriptor = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(encrypted)


def encrypt_key(key: ec.EllipticCurvePrivateKey, passphrase: str) -> bytes:
    """The key as encrypted PKCS#8 PEM. By OpenSSL: the library's own encryption has 2,048 rounds only."""
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    argv = ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256", "-iter", str(ROUNDS)]
    result = subprocess.run(
        [*argv, "-passout", f"env:{PASSPHRASE_VARIABLE}"],
        input=plain,
        capture_output=True,
        check=True,
        timeout=60,
        env={**os.environ, PASSPHRASE_VARIABLE: passphrase},
    )
    return result.stdout
