"""``python -m gateway.prepare``: a new installation's first administrator. Run again, it changes nothing.

The sign-in is printed once, here alone; only its hash is kept. The services make ready what they own at their own start.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

from marshmallow.validate import Length

from chassis.settings import load_or_exit
from contracts.errors import AlreadyExists, TitularError
from gateway import wiring
from gateway.security.accounts import Accounts, new_account

ROLE = "administrator"
PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class First:
    """Who signs in first, and for which office."""

    user_id: str
    office_id: str
    office_name: str

    @classmethod
    def read(cls, env: Any) -> First:
        """``TITULAR_FIRST_USER``, ``_FIRST_OFFICE_ID`` (the office's CNS), ``_FIRST_OFFICE_NAME``."""
        return cls(
            user_id=env.str("FIRST_USER", "admin", validate=Length(min=1)),
            office_id=env.str("FIRST_OFFICE_ID", "000000", validate=Length(min=1)),
            office_name=env.str("FIRST_OFFICE_NAME", "Tabelionato", validate=Length(min=1)),
        )


def prepare(accounts: Accounts, first: First, new_password: Callable[[], str], out: TextIO) -> None:
    """Add the first administrator unless the name is taken, and say how to sign in."""
    password = new_password()
    try:
        accounts.add(new_account(first.user_id, first.user_id, ROLE, password, first.office_id, first.office_name))
    except AlreadyExists:
        out.write(f"The account {first.user_id} is already there; nothing is changed.\n")
        return
    out.write(
        f"\nThe first administrator, of {first.office_name} ({first.office_id}). This is shown once:\n"
        f"\n    user      {first.user_id}\n    password  {password}\n"
        f"\nA password of your own: python -m gateway.accounts password {first.user_id}\n"
    )


def main() -> None:
    """Prepare the installation that the environment describes."""
    first = load_or_exit(First.read)
    try:
        prepare(wiring.accounts(), first, lambda: secrets.token_urlsafe(PASSWORD_BYTES), sys.stdout)
    except TitularError as error:
        raise SystemExit(f"the first administrator could not be added: {error.message}") from error


if __name__ == "__main__":
    main()
