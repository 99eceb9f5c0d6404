"""The written record of a key ceremony: text that people sign, and the same as JSON."""

from __future__ import annotations

import hashlib
import json
import platform
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.clock import Clock
from services.certification.authority import files

ROOT_KEY_CHECK = "openssl pkey -in root.key -passin env:TITULAR_AUTHORITY_PASSWORD -pubout -outform DER | sha256sum"
PACKAGES = ("cryptography", "python-pkcs11", "asn1crypto")


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, and when (UTC)."""

    at: str
    what: str


@dataclass
class Record:
    """What a ceremony did, by whom and where.

    Digests are SHA-256, hexadecimal; ``public_key_sha256`` of the DER SubjectPublicKeyInfo.
    """

    ceremony: str
    began: str
    place: str
    participants: tuple[str, ...]
    folder: str
    machine: dict[str, str]
    software: dict[str, str]
    steps: list[Step] = field(default_factory=list)
    certificates: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    ended: str = ""
    move_offline: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


def begin(ceremony: str, place: str, participants: Sequence[str], folder: Path, clock: Clock) -> Record:
    """A record with the machine and the programs on it."""
    machine = {"name": socket.gethostname(), "system": platform.platform(), "architecture": platform.machine()}
    return Record(ceremony, _text(clock()), place, tuple(participants), str(folder.resolve()), machine, _software())


def noting(record: Record, clock: Clock, say: Callable[[str], None]) -> files.Note:
    """Writes each step down with its time, and says it."""

    def note(what: str) -> None:
        step = Step(_text(clock()), what)
        record.steps.append(step)
        say(f"{step.at}  {what}")

    return note


def finish(record: Record, folder: Path, places: Mapping[str, str], clock: Clock) -> None:
    """Write down what is there now. ``places``: where each certificate's key lives, by name."""
    record.certificates = [described(folder, name, place) for name, place in places.items()]
    record.files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }
    record.move_offline = ("root.key",) if "root.key" in record.files else ()
    record.checks = checks_of(record)
    record.ended = _text(clock())


def described(folder: Path, name: str, place: str) -> dict[str, Any]:
    """A certificate and its key."""
    certificate = files.load_certificate(folder, name)
    key = certificate.public_key()
    public = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "file": f"{name}.pem",
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        "not_before": _text(certificate.not_valid_before_utc),
        "not_after": _text(certificate.not_valid_after_utc),
        "key": place,
        "curve": key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else "?",
        "public_key_sha256": hashlib.sha256(public).hexdigest(),
    }


def checks_of(record: Record) -> tuple[str, ...]:
    """Commands to be run in the authority's folder, which say whether what the record names is there and fits together."""
    names = [one["file"] for one in record.certificates]
    issuing = [name for name in names if name.startswith("issuing")]
    chains = [f"openssl verify -x509_strict -CAfile root.pem root.pem {' '.join(issuing)}"]
    for issuer in issuing:
        generation = issuer.removeprefix("issuing")
        below = [name for name in (f"timestamping{generation}", f"ocsp{generation}") if name in names]
        chains.append(f"openssl verify -x509_strict -CAfile root.pem -untrusted {issuer} {' '.join(below)}")
    fingerprints = [f"openssl x509 -in {name} -noout -fingerprint -sha256" for name in names]
    publics = [f"openssl x509 -in {name} -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum" for name in names]
    root_list = "openssl crl -inform DER -in root.crl -CAfile root.pem -noout -nextupdate"
    return ("sha256sum --check RECORD.sha256", *chains, root_list, *fingerprints, *publics)


def write(record: Record, folder: Path) -> Path:
    """The record as ``.md``, ``.json`` and ``.sha256`` (for sha256sum --check) in a folder; returns the first's path."""
    base = folder / f"ceremony-{record.ceremony}-{record.began.translate(str.maketrans('', '', '-:'))}"
    folder.mkdir(parents=True, exist_ok=True)
    sums = base.with_suffix(".sha256")
    record.checks = tuple(one.replace("RECORD.sha256", str(sums.resolve())) for one in record.checks)
    staying = {name: digest for name, digest in record.files.items() if name not in record.move_offline}
    sums.write_text("".join(f"{digest}  {name}\n" for name, digest in staying.items()))
    base.with_suffix(".json").write_text(json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n")
    text = base.with_suffix(".md")
    text.write_text(as_text(record))
    return text


def as_text(record: Record) -> str:
    """For people, with places to sign."""
    lines = [f"# Key ceremony: {record.ceremony}", ""]
    lines += [f"Began {record.began}, ended {record.ended} (UTC), at {record.place}. Folder: `{record.folder}`.", ""]
    lines += ["## Participants", "", *(f"- {one}" for one in record.participants), ""]
    lines += [
        "## Machine and software",
        "",
        *(f"- {name}: {said}" for name, said in (record.machine | record.software).items()),
        "",
    ]
    lines += ["## Steps", "", *(f"- {step.at} {step.what}" for step in record.steps), ""]
    lines += ["## Certificates and keys", ""]
    for one in record.certificates:
        facts = (f"- {name.replace('_', ' ')}: {said}" for name, said in one.items() if name != "file")
        lines += [f"### {one['file']}", "", *facts, ""]
    lines += ["## Files (SHA-256)", "", "```", *(f"{digest}  {name}" for name, digest in record.files.items()), "```", ""]
    lines += [*_to_take_away(record), ""]
    lines += ["## How to check, in the authority's folder", "", "```", *record.checks, "```", ""]
    lines += ["## Signatures", ""]
    for person in record.participants:
        lines += [person, "", "Signature: ______________________________    Date: ______________", ""]
    return "\n".join(lines)


def _to_take_away(record: Record) -> list[str]:
    lines = ["## To be taken away from this machine", ""]
    if not record.move_offline:
        return [*lines, "- nothing"]
    public = record.certificates[0]["public_key_sha256"]
    lines += [f"- `{name}`, on two media, to two safe places" for name in record.move_offline]
    return [*lines, "", f"Each copy, with the passphrase in the variable, says `{public}`:", "", "```", ROOT_KEY_CHECK, "```"]


def _software() -> dict[str, str]:
    found = {"python": sys.version.split()[0], "program": f"sha256 {_program()}"}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["openssl"] = subprocess.run(
        ["openssl", "version"], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()
    return found


def _program() -> str:
    """One digest of this package's source, in the order of file names."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
