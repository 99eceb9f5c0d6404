"""What the authority's administrator and the auditors are answered."""

from __future__ import annotations

import pytest

from contracts.errors import NotFound
from services.certification.application import authority_page, clerk, reads
from services.certification.application.journal import record_answers, record_opened
from services.certification.application.projection import follow
from tests.support.certification import HOLDER, START, InProcess
from tests.support.holder import new_key
from tests.support.steps import invited, request, session_of


def test_the_state_has_certificates_lists_and_totals(inside: InProcess) -> None:
    # given an authority whose list nobody has asked for
    state = authority_page.get_authority_state(inside.ports, inside.call(), {})
    assert (state["list"], state["answers"]) == (None, [])
    assert [one["key"] for one in state["certificates"]] == ["root", "issuing", "timestamping", "ocsp"]
    assert state["certificates"][-1]["days_left"] == 365
    assert state["root_list"]["entries"] == 0

    # when one is made, and answers are signed
    emission = invited(inside)
    request(inside, session_of(inside, emission), new_key())
    for year in (None, 2026):
        reads.get_revocation_list(inside.ports, inside.call(HOLDER), {"generation": 1, "year": year})
    inside.ports.answers.count(START, 3)
    record_answers(inside.ports, all_of_them=True)
    follow(inside.ports)

    # then both are shown
    state = authority_page.get_authority_state(inside.ports, inside.call(), {})
    assert (state["list"]["entries"], state["list"]["next_update"] > inside.clock()) == (1, True)
    assert [(one["year"], one["entries"]) for one in state["year_lists"]] == [(2026, 1)]
    assert state["answers"] == [{"day": START.date(), "count": 3}]


def test_days_left_are_whole_and_negative_after_the_end(inside: InProcess) -> None:
    inside.clock.forward(days=365, hours=1)
    responder = authority_page.get_authority_state(inside.ports, inside.call(), {})["certificates"][-1]
    assert responder["days_left"] == -1


def test_the_journal_is_read_page_by_page(inside: InProcess) -> None:
    for number in range(3):
        record_opened(inside.ports, ("ocsp",), f"server-{number}")
    follow(inside.ports)
    first = authority_page.list_key_uses(inside.ports, inside.call(), {"limit": 2})["uses"]
    assert [use["data"]["host"] for use in first] == ["server-2", "server-1"]
    rest = authority_page.list_key_uses(inside.ports, inside.call(), {"before": first[-1]["position"]})["uses"]
    assert [use["data"]["host"] for use in rest] == ["server-0"]


def test_a_certificate_is_found_by_serial_however_written_and_by_protocol(inside: InProcess) -> None:
    emission = invited(inside)
    serial = request(inside, session_of(inside, emission), new_key())["certificate_serial"]
    octets = ":".join(serial[start : start + 2] for start in range(0, len(serial), 2)).upper()
    for wanted in (serial, f"0x{serial}", octets, f" {octets} ", emission["protocol"]):
        found = authority_page.find_certificate(inside.ports, inside.call(), {"wanted": wanted})
        assert found["emission_id"] == emission["emission_id"]
    for unknown in ("ab" * 16, "no serial", "1" * 80):
        with pytest.raises(NotFound):
            authority_page.find_certificate(inside.ports, inside.call(), {"wanted": unknown})


def test_a_certificate_that_was_replaced_before_its_release_is_found(inside: InProcess) -> None:
    # given a certificate of a key that the phone has lost, and one of another key
    emission = invited(inside)
    first = request(inside, session_of(inside, emission), new_key())["certificate_serial"]
    again = clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "channel": "sms"})
    second = request(inside, session_of(inside, again), new_key())["certificate_serial"]

    # then both serials lead to the emission
    for serial in (first, second):
        found = authority_page.find_certificate(inside.ports, inside.call(), {"wanted": serial})
        assert found["emission_id"] == emission["emission_id"]
