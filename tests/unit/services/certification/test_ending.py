"""Holders are told that their certificate ends: twice, each once, and never of one that does not count."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chassis.stored_events import Record
from contracts.errors import LinkUnusable, Unavailable
from services.certification.application import clerk, contacts, reads
from services.certification.application.ending import channel_of, give_notices
from services.certification.application.projection import follow
from services.certification.application.superseding import supersede_replaced
from services.certification.model.ending import NoticeMessage, decide_notice, notice_at
from tests.support.certification import InProcess
from tests.support.holder import new_key
from tests.support.registry import registration
from tests.support.steps import invited, message, request, session_of, sign, signature_of, start
from tests.unit.services.certification.test_preserving import _now


def released(inside: InProcess) -> dict[str, Any]:
    """An emission with a valid certificate."""
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    return emission


def forward_to(inside: InProcess, emission: dict[str, Any], days: float) -> None:
    """To so many days before the end."""
    certificate = _now(inside, emission["emission_id"]).certificate
    assert certificate is not None
    inside.clock.moment = certificate.not_after - timedelta(days=days)


def notices(inside: InProcess, emission: dict[str, Any]) -> list[Record]:
    """What was asked of notify, or could not be."""
    stored = inside.events.read(emission["emission_id"])
    return [event.record for event in stored if event.record.type.startswith("RenewalNotice")]


def test_the_holder_is_told_thirty_and_seven_days_before(inside: InProcess) -> None:
    emission = released(inside)
    told = []
    for days in (31, 30, 29, 8, 7, 6, 1):
        forward_to(inside, emission, days)
        told.append(give_notices(inside.ports))
        assert give_notices(inside.ports) == 0
    assert told == [0, 1, 0, 0, 1, 0, 0]
    assert [(record.data["days"], record.data["channel"]) for record in notices(inside, emission)] == [
        (30, "email"),
        (7, "email"),
    ]
    assert notices(inside, emission)[0].actor["role"] == "system"


def test_after_a_long_stop_only_the_latest_is_sent(inside: InProcess) -> None:
    emission = released(inside)
    forward_to(inside, emission, 5)
    assert give_notices(inside.ports) == 1
    assert give_notices(inside.ports) == 0
    assert [record.data["days"] for record in notices(inside, emission)] == [7]


def test_nobody_is_told_after_the_end(inside: InProcess) -> None:
    emission = released(inside)
    forward_to(inside, emission, 0)
    assert give_notices(inside.ports) == 0
    assert notices(inside, emission) == []


def test_nobody_is_told_of_a_certificate_that_was_revoked_or_replaced(inside: InProcess) -> None:
    revoked, older = released(inside), released(inside)
    inside.clock.forward(hours=1)
    newer = released(inside)
    clerk.revoke_certificate(inside.ports, inside.call(), {"emission_id": revoked["emission_id"], "reason": "key_compromise"})
    follow(inside.ports)
    supersede_replaced(inside.ports)
    forward_to(inside, newer, 30)
    assert give_notices(inside.ports) == 1
    assert (notices(inside, revoked), notices(inside, older)) == ([], [])


def test_a_message_says_when_it_ends_to_the_address_as_it_is_now(inside: InProcess) -> None:
    # given a notice that was asked for, and an address that was corrected since
    emission = released(inside)
    forward_to(inside, emission, 30)
    give_notices(inside.ports)
    (asked,) = notices(inside, emission)
    inside.registrations.known["r-1"] = registration(email="nova@example.com")

    # when notify asks what to send
    sent = message(inside, asked.data["notice_id"])

    # then it is told so, and gets no link that anybody could imitate
    assert (sent["purpose"], sent["channel"], sent["address"], sent["link"]) == ("renewal", "email", "nova@example.com", None)
    assert sent["expires_at"].isoformat() == asked.data["not_after"]


def test_a_notice_is_not_sent_any_more_once_the_certificate_is_revoked(inside: InProcess) -> None:
    emission = released(inside)
    forward_to(inside, emission, 30)
    give_notices(inside.ports)
    clerk.revoke_certificate(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "reason": "superseded"})
    with pytest.raises(LinkUnusable):
        message(inside, notices(inside, emission)[0].data["notice_id"])


def test_it_goes_by_sms_where_only_the_mobile_phone_is_there(inside: InProcess) -> None:
    emission = released(inside)
    inside.registrations.known["r-1"] = registration(email=None)
    forward_to(inside, emission, 30)
    give_notices(inside.ports)
    assert notices(inside, emission)[0].data["channel"] == "sms"


def test_it_goes_to_the_contact_that_was_verified(inside: InProcess) -> None:
    # given an emission in which only the mobile phone was verified with the person
    emission_id = start(inside)["emission_id"]
    contacts.verify_contact(inside.ports, inside.call(), {"emission_id": emission_id, "channel": "sms", "code": None})
    clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": emission_id, "reason": "engano"})
    state = _now(inside, emission_id)

    # then a notice would go there, though there is an e-mail address
    assert channel_of(inside.ports, state, inside.ports.registrations.get("r-1")) == "sms"


def test_who_cannot_be_told_is_recorded_once(inside: InProcess) -> None:
    emission = released(inside)
    inside.registrations.known["r-1"] = registration(email=None, mobile=None)
    forward_to(inside, emission, 30)
    assert (give_notices(inside.ports), give_notices(inside.ports)) == (0, 0)
    assert [(record.type, record.data["reason"]) for record in notices(inside, emission)] == [
        ("RenewalNoticeOmitted", "no_address")
    ]
    inside.registrations.known["r-1"] = registration(
        block={"reason": "death", "since": "2029-01-01T00:00:00+00:00", "note": None}
    )
    forward_to(inside, emission, 7)
    assert give_notices(inside.ports) == 0
    assert notices(inside, emission)[-1].data["reason"] == "blocked"


def test_a_registry_that_is_away_delays_it(inside: InProcess) -> None:
    class Away:
        def get(self, registration_id: str, version: int | None = None) -> dict[str, Any]:
            raise Unavailable("the registry does not answer", registration_id=registration_id, version=version)

    emission = released(inside)
    forward_to(inside, emission, 30)
    assert give_notices(replace(inside.ports, registrations=Away())) == 0
    assert give_notices(inside.ports) == 1


def test_a_lost_race_tells_nobody_twice(inside: InProcess) -> None:
    emission = released(inside)
    forward_to(inside, emission, 30)
    before = _now(inside, emission["emission_id"])
    give_notices(inside.ports)
    after = _now(inside, emission["emission_id"])
    again = NoticeMessage("n-2", "email", "m***@example.com")
    assert len(decide_notice(before, 30, again, inside.clock())) == 1
    assert decide_notice(after, 30, again, inside.clock()) == ()


def test_a_view_of_before_there_were_notices_is_found(inside: InProcess) -> None:
    emission = released(inside)
    inside.views._emissions[emission["emission_id"]].pop("notice_at")
    forward_to(inside, emission, 20)
    assert give_notices(inside.ports) == 1


def test_the_next_notice_is_known(inside: InProcess) -> None:
    emission = released(inside)
    state = _now(inside, emission["emission_id"])
    assert state.certificate is not None
    assert notice_at(state) == state.certificate.not_after - timedelta(days=30)
    forward_to(inside, emission, 30)
    give_notices(inside.ports)
    assert notice_at(_now(inside, emission["emission_id"])) == state.certificate.not_after - timedelta(days=7)
    forward_to(inside, emission, 7)
    give_notices(inside.ports)
    assert notice_at(_now(inside, emission["emission_id"])) is None


def test_an_office_finds_those_that_end_soon(inside: InProcess) -> None:
    emission = released(inside)
    certificate = _now(inside, emission["emission_id"]).certificate
    assert certificate is not None
    for ending_by, found in ((certificate.not_after, [emission["emission_id"]]), (certificate.not_after - timedelta(days=1), [])):
        listed = reads.list_emissions(inside.ports, inside.call(), {"ending_by": ending_by})["emissions"]
        assert [one["emission_id"] for one in listed] == found
