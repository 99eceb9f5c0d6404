"""Of several replicas one at a time holds the lease, whatever their clocks say."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chassis.document_lease import LEASE_SECONDS, RENEW_SECONDS, DocumentLease, lease_of
from chassis.documents import connect
from chassis.lease import SoleReplica
from chassis.settings import DocumentSettings
from tests.support.engines import Documents

pytestmark = pytest.mark.integration


@dataclass
class Clock:
    """A monotonic clock to be set."""

    time: float = 0.0

    def __call__(self) -> float:
        return self.time


MakeLease = Callable[[str, Clock], DocumentLease]


@pytest.fixture
def replica(document_engine: Documents) -> MakeLease:
    database = connect(DocumentSettings(document_engine.url, f"lease_{secrets.token_hex(4)}"))
    return lambda name, clock: DocumentLease(database, "relay", name, clock)


def test_one_of_two_holds_it_for_as_long_as_it_asks(replica: MakeLease) -> None:
    clock = Clock()
    first, second = replica("a", clock), replica("b", clock)
    for _ in range(10):
        assert (first.held(), second.held()) == (True, False)
        clock.time += LEASE_SECONDS - 1


def test_a_silent_holder_is_succeeded_once_its_lease_has_run_out(replica: MakeLease) -> None:
    # given clocks that have nothing to do with one another
    own, others = Clock(1_000_000), Clock(5)
    first, second = replica("a", own), replica("b", others)
    assert (first.held(), second.held()) == (True, False)
    # when the holder says nothing more
    others.time += LEASE_SECONDS - 0.1
    assert not second.held()
    others.time += 0.1
    # then the other takes it, and the first finds that out before it would do more
    assert second.held()
    own.time += LEASE_SECONDS
    assert not first.held()


def test_whoever_bears_the_holders_name_takes_it_at_once(replica: MakeLease) -> None:
    assert replica("a", Clock()).held()
    assert replica("a", Clock(77)).held()


def test_what_is_given_up_is_taken_at_once(replica: MakeLease) -> None:
    first, second = replica("a", Clock()), replica("b", Clock())
    second.release()
    assert (first.held(), second.held()) == (True, False)
    first.release()
    assert second.held()
    assert not first.held()


def test_between_renewals_nobody_is_asked(replica: MakeLease) -> None:
    # given a holder whose lease another took, against all rules
    clock, others = Clock(), Clock()
    first, second = replica("a", clock), replica("b", others)
    assert (first.held(), second.held()) == (True, False)
    others.time += LEASE_SECONDS
    assert second.held()
    # then it is noticed at the renewal
    clock.time += RENEW_SECONDS / 2
    assert first.held()
    clock.time += RENEW_SECONDS / 2
    assert not first.held()


def test_an_answer_that_comes_too_late_gives_nothing(replica: MakeLease) -> None:
    class Slow(Clock):
        def __call__(self) -> float:
            self.time += LEASE_SECONDS
            return self.time

    assert not replica("a", Slow()).held()


def test_the_only_replica_asks_nobody() -> None:
    away = connect(DocumentSettings("mongodb://127.0.0.1:1/", "nowhere"))
    lease = lease_of(away, "")
    assert isinstance(lease, SoleReplica)
    assert lease.held()
    lease.release()
