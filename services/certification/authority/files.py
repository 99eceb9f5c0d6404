"""An authority's folder: certificates, the root's list, and such keys as lie in files (:mod:`.custody`)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from services.certification.authority.certificates import (
    RESPONDER_LIFE,
    Addresses,
    Issuer,
    issuing_certificate,
    responder_certificate,
    root_certificate,
    time_stamping_certificate,
)
from services.certification.authority.custody import Custody, key_file
from services.certification.authority.lists import ROOT_LIST_LIFE, revocations_in, signed_list
from services.certification.model.state import Revocation

NAMES = ("root", "issuing", "timestamping", "ocsp")
CURVES = {"root": ec.SECP384R1(), "issuing": ec.SECP256R1(), "timestamping": ec.SECP256R1(), "ocsp": ec.SECP256R1()}
# The responder's certificate is made anew where it is missing.
NEEDED = ("root.pem", "issuing.pem", "timestamping.pem")
ROOT_LIST = "root.crl"
Note = Callable[[str], None]


def nobody_notes(_: str) -> None:
    """For who keeps no record."""


def exists(folder: Path) -> bool:
    """Whether the authority was created there. Whether its keys can be used shows when they are loaded."""
    return all((folder / name).exists() for name in NEEDED)


def create(
    folder: Path,
    custody: Custody,
    addresses: Addresses,
    now: datetime,
    root_custody: Custody | None = None,
    note: Note = nobody_notes,
) -> None:
    """Create root, issuing authority, time-stamping service and status responder; all of it or nothing.

    Does nothing where it is there already. ``root_custody``: who keeps the root's key, where that is another.
    ``note`` hears of each step when it is done.
    """
    if exists(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = folder.parent / f".{folder.name}.{secrets.token_hex(4)}"
    unfinished.mkdir(mode=0o700)
    custodies = dict.fromkeys(NAMES, custody) | {"root": root_custody or custody}
    made: dict[str, ec.EllipticCurvePrivateKey] = {}
    try:
        for name in NAMES:
            made[name] = custodies[name].generate(unfinished, name, CURVES[name])
            note(f"key {name} made: {custodies[name].place(unfinished, name)}")
        _certify(unfinished, made, addresses, now, note)
        unfinished.rename(folder)
    except BaseException as error:
        for name, key in made.items():  # those in files go with the folder; a token would keep keys of nothing
            custodies[name].discard(unfinished, name, key)
        if not isinstance(error, OSError) or not exists(folder):  # not another process that was faster
            raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _certify(
    folder: Path, keys: Mapping[str, ec.EllipticCurvePrivateKey], addresses: Addresses, now: datetime, note: Note
) -> None:
    root = Issuer(root_certificate(keys["root"], now), keys["root"])
    issuing = Issuer(issuing_certificate(keys["issuing"], root, addresses, now), keys["issuing"])
    stamping = time_stamping_certificate(keys["timestamping"], issuing, addresses, now)
    answering = responder_certificate(keys["ocsp"], issuing, now)
    for name, certificate in zip(NAMES, (root.certificate, issuing.certificate, stamping, answering), strict=True):
        write_certificate(folder, name, certificate)
        note(f"certificate {name}.pem signed by {'root' if name in {'root', 'issuing'} else 'issuing'}")
    (folder / ROOT_LIST).write_bytes(signed_list(root, (), now, ROOT_LIST_LIFE))
    note(f"list {ROOT_LIST} signed by root")


def make_root_list(folder: Path, custody: Custody, now: datetime) -> bool:
    """Make the root's revocation list (DER) where it is missing or has lived more than half its life; says whether it did.

    Only where the root's key is there.
    """
    if not custody.holds(folder, "root") or _root_list_serves(folder, now):
        return False
    renew_root_list(folder, load_issuer(folder, "root", custody), now)
    return True


def renew_root_list(folder: Path, root: Issuer, now: datetime, revoked: Sequence[Revocation] = ()) -> None:
    """Make the root's next list. It names what the present one names, and what is ``revoked`` now."""
    with locked(folder):
        before = load_root_list(folder)
        named = {one.serial: one for one in (*revoked, *(revocations_in(before) if before else ()))}
        unfinished = folder / f".{ROOT_LIST}.{secrets.token_hex(4)}"
        try:
            unfinished.write_bytes(signed_list(root, tuple(named.values()), now, ROOT_LIST_LIFE))
            unfinished.replace(folder / ROOT_LIST)
        finally:
            unfinished.unlink(missing_ok=True)


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


def responder(folder: Path, custody: Custody, issuing: Issuer, now: datetime, called: str = "ocsp") -> Issuer:
    """The status responder's key and certificate, ``called`` so in the folder.

    The certificate is made anew, and nothing else is touched, where it is missing (a folder older than the responder),
    of another issuing authority, or has lived more than half its life. So is the key, unless it lies in a token: pods that each
    renew their own certificate would fill it with keys, and one must not destroy what another uses.
    """
    with locked(folder):
        if _responder_serves(folder, custody, issuing, now, called):
            return load_issuer(folder, called, custody)
        unfinished = folder / f".{called}.{secrets.token_hex(4)}"
        unfinished.mkdir(mode=0o700)
        try:
            kept = not custody.renews_keys and (folder / f"{called}.pem").exists()
            key = load_issuer(folder, called, custody).key if kept else custody.generate(unfinished, called, CURVES["ocsp"])
            made = Issuer(responder_certificate(key, issuing, now), key)
            write_certificate(unfinished, called, made.certificate)
            put_in_place(unfinished, folder, called)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return made


def put_in_place(unfinished: Path, folder: Path, called: str) -> None:
    """Move a certificate, and its key where that is a file, so that a crash leaves none of a wrong key.

    Without its certificate a key counts as missing: a crash between these steps is made good by the next attempt.
    """
    if key_file(unfinished, called).exists():
        (folder / f"{called}.pem").unlink(missing_ok=True)
        key_file(unfinished, called).replace(key_file(folder, called))
    (unfinished / f"{called}.pem").replace(folder / f"{called}.pem")


def _responder_serves(folder: Path, custody: Custody, issuing: Issuer, now: datetime, called: str) -> bool:
    if not (folder / f"{called}.pem").exists() or not custody.holds(folder, called):
        return False
    certificate = load_certificate(folder, called)
    try:
        certificate.verify_directly_issued_by(issuing.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return certificate.not_valid_after_utc - now > RESPONDER_LIFE / 2


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from making the same files meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_certificate(folder: Path, name: str, certificate: x509.Certificate) -> None:
    """A certificate by name."""
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


def load_certificate(folder: Path, name: str) -> x509.Certificate:
    """A certificate by name: root, issuing, timestamping or ocsp."""
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def load_issuer(folder: Path, name: str, custody: Custody) -> Issuer:
    """A certificate with its key; raises :class:`.custody.CustodyFault`."""
    certificate = load_certificate(folder, name)
    return Issuer(certificate, custody.load(folder, name, certificate))
