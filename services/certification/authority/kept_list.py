"""The issuing authority's list, kept while it is up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.certification.authority.certificates import Issuer
from services.certification.authority.lists import LIST_LIFE, signed_list
from services.certification.model.state import Revocation

FRESH = timedelta(minutes=10)
Find = Callable[[], Sequence[Revocation]]


@dataclass(frozen=True, slots=True)
class _Made:
    mark: str
    at: datetime
    content: bytes

    @property
    def next_update(self) -> datetime:
        return (self.at + LIST_LIFE).replace(microsecond=0)


class KeptList:
    """Makes the list anew when what it must name has changed, or when it is some minutes old: one request does, at a time.

    Whoever asks meanwhile is answered with the list before, which still counts. A list that could not be recorded is given to
    nobody, and kept to be recorded by the next request instead of being signed again.
    """

    def __init__(self, issuer: Issuer, addresses: Sequence[str] = ()) -> None:
        self._issuer = issuer
        self._addresses = addresses  # see :func:`.lists.signed_list`
        self._kept: _Made | None = None
        self._unrecorded: _Made | None = None
        self._making = threading.Lock()

    def current(self, mark: str, find: Find, now: datetime, record: Callable[[bytes], None]) -> tuple[bytes, datetime]:
        """The list (DER) and when the next is due. ``mark`` changes whenever that changes which ``find`` would find."""
        made = self._kept
        if made is None or _outdated(made, mark, now):
            made = self._renewed(mark, find, now, record)
        return made.content, made.next_update

    def _renewed(self, mark: str, find: Find, now: datetime, record: Callable[[bytes], None]) -> _Made:
        before = self._kept
        counts = before is not None and now < before.next_update
        if not self._making.acquire(blocking=not counts) and before is not None:
            return before
        try:
            made = self._kept
            if made is None or _outdated(made, mark, now):
                made = self._unrecorded
                if made is None or _outdated(made, mark, now):
                    made = self._unrecorded = _Made(mark, now, self._signed(find(), now))
                record(made.content)
                self._kept, self._unrecorded = made, None
            return made
        finally:
            self._making.release()

    def _signed(self, revoked: Sequence[Revocation], now: datetime) -> bytes:
        return signed_list(self._issuer, revoked, now, LIST_LIFE, self._addresses)


def _outdated(made: _Made, mark: str, now: datetime) -> bool:
    return made.mark != mark or now - made.at > FRESH
