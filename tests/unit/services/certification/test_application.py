"""The application's functions: idempotence, offices, secrets, crashes between two stages, deadlines, views."""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import new_id
from contracts.actor import system
from contracts.envelope import Envelope
from contracts.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    IllegalStep,
    InternalFault,
    InvalidInput,
    LinkUnusable,
    Locked,
    NotFound,
    PersonBlocked,
    RefusedSubmission,
    StaleVersion,
    Unavailable,
    WrongAnswer,
)
from services.certification.application import clerk, facts, holder, issuing, reads
from services.certification.application.issuing import years_after
from services.certification.application.projection import follow, rebuild
from services.certification.application.timers import expire_overdue
from services.certification.application.tokens import Secrets
from services.certification.model.protocol import protocol_valid
from tests.support.certification import HOLDER, START, STRANGER, InProcess
from tests.support.holder import new_key, request_of
from tests.support.registry import registration

ATTESTED = {"identity": True, "capacity": True, "free_will": True}
ANSWER = {"cpf": "529.982.247-25", "birth_date": date(1985, 3, 7)}


def start(inside: InProcess, mode: str = "in_person", **more: Any) -> dict[str, Any]:
    return clerk.start_emission(inside.ports, inside.call(**more), {"registration_id": "r-1", "mode": mode})


def invited(inside: InProcess, channel: str = "email") -> dict[str, Any]:
    emission_id = start(inside)["emission_id"]
    clerk.attest_identification(inside.ports, inside.call(), {"emission_id": emission_id, **ATTESTED})
    clerk.confirm_data(inside.ports, inside.call(), {"emission_id": emission_id, "registration_version": 1})
    return clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission_id, "channel": channel})


def message(inside: InProcess, message_id: str) -> dict[str, Any]:
    return reads.get_outgoing_message(inside.ports, inside.call(system("notify")), {"message_id": message_id})


def token_of(inside: InProcess, emission: dict[str, Any]) -> str:
    return str(message(inside, emission["invitation"]["invitation_id"])["link"].partition("#")[2])


def last_code(inside: InProcess, emission_id: str) -> str:
    sent = [event for event in inside.events.read(emission_id) if event.record.type == "CodeSent"]
    return str(message(inside, sent[-1].record.data["code_id"])["code"])


def session_of(inside: InProcess, emission: dict[str, Any]) -> dict[str, Any]:
    token = token_of(inside, emission)
    holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    code = last_code(inside, emission["emission_id"])
    return holder.verify_holder_code(inside.ports, inside.call(HOLDER), {"token": token, "code": code})


def request(inside: InProcess, session: dict[str, Any], key: Any, **more: Any) -> dict[str, Any]:
    csr = base64.b64encode(request_of(key, session["nonce"])).decode()
    data = {"holder_session": session["holder_session"], "csr": csr}
    return issuing.request_certificate(inside.ports, inside.call(HOLDER, **more), data)


def signature_of(term: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    attributes = base64.b64decode(term["signed_attributes"])
    return base64.b64encode(key.sign(attributes, ec.ECDSA(hashes.SHA256()))).decode()


def sign(inside: InProcess, session: dict[str, Any], signature: str, **more: Any) -> dict[str, Any]:
    data = {"holder_session": session["holder_session"], "signature": signature}
    return issuing.sign_term(inside.ports, inside.call(HOLDER, **more), data)


def types(inside: InProcess, emission_id: str) -> list[str]:
    return [event.record.type for event in inside.events.read(emission_id)]


def test_a_start_is_idempotent_by_its_command_id(inside: InProcess) -> None:
    command_id = new_id()
    first, again = start(inside, command_id=command_id), start(inside, command_id=command_id)
    assert first == again
    assert types(inside, first["emission_id"]) == ["EmissionStarted"]
    assert protocol_valid(first["protocol"])
    assert first["protocol"].startswith("123456.2026.11.22.00000001-")


def test_one_open_emission_per_person_and_office(inside: InProcess) -> None:
    first = start(inside)
    with pytest.raises(AlreadyExists) as refused:
        start(inside)
    assert refused.value.details == {"emission_id": first["emission_id"]}
    start(inside, mode="remote", actor=STRANGER)
    clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": first["emission_id"], "reason": "desistiu"})
    assert start(inside)["emission_id"] != first["emission_id"]


def test_a_reservation_left_by_a_crash_is_taken_over_after_a_while(inside: InProcess) -> None:
    inside.views.reserve("p-r-1", "123456", "never-started", inside.clock())
    with pytest.raises(AlreadyExists):
        start(inside)
    inside.clock.forward(seconds=31)
    assert start(inside)["state"] == "started"


@pytest.mark.parametrize(
    ("changes", "mode", "error"),
    [
        ({"block": {"reason": "fraud", "since": START.isoformat()}}, "remote", PersonBlocked),
        ({"missing_for_remote": ["email", "identity_document"]}, "remote", InvalidInput),
        ({"birth_date": None}, "in_person", InvalidInput),
        ({"email": None, "mobile": None}, "in_person", InvalidInput),
        ({"office_id": "999999"}, "in_person", Conflict),
    ],
)
def test_a_start_that_cannot_be_is_refused(inside: InProcess, changes: dict[str, Any], mode: str, error: type[Exception]) -> None:
    inside.registrations.known["r-1"] = registration(**changes)
    with pytest.raises(error):
        start(inside, mode=mode)
    inside.registrations.known["r-1"] = registration()
    assert start(inside)["state"] == "started"


def test_missing_fields_are_named(inside: InProcess) -> None:
    inside.registrations.known["r-1"] = registration(missing_for_remote=["email", "identity_document"])
    with pytest.raises(InvalidInput) as refused:
        start(inside, mode="remote")
    assert [problem["field"] for problem in refused.value.problems] == ["email", "identity_document"]


def test_another_office_may_neither_act_nor_look(inside: InProcess) -> None:
    emission_id = start(inside)["emission_id"]
    stranger = inside.call(STRANGER)
    with pytest.raises(Forbidden):
        clerk.attest_identification(inside.ports, stranger, {"emission_id": emission_id, **ATTESTED})
    with pytest.raises(Forbidden):
        reads.get_emission(inside.ports, stranger, {"emission_id": emission_id})
    with pytest.raises(Forbidden):
        reads.get_history(inside.ports, stranger, {"emission_id": emission_id, "up_to": None})
    wanted = {"office_id": "123456", "person_id": None, "protocol": None, "state": None, "before": None, "limit": 10}
    assert reads.list_emissions(inside.ports, stranger, wanted) == {"emissions": []}


def test_a_registration_changed_meanwhile_is_not_confirmed(inside: InProcess) -> None:
    emission_id = start(inside)["emission_id"]
    clerk.attest_identification(inside.ports, inside.call(), {"emission_id": emission_id, **ATTESTED})
    inside.registrations.known["r-1"] = registration(version=2, current_version=2)
    with pytest.raises(StaleVersion):
        clerk.confirm_data(inside.ports, inside.call(), {"emission_id": emission_id, "registration_version": 1})


def test_messages_hold_link_and_code_and_events_neither(inside: InProcess) -> None:
    emission = invited(inside)
    invitation = message(inside, emission["invitation"]["invitation_id"])
    assert invitation["address"] == "maria@example.com"
    assert invitation["link"].startswith("https://titular.example/certificado/#")
    token = token_of(inside, emission)
    sent = holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    assert (sent["channel"], sent["address_masked"]) == ("sms", "*****-4321")
    code = last_code(inside, emission["emission_id"])
    stored = "".join(str(event.record) for event in inside.events.read(emission["emission_id"]))
    for secret in (token, "52998224725", "maria@example.com", "1985", "Conceição"):
        assert secret not in stored
    assert len(code) == 6


def test_the_code_goes_by_the_same_channel_where_there_is_no_other(inside: InProcess) -> None:
    inside.registrations.known["r-1"] = registration(mobile=None)
    token = token_of(inside, invited(inside))
    sent = holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    assert sent["channel"] == "email"


def test_a_missing_channel_is_named(inside: InProcess) -> None:
    inside.registrations.known["r-1"] = registration(mobile=None)
    with pytest.raises(InvalidInput) as refused:
        invited(inside, channel="sms")
    assert refused.value.field == "mobile"


def test_a_replaced_message_is_not_sent(inside: InProcess) -> None:
    emission = invited(inside)
    old = emission["invitation"]["invitation_id"]
    clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "channel": "sms"})
    with pytest.raises(LinkUnusable):
        message(inside, old)
    with pytest.raises(NotFound):
        message(inside, "unknown")


def test_wrong_answers_count_down_and_a_repeated_command_counts_once(inside: InProcess) -> None:
    token = token_of(inside, invited(inside))
    wrong = {"token": token, "cpf": "11144477735", "birth_date": date(1985, 3, 7)}
    command_id = new_id()
    for _ in range(2):
        with pytest.raises(WrongAnswer) as refused:
            holder.verify_holder_data(inside.ports, inside.call(HOLDER, command_id), wrong)
        assert refused.value.details == {"tries_left": 2}
    with pytest.raises(WrongAnswer):
        holder.verify_holder_data(inside.ports, inside.call(HOLDER), {**wrong, **ANSWER, "birth_date": date(1985, 3, 8)})
    with pytest.raises(Locked):
        holder.verify_holder_data(inside.ports, inside.call(HOLDER), wrong)
    with pytest.raises(Locked):
        holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})


def test_looking_at_a_link_changes_nothing(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    before = types(inside, emission["emission_id"])
    for _ in range(3):
        looked = holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})
    assert (looked["step"], looked["tries_left"]) == ("data", 3)
    assert types(inside, emission["emission_id"]) == before
    with pytest.raises(LinkUnusable):
        holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": "guessed"})


def test_a_repeated_claim_answers_the_same_session(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    holder.verify_holder_data(inside.ports, inside.call(HOLDER), {"token": token, **ANSWER})
    data = {"token": token, "code": last_code(inside, emission["emission_id"])}
    command_id = new_id()
    first = holder.verify_holder_code(inside.ports, inside.call(HOLDER, command_id), data)
    assert holder.verify_holder_code(inside.ports, inside.call(HOLDER, command_id), data) == first
    with pytest.raises(LinkUnusable) as refused:
        holder.verify_holder_code(inside.ports, inside.call(HOLDER), data)
    assert refused.value.reason == "used"
    looked = holder.get_holder_session(inside.ports, inside.call(HOLDER), {"holder_session": first["holder_session"]})
    assert looked == first
    assert looked["holder_name"] == "Maria da Conceição Souza"


def test_the_same_key_gets_the_same_certificate_and_term(inside: InProcess) -> None:
    session, key = session_of(inside, invited(inside)), new_key()
    first = request(inside, session, key)
    assert request(inside, session, key) == first
    again = issuing.get_term_to_sign(inside.ports, inside.call(HOLDER), {"holder_session": session["holder_session"]})
    assert again == first


def test_a_crash_between_intent_and_issue_signs_the_same_intent(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    asked, objects = inside.ports.objects, []
    original = asked.put_once

    def fail(*arguments: Any) -> Any:
        objects.append(arguments[2])
        raise Unavailable("the object store does not answer")

    asked.put_once = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        request(inside, session, key)
    assert types(inside, emission["emission_id"])[-1] == "IssuePrepared"
    asked.put_once = original  # type: ignore[method-assign]
    request(inside, session, key)
    assert types(inside, emission["emission_id"])[-3:] == ["IssuePrepared", "CertificateIssued", "TermPrepared"]
    serial = reads.get_emission(inside.ports, inside.call(), emission)["certificate"]["serial"]
    assert asked.get("certificates", f"{emission['emission_id']}/{serial}.cer") == objects[0]


def test_a_crash_between_issue_and_term_goes_on_at_the_next_look(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    inside.terms.fail = True
    with pytest.raises(Unavailable):
        request(inside, session, key)
    assert types(inside, emission["emission_id"])[-1] == "CertificateIssued"
    term = issuing.get_term_to_sign(inside.ports, inside.call(HOLDER), {"holder_session": session["holder_session"]})
    assert sign(inside, session, signature_of(term, key))["step"] == "done"


def test_a_crash_between_the_signed_terms_bytes_and_its_event_leaves_one_signed_term(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    term = request(inside, session, key)
    append = inside.events.append

    def fail(*_: Any) -> Any:
        raise Unavailable("the event store does not answer")

    inside.events.append = fail  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        sign(inside, session, signature_of(term, key))
    inside.events.append = append  # type: ignore[method-assign]
    done = sign(inside, session, signature_of(term, key))
    content = inside.ports.objects.get(done["term"]["bucket"], done["term"]["key"])
    assert hashlib.sha256(content).hexdigest() == done["term"]["sha256"]
    again = sign(inside, session, signature_of(term, key))
    assert again["term"] == done["term"]


def test_another_key_replaces_the_withheld_certificate(inside: InProcess) -> None:
    emission = invited(inside)
    session = session_of(inside, emission)
    first, second = new_key(), new_key()
    old = request(inside, session, first)
    new = request(inside, session, second)
    assert new["certificate_serial"] != old["certificate_serial"]
    with pytest.raises(RefusedSubmission):
        sign(inside, session, signature_of(old, first))
    assert sign(inside, session, signature_of(new, second))["step"] == "done"
    assert [revocation.serial for revocation in inside.views.revocations()] == [old["certificate_serial"]]


def test_a_request_that_does_not_stand_is_noted(inside: InProcess) -> None:
    emission = invited(inside)
    session = session_of(inside, emission)
    with pytest.raises(RefusedSubmission) as refused:
        request(inside, {**session, "nonce": "of another session"}, new_key())
    assert refused.value.reason == "wrong_nonce"
    last = inside.events.read(emission["emission_id"])[-1].record
    assert (last.type, last.data["what"], last.data["reason"]) == ("SubmissionRefused", "certificate_request", "wrong_nonce")
    data = {"holder_session": session["holder_session"], "csr": "not base64!"}
    with pytest.raises(InvalidInput):
        issuing.request_certificate(inside.ports, inside.call(HOLDER), data)


def test_another_keys_signature_is_refused_before_the_document_is_touched(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    term = request(inside, session, key)
    with pytest.raises(RefusedSubmission):
        sign(inside, session, signature_of(term, new_key()))
    assert types(inside, emission["emission_id"])[-1] == "SubmissionRefused"
    assert sign(inside, session, signature_of(term, key))["step"] == "done"


def test_nothing_is_released_before_the_signature(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    term = request(inside, session, key)
    wanted = {"emission_id": emission["emission_id"], "kind": "certificate"}
    with pytest.raises(NotFound):
        reads.get_document(inside.ports, inside.call(), wanted)
    with pytest.raises(IllegalStep):
        issuing.get_holder_result(inside.ports, inside.call(HOLDER), {"holder_session": session["holder_session"]})
    signature = signature_of(term, key)
    done = sign(inside, session, signature)
    assert sign(inside, session, signature) == done
    chain = reads.get_document(inside.ports, inside.call(), {**wanted, "kind": "chain"})["text"]
    assert chain.count("BEGIN CERTIFICATE") == 3
    assert chain.startswith(done["certificate_pem"])


def test_a_person_blocked_meanwhile_gets_no_certificate(inside: InProcess) -> None:
    session = session_of(inside, invited(inside))
    inside.registrations.known["r-1"] = registration(block={"reason": "fraud", "since": START.isoformat()})
    with pytest.raises(PersonBlocked):
        request(inside, session, new_key())


def test_deadlines_survive_and_end_what_is_overdue(inside: InProcess) -> None:
    waiting = start(inside)
    inside.registrations.known["r-2"] = registration("r-2")
    assert expire_overdue(inside.ports) == 0
    inside.clock.forward(days=7)
    assert expire_overdue(inside.ports) == 1
    assert reads.get_emission(inside.ports, inside.call(), waiting)["state"] == "expired"
    assert expire_overdue(inside.ports) == 0


def test_an_unsigned_certificate_is_revoked_in_time(inside: InProcess) -> None:
    emission = invited(inside)
    term = request(inside, session_of(inside, emission), new_key())
    inside.clock.forward(hours=24)
    assert expire_overdue(inside.ports) == 1
    shown = reads.get_emission(inside.ports, inside.call(), emission)
    assert (shown["state"], shown["certificate"]["status"]) == ("expired", "revoked")
    assert [revocation.serial for revocation in inside.views.revocations()] == [term["certificate_serial"]]


def test_a_valid_certificate_is_shown_expired_after_three_years(inside: InProcess) -> None:
    emission = invited(inside)
    session, key = session_of(inside, emission), new_key()
    sign(inside, session, signature_of(request(inside, session, key), key))
    badge = {"person_id": emission["person_id"]}
    assert reads.get_person_certificate(inside.ports, inside.call(), badge)["valid"]
    inside.clock.forward(days=3 * 366)
    assert reads.get_emission(inside.ports, inside.call(), emission)["certificate"]["status"] == "expired"
    assert not reads.get_person_certificate(inside.ports, inside.call(), badge)["valid"]


def test_views_that_were_away_catch_up(inside: InProcess) -> None:
    inside.views.broken = True
    emission = start(inside)
    assert inside.views.find(_all()) == []
    inside.views.broken = False
    assert follow(inside.ports) == 1
    assert [one["emission_id"] for one in inside.views.find(_all())] == [emission["emission_id"]]


def test_a_link_is_found_though_the_view_lags(inside: InProcess) -> None:
    emission = invited(inside)
    token = token_of(inside, emission)
    inside.views.clear()
    assert holder.get_holder_link(inside.ports, inside.call(HOLDER), {"token": token})["step"] == "data"


def test_rebuilt_views_equal_the_live_ones(inside: InProcess) -> None:
    emission = invited(inside)
    old = emission["invitation"]["invitation_id"]
    clerk.invite_holder(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "channel": "sms"})
    live = inside.views.find(_all())
    assert rebuild(inside.ports) == len(inside.events.read(emission["emission_id"]))
    assert inside.views.find(_all()) == live
    assert inside.views.emission_by_key(old) == emission["emission_id"]


def test_a_lost_read_model_still_allows_one_open_emission(inside: InProcess) -> None:
    first = start(inside)
    inside.views.release(first["person_id"], first["office_id"], first["emission_id"])
    rebuild(inside.ports)
    with pytest.raises(AlreadyExists):
        start(inside)


def test_an_altered_history_is_reported_and_nothing_is_decided_on_it(inside: InProcess, tmp_path: Path) -> None:
    emission = start(inside)
    wanted = {"emission_id": emission["emission_id"], "up_to": None}
    history = reads.get_history(inside.ports, inside.call(), wanted)
    assert (history["intact"], history["broken_at"]) == (True, None)
    assert history["entries"][0]["actor"]["address"] == "127.0.0.1"
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        (state,) = connection.execute("SELECT state FROM stored_events").fetchone()
        connection.execute("UPDATE stored_events SET state=?", (bytes(state).replace("João".encode(), "José".encode()),))
    history = reads.get_history(inside.ports, inside.call(), wanted)
    assert (history["intact"], history["broken_at"]) == (False, 1)
    with pytest.raises(InternalFault):
        clerk.cancel_emission(inside.ports, inside.call(), {"emission_id": emission["emission_id"], "reason": "desistiu"})
    inside.views.clear()
    assert follow(inside.ports) == 1  # the altered one is left out, the follower goes on


def test_consumed_events_are_noted_once(inside: InProcess) -> None:
    emission_id = start(inside, mode="remote")["emission_id"]
    data = {"conference_id": "c-1", "emission_id": emission_id, "office_id": "123456"}
    opened = Envelope("event-1", "conference", "ConferenceOpened", "c-1", START, data)
    for _ in range(2):
        facts.note_conference(inside.ports, opened)
    assert types(inside, emission_id) == ["EmissionStarted", "ConferenceOpeningNoted"]
    stored = inside.events.read(emission_id)[-1].record
    assert (stored.cause, stored.actor["user_id"]) == ("event-1", "service:certification")
    with pytest.raises(NotFound):
        facts.note_conference(
            inside.ports, Envelope("x", "conference", "ConferenceOpened", "c", START, {**data, "emission_id": "no"})
        )


def test_a_failure_before_the_last_attempt_is_not_noted(inside: InProcess) -> None:
    emission = invited(inside)
    data = {
        "message_id": emission["invitation"]["invitation_id"],
        "emission_id": emission["emission_id"],
        "purpose": "invitation",
        "channel": "email",
        "attempts": 1,
        "reason": "refused",
        "final": False,
    }
    facts.note_delivery(inside.ports, Envelope("n-1", "notify", "NotificationFailed", "m", START, data))
    assert types(inside, emission["emission_id"])[-1] == "HolderInvited"
    facts.note_delivery(inside.ports, Envelope("n-2", "notify", "NotificationFailed", "m", START, {**data, "final": True}))
    shown = reads.get_emission(inside.ports, inside.call(), emission)["invitation"]
    assert (shown["delivery"], shown["delivery_reason"]) == ("failed", "refused")


def test_secrets_differ_by_purpose_and_need_length() -> None:
    secrets = Secrets(b"x" * 32)
    derived = {secrets.link_token("i"), secrets.session_token("i"), secrets.nonce("i"), secrets.code("i")}
    assert len(derived) == 4
    assert secrets.link_token("i") == Secrets(b"x" * 32).link_token("i")
    with pytest.raises(ValueError, match="32"):
        Secrets(b"short")


def test_three_years_from_a_leap_day() -> None:
    assert years_after(START.replace(year=2028, month=2, day=29), 3).isoformat() == "2031-02-28T12:00:00+00:00"


def _all() -> Any:
    from services.certification.application.ports import ListFilter

    return ListFilter()
