"""The staff's accounts: who may sign in, in which role, for which office."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.documents import Change, DocumentStore
from contracts.actor import Actor, Role
from contracts.errors import AlreadyExists, InvalidInput, NotFound

STAFF_ROLES = ("clerk", "operator", "auditor", "administrator", "authority_administrator")
OFFICE_ROLES = ("clerk", "administrator")
SHORTEST_PASSWORD = 12
SESSION_SECONDS = 12 * 3600  # since the last answer

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody's password")


@dataclass(frozen=True, slots=True)
class Account:
    """One member of staff. ``password_hash`` is Argon2id in PHC string form."""

    user_id: str
    name: str
    role: Role
    office_id: str | None
    office_name: str | None
    password_hash: str
    active: bool = True
    ended: Mapping[str, float] = field(default_factory=dict)
    """Sessions that were signed out, each with the moment (seconds since 1970) from which its cookie is dead by itself."""

    @property
    def stamp(self) -> str:
        """Changes with the password, so that older sessions end."""
        return hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]

    def actor(self, address: str | None) -> Actor:
        """This account as the actor of a question."""
        return Actor(self.user_id, self.role, self.name, self.office_id, self.office_name, address)


class Accounts(Protocol):
    """Where accounts are kept."""

    def get(self, user_id: str) -> Account | None:
        """The account, whether active or not."""

    def add(self, account: Account) -> None:
        """Add one; :class:`AlreadyExists` where the name is taken."""

    def replace(self, account: Account) -> None:
        """Change one, but for its ended sessions; :class:`NotFound` where there is none."""

    def end_session(self, user_id: str, session_id: str, now: float) -> None:
        """Remember a session as ended; :class:`NotFound` where there is no such account."""


class DocumentAccounts:
    """Accounts in the document store."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def get(self, user_id: str) -> Account | None:
        """See :class:`Accounts`."""
        state = self._store.get(user_id)
        return Account(**state) if state else None

    def add(self, account: Account) -> None:
        """See :class:`Accounts`."""

        def decide(present: Mapping[str, Any] | None) -> Change:
            if present is not None:
                raise AlreadyExists("the user name is taken", field="user_id", reason="taken")
            return Change(asdict(account))

        self._store.change(account.user_id, decide)

    def replace(self, account: Account) -> None:
        """See :class:`Accounts`."""

        def decide(present: Mapping[str, Any] | None) -> Change:
            if present is None:
                raise NotFound("no such account", field="user_id")
            return Change({**asdict(account), "ended": present.get("ended", {})})

        self._store.change(account.user_id, decide)

    def end_session(self, user_id: str, session_id: str, now: float) -> None:
        """See :class:`Accounts`."""

        def decide(present: Mapping[str, Any] | None) -> Change:
            if present is None:
                raise NotFound("no such account", field="user_id")
            return Change({**present, "ended": with_ended(present.get("ended", {}), session_id, now)})

        self._store.change(user_id, decide)


def with_ended(ended: Mapping[str, float], session_id: str, now: float) -> dict[str, float]:
    """The ended sessions with one more, without those whose cookies nobody could use any more."""
    return {known: until for known, until in ended.items() if until > now} | {session_id: now + SESSION_SECONDS}


def new_account(
    user_id: str, name: str, role: str, password: str, office_id: str | None = None, office_name: str | None = None
) -> Account:
    """A checked account; raises :class:`InvalidInput` naming the field."""
    user_id = normal_user_id(user_id)
    if not user_id:
        raise InvalidInput("a user name is needed", field="user_id", reason="missing")
    if role not in STAFF_ROLES:
        raise InvalidInput(f"the role must be one of {', '.join(STAFF_ROLES)}", field="role", reason="unknown")
    if role in OFFICE_ROLES and not office_id:
        raise InvalidInput(f"a {role} belongs to an office", field="office_id", reason="missing")
    checked: Role = next(known for known in get_args(Role) if known == role)
    return Account(user_id, name.strip() or user_id, checked, office_id, office_name, hash_password(password))


def normal_user_id(typed: str) -> str:
    """The form in which user names are compared: no surrounding blanks, no case, one Unicode form."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def hash_password(password: str) -> str:
    """Argon2id; raises :class:`InvalidInput` for one that is too short (NIST SP 800-63B, 3.1.1.2: length is what counts)."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidInput(f"at least {SHORTEST_PASSWORD} characters", field="password", reason="too_short")
    return _hasher.hash(password)


def verify(accounts: Accounts, typed_user_id: str, password: str) -> Account | None:
    """The active account that this name and password open. Takes the same time whether or not the name exists."""
    account = accounts.get(normal_user_id(typed_user_id)) if typed_user_id.strip() else None
    try:
        _hasher.verify(account.password_hash if account else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    if account is None or not account.active:
        return None
    if _hasher.check_needs_rehash(account.password_hash):
        account = replace(account, password_hash=_hasher.hash(password))
        accounts.replace(account)
    return account
