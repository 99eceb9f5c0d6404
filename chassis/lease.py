"""Leases: of several replicas of one service, one at a time does what only one should do (the relay of its events)."""

from __future__ import annotations

from typing import Protocol


class Lease(Protocol):
    """The right to do something that one replica at a time does."""

    def held(self) -> bool:
        """Whether it is ours now: taken where it is free, renewed where it is due. Asked before each piece of work.

        Raises :class:`contracts.errors.Unavailable` where nobody can tell.
        """

    def release(self) -> None:
        """Give it up, so that another need not wait; nothing happens where it is not ours."""


class SoleReplica:
    """For a service that runs once: nobody is asked."""

    def held(self) -> bool:
        """Always."""
        return True

    def release(self) -> None:
        """There is nobody to take it."""
