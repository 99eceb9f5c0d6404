"""The first administrator of a new installation."""

from __future__ import annotations

import io

from chassis.settings import load
from gateway.prepare import First, prepare
from gateway.security.accounts import verify
from tests.support.sample_gateway import MemoryAccounts

FIRST = First("admin", "123456", "1º Tabelionato de Notas de Campinas")


def test_the_first_administrator_signs_in_with_what_was_printed() -> None:
    accounts, out = MemoryAccounts(), io.StringIO()
    prepare(accounts, FIRST, lambda: "a-long-password", out)
    assert "a-long-password" in out.getvalue()
    account = verify(accounts, "admin", "a-long-password")
    assert account is not None
    assert (account.role, account.office_id, account.office_name) == ("administrator", FIRST.office_id, FIRST.office_name)


def test_a_second_run_changes_nothing_and_tells_no_password() -> None:
    accounts, out = MemoryAccounts(), io.StringIO()
    prepare(accounts, FIRST, lambda: "a-long-password", io.StringIO())
    prepare(accounts, FIRST, lambda: "another-password", out)
    assert "another-password" not in out.getvalue()
    assert "already there" in out.getvalue()
    assert verify(accounts, "admin", "a-long-password")


def test_it_has_a_name_and_an_office_without_being_told() -> None:
    first = load(First.read)
    assert first == First("admin", "000000", "Tabelionato")
