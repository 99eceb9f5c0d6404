"""Every implementation of the accounts' port keeps its promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chassis.documents import DocumentStore, connect
from chassis.settings import DocumentSettings
from contracts.errors import AlreadyExists, NotFound
from gateway.accounts import add_missing
from gateway.security.accounts import SESSION_SECONDS, Account, Accounts, DocumentAccounts, new_account
from tests.support.sample_gateway import PASSWORD, MemoryAccounts


@pytest.fixture(params=["memory", pytest.param("documents", marks=pytest.mark.integration)])
def accounts(request: pytest.FixtureRequest) -> Accounts:
    if request.param == "memory":
        return MemoryAccounts()
    engine: Any = request.getfixturevalue("document_engine")
    return DocumentAccounts(DocumentStore(connect(DocumentSettings(engine.url, "gateway-contract")), request.node.name))


@pytest.fixture(scope="module")
def ana() -> Account:
    return new_account("ana", "Ana Lima", "clerk", PASSWORD, "office-1", "2º Tabelionato de Notas de Campinas")


def test_what_was_added_is_found(accounts: Accounts, ana: Account) -> None:
    assert accounts.get("ana") is None
    accounts.add(ana)
    assert accounts.get("ana") == ana


def test_a_name_is_taken_once(accounts: Accounts, ana: Account) -> None:
    accounts.add(ana)
    with pytest.raises(AlreadyExists):
        accounts.add(replace(ana, name="Another"))
    assert accounts.get("ana") == ana


def test_only_what_is_there_can_be_replaced(accounts: Accounts, ana: Account) -> None:
    with pytest.raises(NotFound):
        accounts.replace(ana)
    accounts.add(ana)
    accounts.replace(replace(ana, active=False))
    assert accounts.get("ana") == replace(ana, active=False)


def test_samples_are_added_once_and_never_overwritten(accounts: Accounts, ana: Account) -> None:
    accounts.add(replace(ana, name="Changed since"))
    add_missing(accounts, [ana, replace(ana, user_id="bia")])
    add_missing(accounts, [ana, replace(ana, user_id="bia")])
    found = [accounts.get(user_id) for user_id in ("ana", "bia")]
    assert [account.name for account in found if account] == ["Changed since", "Ana Lima"]


def test_an_ended_session_stays_ended_until_its_cookie_is_dead(accounts: Accounts, ana: Account) -> None:
    with pytest.raises(NotFound):
        accounts.end_session("ana", "one", 0.0)
    accounts.add(ana)
    accounts.end_session("ana", "one", 0.0)
    accounts.replace(replace(ana, name="Ana Maria"))
    accounts.end_session("ana", "two", 1.0)
    found = accounts.get("ana")
    assert found is not None
    assert (found.name, set(found.ended)) == ("Ana Maria", {"one", "two"})
    accounts.end_session("ana", "three", float(SESSION_SECONDS))
    found = accounts.get("ana")
    assert found is not None
    assert set(found.ended) == {"two", "three"}
