"""Key ceremonies as programs: what they make, what they write down, and that the checks they name run and hold."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.clock import now
from services.certification.authority import files
from services.certification.authority.authority import FileAuthority
from services.certification.authority.certificates import Addresses
from services.certification.authority.custody import FileCustody
from services.certification.authority.record import ROOT_KEY_CHECK
from tests.support.tokens import soft_token

PASSWORD = "a test's long password"
THERE = ["--place", "Sala-cofre", "--participant", "Ana Lima, officer", "--participant", "Rui Reis, witness"]
KEYS = ["file", "token, root in a file", "token"]


@dataclass(frozen=True)
class Room:
    """Where a ceremony is held."""

    folder: Path
    env: dict[str, str]

    @property
    def authority(self) -> Path:
        """The authority's folder."""
        return self.folder / "authority"

    def hold(self, *argv: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run the program."""
        whole = [sys.executable, "-W", "ignore", "-m", "services.certification.authority.ceremony", *argv]
        return subprocess.run(whole, env=self.env, input=typed, capture_output=True, text=True, check=False, timeout=120)

    def record(self, ceremony: str) -> dict[str, Any]:
        """What was written down as JSON."""
        (path,) = (self.folder / "records").glob(f"ceremony-{ceremony}-*.json")
        loaded: dict[str, Any] = json.loads(path.read_text())
        return loaded

    def text(self, ceremony: str) -> str:
        """What was written down for people."""
        (path,) = (self.folder / "records").glob(f"ceremony-{ceremony}-*.md")
        return path.read_text()

    def check(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the authority's folder, as a person would."""
        argv = ["bash", "-o", "pipefail", "-c", command]
        return subprocess.run(argv, cwd=self.authority, env=self.env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """With keys in files."""
    settings = {
        "TITULAR_AUTHORITY_FOLDER": str(tmp_path / "authority"),
        "TITULAR_AUTHORITY_PASSWORD": PASSWORD,
        "TITULAR_PUBLIC_URL": "https://titular.example",
    }
    return Room(tmp_path, {**os.environ, **settings})


def held(room: Room, keys: str = "file") -> tuple[Room, subprocess.CompletedProcess[str]]:
    """An authority made by a ceremony."""
    if keys != "file":
        room = Room(room.folder, room.env | soft_token(room.folder / "softhsm").env)
    root = ["--root", "file"] if keys == "token, root in a file" else []
    done = room.hold("create", *THERE, *root, "--record", str(room.folder / "records"))
    assert done.returncode == 0, done.stderr
    return room, done


@pytest.mark.parametrize("keys", KEYS)
def test_the_record_says_what_there_is(room: Room, keys: str) -> None:
    began = now() - timedelta(seconds=1)
    room, done = held(room, keys)
    record, text = room.record("create"), room.text("create")

    # who, where, when, on what
    assert (record["participants"], record["place"]) == (["Ana Lima, officer", "Rui Reis, witness"], "Sala-cofre")
    assert f"{began:%Y-%m-%dT%H:%M:%SZ}" <= record["began"] <= record["steps"][0]["at"] <= record["ended"]
    assert {"python", "program", "cryptography", "openssl"} <= record["software"].keys()
    for person in record["participants"]:
        assert text.count(person) == 2  # named, and a place to sign

    # each step with its time: four keys, four certificates, one list
    whats = [step["what"] for step in record["steps"]]
    assert [what.split()[0] for what in whats] == ["key"] * 4 + ["certificate"] * 4 + ["list"]

    # every certificate and key, and where it lives
    assert [one["file"] for one in record["certificates"]] == [f"{name}.pem" for name in files.NAMES]
    for name, one in zip(files.NAMES, record["certificates"], strict=True):
        certificate = files.load_certificate(room.authority, name)
        public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert one["sha256"] == certificate.fingerprint(hashes.SHA256()).hex()
        assert one["public_key_sha256"] == hashlib.sha256(public).hexdigest()
        in_file = keys == "file" or (keys != "token" and name == "root")
        assert one["key"].startswith(f"file {name}.key" if in_file else "token titular-test (SoftHSM v2, serial ")
        assert (room.authority / f"{name}.key").exists() == in_file
        assert one["sha256"] in text

    # every file, and what to take away
    assert record["files"] == {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in room.authority.iterdir()}
    assert record["move_offline"] == ([] if keys == "token" else ["root.key"])
    assert ("Take away: " + str(room.authority / "root.key") in done.stdout) == (keys != "token")


@pytest.mark.parametrize("keys", KEYS)
def test_the_named_checks_run_and_hold(room: Room, keys: str) -> None:
    # given a ceremony, and the root's key taken away as it said, after its copy was checked
    room, done = held(room, keys)
    record = room.record("create")
    for name in record["move_offline"]:
        assert record["certificates"][0]["public_key_sha256"] in room.check(ROOT_KEY_CHECK).stdout
        (room.authority / name).unlink()
    said = ""
    for command in record["checks"]:
        assert f"  {command}\n" in done.stdout
        checked = room.check(command)
        assert checked.returncode == 0, (command, checked.stderr)
        said += checked.stdout + checked.stderr

    # then files, chains and the list stand, and fingerprints and hashes are those of the record
    assert said.count(": OK") == len(record["files"]) - len(record["move_offline"]) + 4
    assert "verify OK" in said
    for one in record["certificates"]:
        assert one["sha256"].upper() in said.replace(":", "")
        assert one["public_key_sha256"] in said


def test_the_named_checks_tell_what_was_changed(room: Room) -> None:
    # given a certificate of another authority in the place of ours
    room, _ = held(room)
    record = room.record("create")
    files.create(room.folder / "other", FileCustody(PASSWORD), Addresses("https://other.example"), now())
    shutil.copy(room.folder / "other" / "issuing.pem", room.authority / "issuing.pem")

    # when the checks run, then the hashes, both chains and the fingerprint do not hold
    checked = [room.check(command) for command in record["checks"][:3]]
    assert [one.returncode != 0 for one in checked] == [True, True, True]
    fingerprint = next(one["sha256"] for one in record["certificates"] if one["file"] == "issuing.pem")
    shown = next(room.check(one).stdout for one in record["checks"] if "issuing.pem -noout -fingerprint" in one)
    assert fingerprint.upper() not in shown.replace(":", "")


@pytest.mark.parametrize("keys", KEYS)
def test_the_service_opens_what_a_ceremony_made_without_the_roots_key(room: Room, keys: str) -> None:
    room, _ = held(room, keys)
    (room.authority / "root.key").unlink(missing_ok=True)
    argv = [sys.executable, "-W", "ignore", "-m", "services.certification.authority.create"]
    done = subprocess.run(argv, env=room.env, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"already there: {room.authority}\n"), done.stderr


def test_an_authority_that_is_there_is_not_touched(room: Room) -> None:
    room, _ = held(room)
    before = {path.name: path.read_bytes() for path in room.authority.iterdir()}
    again = room.hold("create", *THERE)
    assert again.returncode == 1
    assert "already: nothing was done" in again.stderr
    assert {path.name: path.read_bytes() for path in room.authority.iterdir()} == before


def test_who_is_there_is_asked_for(room: Room) -> None:
    done = room.hold("create", "--record", str(room.folder / "records"), typed="Sala-cofre\n\nAna Lima\nRui Reis\n\n")
    assert done.returncode == 0, done.stderr
    assert (room.record("create")["place"], room.record("create")["participants"]) == ("Sala-cofre", ["Ana Lima", "Rui Reis"])


def test_a_root_in_a_token_needs_a_token(room: Room) -> None:
    done = room.hold("create", *THERE, "--root", "token")
    assert done.returncode == 1
    assert "TITULAR_AUTHORITY_PKCS11_MODULE" in done.stderr
    assert not room.authority.exists()


def renewed(room: Room, *argv: str) -> subprocess.CompletedProcess[str]:
    """The root's next list."""
    return room.hold("renew-root-list", *THERE, "--record", str(room.folder / "records"), *argv)


def root_list(room: Room) -> x509.CertificateRevocationList:
    """The present one."""
    return x509.load_der_x509_crl((room.authority / "root.crl").read_bytes())


def test_the_roots_list_is_renewed_with_a_key_from_elsewhere(room: Room) -> None:
    # given a root's key on another medium
    room, _ = held(room)
    (room.folder / "medium").mkdir()
    elsewhere = room.folder / "medium" / "root.key"
    (room.authority / "root.key").rename(elsewhere)
    before = root_list(room)

    # when the list is renewed without it, then it is said what is missing
    without = renewed(room)
    assert without.returncode == 2
    assert without.stderr.startswith(f"There is no {room.authority}/root.key")

    # when it is named, then there is a newer list, and the record's checks hold
    assert renewed(room, "--root-key", str(elsewhere)).returncode == 0
    after = root_list(room)
    number = x509.CRLNumber
    assert (
        after.extensions.get_extension_for_class(number).value.crl_number
        > before.extensions.get_extension_for_class(number).value.crl_number
    )
    record = room.record("renew-root-list")
    assert [room.check(command).returncode for command in record["checks"]] == [0] * len(record["checks"])
    assert record["certificates"][0]["key"] == "not on this machine"

    # and a key that is not the root's is refused
    other = renewed(room, "--root-key", str(room.authority / "issuing.key"))
    assert (other.returncode, "is not the key of" in other.stderr) == (2, True)


def test_an_issuing_certificate_is_revoked_by_the_root_and_stays_so(room: Room) -> None:
    # given an issuing certificate revoked by the root
    room, _ = held(room)
    assert renewed(room, "--revoke", str(room.authority / "issuing.pem")).returncode == 0

    # when the next lists are made, then they name it, too
    custody = FileCustody(PASSWORD)
    assert files.make_root_list(room.authority, custody, now() + timedelta(days=200))
    (entry,) = root_list(room)
    assert entry.serial_number == files.load_certificate(room.authority, "issuing").serial_number
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.ca_compromise
    assert FileAuthority.open(room.authority, custody, Addresses("https://titular.example"), now()).root_list()

    # and OpenSSL trusts it no more
    (room.authority / "list.pem").write_bytes(root_list(room).public_bytes(Encoding.PEM))
    later = int((now() + timedelta(days=201)).timestamp())
    checked = room.check(f"openssl verify -attime {later} -crl_check -CAfile root.pem -CRLfile list.pem issuing.pem")
    assert "certificate revoked" in checked.stderr

    # but what the root has not signed cannot be revoked by it
    foreign = renewed(room, "--revoke", str(room.authority / "timestamping.pem"))
    assert (foreign.returncode, "was not signed by this root" in foreign.stderr) == (1, True)


@pytest.mark.parametrize("keys", KEYS)
def test_what_there_is_is_shown(room: Room, keys: str) -> None:
    room, _ = held(room, keys)
    (room.authority / "root.key").unlink(missing_ok=True)
    shown = room.hold("show")
    assert shown.returncode == 0, shown.stderr
    for name in files.NAMES:
        assert files.load_certificate(room.authority, name).fingerprint(hashes.SHA256()).hex() in shown.stdout
    assert ("key not here" in shown.stdout) == (keys != "token")
    assert "names 0 certificates" in shown.stdout


@pytest.mark.parametrize("keys", KEYS)
def test_a_roll_over_is_recorded_and_its_checks_hold(room: Room, keys: str) -> None:
    # given an authority whose root's key, if it is a file, lies on another medium
    room, _ = held(room, keys)
    before = {path.name: path.read_bytes() for path in room.authority.iterdir()}
    elsewhere = []
    if keys != "token":
        (room.folder / "medium").mkdir()
        (room.authority / "root.key").rename(room.folder / "medium" / "root.key")
        del before["root.key"]
        elsewhere = ["--root-key", str(room.folder / "medium" / "root.key")]

    # when it is rolled over
    done = room.hold("roll-over", *THERE, "--record", str(room.folder / "records"), *elsewhere)
    assert done.returncode == 0, done.stderr

    # then the record names both generations and each step, and the checks hold
    record = room.record("roll-over")
    names = ["root", *(f"{name}{suffix}" for suffix in ("", "-2") for name in files.NAMES[1:])]
    assert [one["file"] for one in record["certificates"]] == [f"{name}.pem" for name in names]
    assert [step["what"].split()[0] for step in record["steps"]] == ["root's"] + ["key"] * 3 + ["certificate"] * 3
    assert record["move_offline"] == []
    for command in record["checks"]:
        checked = room.check(command)
        assert checked.returncode == 0, (command, checked.stderr)

    # and nothing that was there has changed
    after = {path.name: path.read_bytes() for path in room.authority.iterdir()}
    assert before.items() <= after.items()
    assert ("issuing-2.key" in after) == (keys == "file")
    assert "issuing-2.pem" in room.hold("show").stdout


def test_a_roll_over_without_the_roots_key_does_nothing(room: Room) -> None:
    room, _ = held(room)
    (room.authority / "root.key").unlink()
    before = sorted(path.name for path in room.authority.iterdir())
    done = room.hold("roll-over", *THERE)
    assert (done.returncode, "There is no" in done.stderr) == (2, True)
    assert sorted(path.name for path in room.authority.iterdir()) == before
