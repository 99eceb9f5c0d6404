"""Generations of the issuing authority: a roll-over makes the next one, and the former ones go on answering for what they issued.

The first generation's files are called ``issuing``, ``timestamping`` and ``ocsp``; those of the second ``issuing-2`` and so on.
"""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from services.certification.authority import files
from services.certification.authority.certificates import (
    Addresses,
    Issuer,
    issuing_certificate,
    responder_certificate,
    time_stamping_certificate,
)
from services.certification.authority.custody import Custody

FIRST = 1
RENEWED = ("timestamping", "ocsp", "issuing")
"""In the order of their putting in place: a generation is there when its issuing certificate is, and that comes last."""


def named(name: str, generation: int) -> str:
    """What a generation's certificate is called in the folder."""
    return name if generation == FIRST else f"{name}-{generation}"


def latest(folder: Path) -> int:
    """The generation that issues."""
    number = FIRST
    while (folder / f"{named('issuing', number + 1)}.pem").exists():
        number += 1
    return number


def all_of(folder: Path) -> range:
    """The generations of a folder, the first first."""
    return range(FIRST, latest(folder) + 1)


def roll_over(
    folder: Path,
    custody: Custody,
    root: Issuer,
    addresses: Addresses,
    now: datetime,
    note: files.Note = files.nobody_notes,
) -> int:
    """Make the next generation: issuing authority, time-stamping service, status responder, each with a new key.

    Nothing of the former generations is touched. Returns the new generation's number; it issues from the service's next start on.
    """
    with files.locked(folder):
        number = latest(folder) + 1
        unfinished = folder / f".generation.{secrets.token_hex(4)}"
        unfinished.mkdir(mode=0o700)
        made: dict[str, ec.EllipticCurvePrivateKey] = {}
        try:
            for name in RENEWED:
                called = named(name, number)
                made[name] = custody.generate(unfinished, called, files.CURVES[name])
                note(f"key {called} made: {custody.place(unfinished, called)}")
            _certify(unfinished, made, root, addresses.of_generation(number), now, note)
            for name in RENEWED:
                files.put_in_place(unfinished, folder, named(name, number))
        except BaseException:
            if latest(folder) != number:
                for name, key in made.items():
                    custody.discard(unfinished, named(name, number), key)
            raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        return number


def _certify(
    folder: Path,
    keys: dict[str, ec.EllipticCurvePrivateKey],
    root: Issuer,
    addresses: Addresses,
    now: datetime,
    note: files.Note,
) -> None:
    issuing = Issuer(issuing_certificate(keys["issuing"], root, addresses, now), keys["issuing"])
    made = {
        "timestamping": time_stamping_certificate(keys["timestamping"], issuing, addresses, now),
        "ocsp": responder_certificate(keys["ocsp"], issuing, now),
        "issuing": issuing.certificate,
    }
    for name, certificate in made.items():
        called = named(name, addresses.generation)
        files.write_certificate(folder, called, certificate)
        note(f"certificate {called}.pem signed by {'root' if name == 'issuing' else named('issuing', addresses.generation)}")
