"""The authority's keys in a PKCS#11 token (SoftHSM): what is wrong is said, a lost token is found again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, ObjectClass

from services.certification.authority import files
from services.certification.authority.certificates import Addresses
from services.certification.authority.custody import CustodyFault
from services.certification.authority.pkcs11_custody import TokenCustody
from services.certification.authority.settings import TokenAccess
from services.certification.authority.token_session import TokenSession
from tests.support.certification import START
from tests.support.tokens import LABEL, MODULE, SoftToken, soft_token

P256, SHA256 = ec.SECP256R1(), ec.ECDSA(hashes.SHA256())


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    """A token that this process may use."""
    made = soft_token(tmp_path / "softhsm")
    monkeypatch.setenv("SOFTHSM2_CONF", made.env["SOFTHSM2_CONF"])
    return made


@pytest.fixture
def session(token: SoftToken) -> Iterator[TokenSession]:
    """A session with it."""
    opened = TokenSession(token.access)
    yield opened
    opened.close()


def test_private_keys_are_made_in_the_token_and_cannot_leave_it(session: TokenSession, tmp_path: Path) -> None:
    key = TokenCustody(session).generate(tmp_path, "issuing", P256)
    wanted = (
        Attribute.SENSITIVE,
        Attribute.EXTRACTABLE,
        Attribute.ALWAYS_SENSITIVE,
        Attribute.NEVER_EXTRACTABLE,
        Attribute.LOCAL,
    )

    def attributes(opened: pkcs11.Session, _: int) -> list[object]:
        (private,) = opened.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        with pytest.raises(pkcs11.AttributeSensitive):
            private[Attribute.VALUE]
        return [private[name] for name in (*wanted, Attribute.SIGN, Attribute.DERIVE, Attribute.DECRYPT)]

    assert session.run(attributes) == [True, False, True, True, True, True, False, False]
    for leave in (key.private_numbers, lambda: key.private_bytes(None, None, None)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="does not leave"):
            leave()


def test_a_token_that_was_away_is_a_fault_and_is_found_again(token: SoftToken, session: TokenSession, tmp_path: Path) -> None:
    # given a key that has signed
    custody = TokenCustody(session)
    key = custody.generate(tmp_path, "issuing", P256)
    key.sign(b"before", SHA256)

    # when the token is taken out
    token.take_out()

    # then signing and the health check say so, as often as they are asked, and it is worth another try
    for use in (lambda: key.sign(b"meanwhile", SHA256), custody.check, custody.check):
        with pytest.raises(CustodyFault, match=f"TITULAR_AUTHORITY_PKCS11_TOKEN names '{LABEL}'") as fault:
            use()
        assert (fault.value.code, fault.value.permanent, fault.value.reason) == ("unavailable", False, "token")

    # and when it is back, the same key signs, without a restart
    token.put_back()
    key.public_key().verify(key.sign(b"after", SHA256), b"after", SHA256)
    custody.check()


def test_a_session_that_has_ended_is_opened_anew(session: TokenSession, tmp_path: Path) -> None:
    key = TokenCustody(session).generate(tmp_path, "issuing", P256)
    for harm in (lambda opened, _: opened.close(), lambda opened, _: pkcs11.lib(str(MODULE)).finalize()):
        session.run_once(harm)
        key.public_key().verify(key.sign(b"after", SHA256), b"after", SHA256)


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"pin": "wrong-pin"}, "pin", f"TITULAR_AUTHORITY_PKCS11_PIN does not open the token '{LABEL}'"),
        ({"token": "absent"}, "token", f"TITULAR_AUTHORITY_PKCS11_TOKEN names 'absent', and the tokens there are: .*'{LABEL}'"),
        ({"module": Path("/nowhere.so")}, "module", "TITULAR_AUTHORITY_PKCS11_MODULE names /nowhere.so, which cannot be used"),
        (
            {"module": Path("/etc/hostname")},
            "module",
            "TITULAR_AUTHORITY_PKCS11_MODULE names /etc/hostname, which cannot be used",
        ),
    ],
    ids=["wrong PIN", "no such token", "no such module", "not a module"],
)
def test_what_is_wrong_is_named_with_its_setting(token: SoftToken, changes: dict[str, object], reason: str, said: str) -> None:
    wrong: TokenAccess = replace(token.access, **changes)  # type: ignore[arg-type]
    with pytest.raises(CustodyFault, match=said) as fault:
        TokenCustody(TokenSession(wrong)).check()
    assert fault.value.reason == reason


def test_a_wrong_pin_is_tried_once(token: SoftToken, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a session that was refused
    session = TokenSession(replace(token.access, pin="wrong-pin"))
    with pytest.raises(CustodyFault):
        TokenCustody(session).check()

    # when it is used again, with the library out of reach, then the same is said: nothing was asked
    monkeypatch.setattr(session, "_open", None)
    with pytest.raises(CustodyFault, match="TITULAR_AUTHORITY_PKCS11_PIN"):
        TokenCustody(session).check()


def test_two_tokens_of_one_label_are_not_told_apart(token: SoftToken) -> None:
    soft_token(token.folder)
    with pytest.raises(CustodyFault, match="several tokens are called so"):
        TokenCustody(TokenSession(token.access)).check()


def created(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The program that creates an authority."""
    argv = [sys.executable, "-W", "ignore", "-m", "services.certification.authority.create"]
    return subprocess.run(argv, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=60)


def test_the_creating_program_needs_all_three_settings_or_none(token: SoftToken, tmp_path: Path) -> None:
    basic = {"TITULAR_AUTHORITY_FOLDER": str(tmp_path / "authority"), "TITULAR_PUBLIC_URL": "https://titular.example"}

    # given one of three, it is said which are missing
    half = created({**basic, "TITULAR_AUTHORITY_PKCS11_TOKEN": LABEL, "TITULAR_AUTHORITY_PASSWORD": "a test's long password"})
    assert half.returncode == 2
    assert "TITULAR_AUTHORITY_PKCS11_MODULE: Missing beside TITULAR_AUTHORITY_PKCS11_TOKEN" in half.stderr
    assert "TITULAR_AUTHORITY_PKCS11_PIN: Missing beside TITULAR_AUTHORITY_PKCS11_TOKEN" in half.stderr

    # given a module that is not there, so is that
    nowhere = created({**basic, **token.env, "TITULAR_AUTHORITY_PKCS11_MODULE": "/nowhere.so"})
    assert (nowhere.returncode, "There is no file /nowhere.so" in nowhere.stderr) == (2, True)

    # given a wrong PIN, it is said in one line and not as a trace, and nothing is left behind
    wrong = created({**basic, **token.env, "TITULAR_AUTHORITY_PKCS11_PIN": "wrong-pin"})
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert wrong.stderr.startswith("TITULAR_AUTHORITY_PKCS11_PIN does not open")
    assert [path.name for path in tmp_path.iterdir()] == ["softhsm"]

    # given all three, and no passphrase, no key lies in a file, twice over
    for expected in ("created", "already there"):
        done = created({**basic, **token.env})
        assert done.stdout.startswith(expected), done.stderr
    names = sorted(path.name for path in (tmp_path / "authority").iterdir())
    assert names == ["issuing.pem", "ocsp.pem", "root.crl", "root.pem", "timestamping.pem"]


def test_keys_of_an_attempt_that_failed_are_destroyed(
    token: SoftToken, session: TokenSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(files, "signed_list", fail)
    with pytest.raises(RuntimeError):
        files.create(tmp_path / "authority", TokenCustody(session), Addresses("https://titular.example"), START)
    assert session.run(lambda opened, _: list(opened.get_objects())) == []
    assert not (tmp_path / "authority").exists()
