"""Every use of the authority's keys is an event, before anybody gets what was signed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from chassis.stored_events import Record, Stored
from contracts.errors import Conflict, NotFound, Unavailable
from services.certification.application import clerk, reads
from services.certification.application.journal import note_own, record_answers, record_opened
from services.certification.application.preserving import preserve_terms
from services.certification.application.projection import follow, rebuild
from services.certification.application.uses import UseFilter
from tests.support.certification import HOLDER, START, InProcess
from tests.support.holder import new_key
from tests.support.steps import invited, request, session_of, sign, signature_of, start, types
from tests.unit.services.certification.test_ocsp import state_of

ISSUING, STAMPING, OCSP = (f"authority/{key}/2026-11" for key in ("issuing", "timestamping", "ocsp"))


def uses(inside: InProcess, stream_id: str) -> list[Record]:
    """The events of a stream, its chain checked."""
    return [event.record for event in inside.events.read(stream_id)]


def away(inside: InProcess) -> InProcess:
    """The same with an event store that takes no use of a key."""

    class Away:
        def __getattr__(self, name: str) -> Any:
            return getattr(inside.events, name)

        def extend(self, stream_id: str, _: Sequence[Record]) -> list[Stored]:
            raise Unavailable("the event store does not answer", stream=stream_id)

    return replace(inside, ports=replace(inside.ports, events=Away()))


def test_a_certificates_signing_is_recorded(inside: InProcess) -> None:
    emission = invited(inside)
    term = request(inside, session_of(inside, emission), new_key())
    (use,) = uses(inside, ISSUING)
    issuing = next(own for own in inside.ports.authority.own_certificates() if own.key == "issuing")
    assert (use.type, use.actor["role"]) == ("HolderCertificateSigned", "system")
    assert use.data == {
        "key": "issuing",
        "certificate_sha256": issuing.sha256,
        "emission_id": emission["emission_id"],
        "serial": term["certificate_serial"],
    }


def test_nothing_is_signed_where_it_cannot_be_recorded(inside: InProcess) -> None:
    # given an event store that takes no use of a key
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()

    # when the phone asks for its certificate, then the request fails, and there is none
    with pytest.raises(Unavailable):
        request(away(inside), session, key)
    assert types(inside, emission["emission_id"])[-1] == "IssuePrepared"

    # and the phone's next request goes on from there
    request(inside, session, key)
    assert len(uses(inside, ISSUING)) == 1


def test_a_terms_time_stamp_is_recorded_before_anybody_has_the_term(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    signature = signature_of(request(inside, session, key), key)
    with pytest.raises(Unavailable):
        sign(away(inside), session, signature)
    assert reads.get_emission(inside.ports, inside.call(), emission)["state"] == "issued"
    sign(inside, session, signature)
    (use,) = uses(inside, STAMPING)
    assert (use.type, use.data["emission_id"]) == ("TimeStampSigned", emission["emission_id"])
    preserve_terms(inside.ports)
    assert [record.data["emission_id"] for record in uses(inside, STAMPING)] == [emission["emission_id"]] * 2


def test_a_list_is_recorded_once_by_what_it_is(inside: InProcess) -> None:
    given = [reads.get_revocation_list(inside.ports, inside.call(HOLDER), {"generation": 1})["crl"] for _ in range(2)]
    content = base64.b64decode(given[0])
    (use,) = uses(inside, ISSUING)
    number = x509.load_der_x509_crl(content).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert (use.type, use.data["number"], use.data["entries"]) == ("RevocationListSigned", number, 0)
    assert use.data["sha256"] == hashlib.sha256(content).hexdigest()


def test_answers_are_totals_of_each_minute(inside: InProcess) -> None:
    # given answers within two minutes, and a refusal, which nobody signs
    emission = invited(inside)
    serial = int(request(inside, session_of(inside, emission), new_key())["certificate_serial"], 16)
    for seconds in (0, 20, 50):
        state_of(inside, serial)
        inside.clock.forward(seconds=seconds)
    state_of(inside, serial)
    state_of(inside, serial + 1)

    # when the first minute is over, then its total is recorded
    assert record_answers(inside.ports) == 1
    (use,) = uses(inside, OCSP)
    wanted = {"first_at": START.isoformat(), "last_at": (START + timedelta(seconds=20)).isoformat(), "count": 3}
    assert wanted.items() <= use.data.items()

    # and the rest at the end
    assert record_answers(inside.ports) == 0
    assert record_answers(inside.ports, all_of_them=True) == 1
    assert [record.data["count"] for record in uses(inside, OCSP)] == [3, 1]


def test_totals_that_could_not_be_recorded_are_not_lost(inside: InProcess) -> None:
    inside.ports.answers.count(START, 5)
    with pytest.raises(Unavailable):
        record_answers(away(inside).ports, all_of_them=True)
    inside.ports.answers.count(START + timedelta(seconds=1), 2)
    assert record_answers(inside.ports, all_of_them=True) == 1
    assert [record.data["count"] for record in uses(inside, OCSP)] == [7]


def test_what_the_authority_has_of_its_own_is_noted_once(inside: InProcess) -> None:
    assert note_own(inside.ports) == 5  # root, issuing, time stamps, responder; the root's list
    assert note_own(inside.ports) == 0
    follow(inside.ports)
    noted = [(use.key, use.data.get("certificate")) for use in inside.ports.uses.find(UseFilter())]
    assert sorted(noted, key=str) == [
        ("issuing", "ocsp"),
        ("issuing", "timestamping"),
        ("root", "issuing"),
        ("root", "root"),
        ("root", None),
    ]


def test_an_opened_key_is_recorded_with_its_certificate(inside: InProcess) -> None:
    record_opened(inside.ports, ("ocsp",), "server-1")
    (use,) = uses(inside, OCSP)
    assert (use.type, use.data["host"]) == ("KeyOpened", "server-1")
    assert use.data["certificate_sha256"] == inside.ports.authority.own_certificates()[-1].sha256


def test_a_month_has_a_stream_of_its_own(inside: InProcess) -> None:
    record_opened(inside.ports, ("ocsp",), "server-1")
    inside.clock.forward(days=31)
    record_opened(inside.ports, ("ocsp",), "server-1")
    assert [len(uses(inside, f"authority/ocsp/{month}")) for month in ("2026-11", "2026-12")] == [1, 1]


def test_the_follower_shows_emissions_and_uses_apart(inside: InProcess) -> None:
    # given an emission, and uses of keys between its events
    emission = invited(inside)
    request(inside, session_of(inside, emission), new_key())
    inside.ports.answers.count(START, 5)
    record_answers(inside.ports, all_of_them=True)

    # when the views are made anew
    rebuild(inside.ports)

    # then each is shown where it belongs
    assert [one["emission_id"] for one in reads.list_emissions(inside.ports, inside.call(), {})["emissions"]] == [
        emission["emission_id"]
    ]
    assert [use.type for use in inside.ports.uses.find(UseFilter())] == ["OcspAnswersSigned", "HolderCertificateSigned"]
    assert inside.ports.uses.answers_by_day(START.date()) == [(START.date(), 5)]


def test_a_stream_of_uses_is_no_emission(inside: InProcess) -> None:
    start(inside)
    record_opened(inside.ports, ("issuing",), "server-1")
    with pytest.raises(NotFound):
        reads.get_emission(inside.ports, inside.call(), {"emission_id": ISSUING})
    with pytest.raises(NotFound):
        reads.get_history(inside.ports, inside.call(), {"emission_id": ISSUING, "up_to": None})
    with pytest.raises((NotFound, Conflict)):
        clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": ISSUING, "reason": "por engano"})
    assert [record.type for record in uses(inside, ISSUING)] == ["KeyOpened"]
