"""A session with a PKCS#11 token: opened when it is first needed, and anew when the token was away."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

import pkcs11
from pkcs11 import exceptions

from services.certification.authority.custody import CustodyFault
from services.certification.authority.settings import TokenAccess

T = TypeVar("T")
MODULE, TOKEN, PIN = (f"TITULAR_AUTHORITY_PKCS11_{name}" for name in ("MODULE", "TOKEN", "PIN"))
WRONG_PIN = (
    *(exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange),
    *(exceptions.PinExpired, exceptions.PinLocked, exceptions.UserPinNotInitialized),
)
Work = Callable[[pkcs11.Session, int], T]

_turn = threading.RLock()
"""The library is begun without locks of its own (C_Initialize without arguments): one call at a time in a process."""


class TokenSession:
    """Runs work on the token. A process has one of these for a token, since a login counts for all sessions of a process.

    It is opened in the process that uses it, at its first use: neither library nor session outlives a fork (PKCS#11 3.1, 5.4).
    The process that renders terms is started anew, not forked off, and opens its own. A call does not yield to other green
    threads: everything waits for as long as the token takes to sign.
    """

    def __init__(self, access: TokenAccess) -> None:
        self._access = access
        self._session: pkcs11.Session | None = None
        self._number = 0
        self._refused: str | None = None

    @property
    def label(self) -> str:
        """The token's label."""
        return self._access.token

    def run(self, work: Work[T]) -> T:
        """What ``work`` returns. It gets the session and its number: handles of a session of another number count no more.

        Where it fails it is done once more on a new session, so it must have no effect that counts twice (a signature has none).
        Raises :class:`CustodyFault` where the token cannot be used.
        """
        with _turn:
            with contextlib.suppress(exceptions.PKCS11Error):
                return self.run_once(work, again=True)
            return self.run_once(work)

    def run_once(self, work: Work[T], again: bool = False) -> T:
        """As :meth:`run`, for what must not be repeated. ``again``: let the library's own error through."""
        with _turn:
            try:
                return work(self._ready(), self._number)
            except exceptions.PKCS11Error as error:
                self.close()
                if again:
                    raise
                said = (
                    f"The token {self.label!r} does not work ({type(error).__name__}): see whether it is there. It is asked anew."
                )
                raise CustodyFault(said, reason="session") from error

    def close(self) -> None:
        """End the session; the next work opens another."""
        with _turn:
            session, self._session = self._session, None
            if session is not None:
                with contextlib.suppress(exceptions.PKCS11Error):  # it may have ended by itself: that is why it is closed
                    session.close()

    def _ready(self) -> pkcs11.Session:
        if self._refused is not None:
            raise CustodyFault(self._refused, reason="pin")
        if self._session is None:
            self._session = self._open()
            self._number += 1
        return self._session

    def _open(self) -> pkcs11.Session:
        library = self._library()
        label = self.label
        try:
            return library.get_token(token_label=label).open(rw=True, user_pin=self._access.pin)
        except exceptions.NoSuchToken as error:
            found = ", ".join(sorted(repr(token.label) for token in library.get_tokens())) or "none"
            said = f"{TOKEN} names {label!r}, and the tokens there are: {found}. Put the token in, or mend the name."
            raise CustodyFault(said, reason="token") from error
        except exceptions.MultipleTokensReturned as error:
            said = f"{TOKEN} names {label!r}, and several tokens are called so: give each a label of its own."
            raise CustodyFault(said, reason="token") from error
        except WRONG_PIN as error:
            # Tokens lock after some wrong PINs: this one is not tried again.
            self._refused = (
                f"{PIN} does not open the token {label!r} ({type(error).__name__}): set the right PIN, and start again."
            )
            raise CustodyFault(self._refused, reason="pin") from error

    def _library(self) -> pkcs11._pkcs11.lib:
        """The vendor's library, begun anew: one that has lost its token finds it only so."""
        module = self._access.module
        try:
            library = pkcs11.lib(str(module))
            library.reinitialize()
        except exceptions.PKCS11Error as error:
            why = str(error) or type(error).__name__
            said = f"{MODULE} names {module}, which cannot be used ({why}): install and set up the token's PKCS#11 library."
            raise CustodyFault(said, reason="module") from error
        return library
