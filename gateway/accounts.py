"""Staff accounts from the command line: ``python -m gateway.accounts add|load|password|deactivate …``."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from contracts.errors import AlreadyExists, TitularError
from gateway import wiring
from gateway.security.accounts import STAFF_ROLES, Account, Accounts, hash_password, new_account, normal_user_id


@click.group()
def main() -> None:
    """Staff accounts of this gateway."""


@main.command()
@click.argument("user_id")
@click.option("--name", required=True, help="As colleagues know the person.")
@click.option("--role", type=click.Choice(STAFF_ROLES), required=True)
@click.option("--office-id", help="The notary's office, for clerks and administrators.")
@click.option("--office-name", help="The office's name as holders read it.")
def add(user_id: str, name: str, role: str, office_id: str | None, office_name: str | None) -> None:
    """Add an account; the password is asked for, or read from standard input."""
    _act(lambda accounts: accounts.add(new_account(user_id, name, role, _password(), office_id, office_name)))


@main.command()
@click.argument("user_id")
def password(user_id: str) -> None:
    """Set a new password; open sessions of the account end."""
    new = _password()
    _act(lambda accounts: accounts.replace(replace(_known(accounts, user_id), password_hash=hash_password(new))))


@main.command()
@click.argument("user_id")
def deactivate(user_id: str) -> None:
    """Close an account; its open sessions end at once."""
    _act(lambda accounts: accounts.replace(replace(_known(accounts, user_id), active=False)))


@main.command()
def load() -> None:
    """Add the accounts of a JSON list on standard input that are not there yet.

    Each has user_id, name, role and password, and for clerks and administrators office_id and office_name.
    """
    listed: list[Mapping[str, Any]] = json.load(sys.stdin)
    _act(lambda accounts: add_missing(accounts, [new_account(**entry) for entry in listed]))


def add_missing(accounts: Accounts, samples: Sequence[Account]) -> None:
    """Add accounts that are not there yet; those that are stay as they are."""
    for sample in samples:
        try:
            accounts.add(sample)
        except AlreadyExists:
            continue


def _known(accounts: Accounts, user_id: str) -> Account:
    found = accounts.get(normal_user_id(user_id))
    if found is None:
        raise click.ClickException(f"there is no account {user_id}")
    return found


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    typed = getpass.getpass("Password: ")
    if typed != getpass.getpass("Once more: "):
        raise click.ClickException("the passwords differ")
    return typed


def _act(change: Callable[[Accounts], None]) -> None:
    try:
        change(wiring.accounts())
    except TitularError as error:
        raise click.ClickException(f"{error.field}: {error.message}" if error.field else error.message) from error


if __name__ == "__main__":
    main()
