"""Revocation lists as octets; the library, which did not write them, reads them."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from contracts.errors import Unavailable
from services.certification.authority.certificates import Issuer, root_certificate
from services.certification.authority.kept_list import KeptList
from services.certification.authority.lists import REASONS, signed_list
from services.certification.model.state import Revocation
from tests.support.certification import START, unrecorded

DAY = timedelta(days=1)


@pytest.fixture(params=[ec.SECP256R1(), ec.SECP384R1()], ids=["P-256", "P-384"])
def issuer(request: pytest.FixtureRequest) -> Issuer:
    """An authority."""
    key = ec.generate_private_key(request.param)
    return Issuer(root_certificate(key, START), key)


def test_the_library_reads_every_kind_of_entry(issuer: Issuer) -> None:
    # given serials of all lengths, reasons of all kinds, times before and after 2050
    serials = ["7f" * 16, "80" + "00" * 15, "01", "ff", "0100", "7f" * 20]
    times = [
        START,
        START + timedelta(microseconds=5),
        datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2050, 1, 1, tzinfo=UTC),
    ]
    reasons = [*REASONS, "unspecified"]
    revoked = [
        Revocation(serial, times[number % len(times)], reasons[number % len(reasons)]) for number, serial in enumerate(serials)
    ]

    # when the list is made
    read = x509.load_der_x509_crl(signed_list(issuer, revoked, START, DAY))

    # then all of it is found, and the signature stands
    key = issuer.key.public_key()
    assert read.is_signature_valid(key)
    found = [(entry.serial_number, entry.revocation_date_utc, reason_of(entry)) for entry in read]
    wanted = [(int(one.serial, 16), one.at.replace(microsecond=0), REASONS.get(one.reason)) for one in revoked]
    assert found == wanted
    assert (read.last_update_utc, read.next_update_utc) == (START, START + DAY)


def reason_of(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    """The reason that an entry gives."""
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None


@pytest.mark.parametrize("count", [1, 3, 2500])
def test_lists_of_all_lengths_are_read(issuer: Issuer, count: int) -> None:
    revoked = [Revocation(secrets.token_hex(16), START, "superseded") for _ in range(count)]
    read = x509.load_der_x509_crl(signed_list(issuer, revoked, START, DAY))
    assert len(read) == count
    assert read.is_signature_valid(issuer.key.public_key())


def test_nobody_waits_for_a_list_that_another_request_makes(issuer: Issuer) -> None:
    # given a list, and a request that makes the next one and is slow to find what it must name
    kept = KeptList(issuer)
    before = kept.current("", list, START, unrecorded)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Sequence[Revocation]:
        begun.set()
        assert go_on.wait(20)
        return [Revocation("0a", START, "superseded")]

    made: list[tuple[bytes, datetime]] = []
    making = threading.Thread(target=lambda: made.append(kept.current("0a", slow, START, unrecorded)))
    making.start()
    assert begun.wait(20)

    # when another asks meanwhile, then it gets the list before
    assert kept.current("0a", slow, START, unrecorded) == before

    # and the new one once it is made
    go_on.set()
    making.join(20)
    assert made[0] != before
    assert kept.current("0a", slow, START, unrecorded) == made[0]


def test_a_list_that_cannot_be_recorded_reaches_nobody_and_is_not_signed_again(issuer: Issuer) -> None:
    # given a journal that is away
    kept = KeptList(issuer)
    recorded: list[bytes] = []

    def away(_content: bytes) -> None:
        raise Unavailable("the event store does not answer")

    # when a list is asked for, then the request fails
    with pytest.raises(Unavailable):
        kept.current("", list, START, away)

    def none_is_made() -> Sequence[Revocation]:
        raise AssertionError("another list is made")

    # and once the journal is back, that list is recorded and given out
    content, _ = kept.current("", none_is_made, START + timedelta(minutes=1), recorded.append)
    assert recorded == [content]
