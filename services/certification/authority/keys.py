"""Opens the custody that the settings name."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator

from services.certification.authority.custody import Custody, CustodyFault, EachInItsPlace, FileCustody
from services.certification.authority.settings import AuthoritySettings, TokenAccess


def custody_of(settings: AuthoritySettings) -> Custody:
    """Files where no token is named; else the token, and files for those keys whose files are there."""
    kept_in_files = FileCustody(settings.passphrase)
    return EachInItsPlace(kept_in_files, _token(settings.token)) if settings.token else kept_in_files


@contextlib.contextmanager
def or_exit() -> Iterator[None]:
    """For a process's start: says which key cannot be used, why and what helps, and ends with status 2."""
    try:
        yield
    except CustodyFault as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(2) from fault


@functools.cache
def _token(access: TokenAccess) -> Custody:
    # Here, so that who keeps keys in files needs no PKCS#11.
    from services.certification.authority.pkcs11_custody import TokenCustody
    from services.certification.authority.token_session import TokenSession

    return TokenCustody(TokenSession(access))
