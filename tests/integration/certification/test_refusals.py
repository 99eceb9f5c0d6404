"""What the running service refuses: wrong answers, faulty submissions, races, other offices, bad input."""

from __future__ import annotations

import base64
import threading
from datetime import date
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.clock import new_id
from contracts import certification
from contracts.errors import (
    AlreadyExists,
    Forbidden,
    IllegalStep,
    InvalidInput,
    LinkUnusable,
    Locked,
    NotFound,
    PersonBlocked,
    RefusedSubmission,
    StaleVersion,
    TitularError,
    WrongAnswer,
)
from tests.integration.certification.conftest import CLERK, COLLEAGUE, STRANGER, World
from tests.support.holder import HOLDER, ScriptedHolder, new_key, request_of, sign
from tests.support.registry import registration

pytestmark = pytest.mark.integration


def test_a_remote_emission_waits_for_its_recorded_conference(world: World) -> None:
    emission_id = world.start()["emission_id"]
    with pytest.raises(IllegalStep) as refused:
        world.attest(emission_id)
    assert refused.value.details["state"] == "started"
    assert "refuse_emission" in refused.value.details["allowed"]


def test_a_blocked_an_incomplete_and_an_unknown_registration_start_nothing(world: World) -> None:
    blocked = world.person(block={"reason": "death", "since": "2026-01-01T00:00:00+00:00"})
    with pytest.raises(PersonBlocked) as refused:
        world.start(blocked)
    assert refused.value.reason == "death"
    with pytest.raises(InvalidInput) as invalid:
        world.start(world.person(missing_for_remote=["mobile"]))
    assert invalid.value.problems == [{"field": "mobile", "reason": "missing"}]
    with pytest.raises(NotFound):
        world.start("nobody")


def test_a_faulty_question_names_its_fields(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        world.ask.raw(certification.START_EMISSION, {"mode": "by post"}, CLERK)
    assert {problem["field"] for problem in refused.value.problems} == {"registration_id", "mode"}


def test_another_office_and_the_wrong_role_are_kept_out(world: World) -> None:
    emission_id = world.start()["emission_id"]
    with pytest.raises(Forbidden):
        world.clerk(certification.CANCEL_EMISSION, actor=STRANGER, emission_id=emission_id, reason="porque sim")
    with pytest.raises(Forbidden):
        world.ask(certification.GET_OUTGOING_MESSAGE, {"message_id": "m"}, actor=CLERK)
    with pytest.raises(Forbidden):
        world.ask(certification.GET_EMISSION, {"emission_id": emission_id}, actor=HOLDER)


def test_two_clerks_who_start_at_once_get_one_emission(world: World) -> None:
    registration_id = world.person()
    results: list[str] = []
    barrier = threading.Barrier(2)

    def start(actor: Any) -> None:
        barrier.wait()
        try:
            results.append(world.start(registration_id, actor=actor)["emission_id"])
        except AlreadyExists as error:
            results.append(error.details["emission_id"])

    threads = [threading.Thread(target=start, args=(actor,)) for actor in (CLERK, COLLEAGUE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    assert len(set(results)) == 1
    assert world.emission(results[0])["state"] == "started"


def test_of_two_clerks_who_decide_at_once_one_wins(world: World) -> None:
    emission_id = world.start()["emission_id"]
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def decide(operation: Any) -> None:
        barrier.wait()
        try:
            outcomes.append(world.clerk(operation, emission_id=emission_id, reason="ao mesmo tempo")["state"])
        except IllegalStep as error:
            outcomes.append(f"refused in {error.details['state']}")

    operations = (certification.REFUSE_EMISSION, certification.CANCEL_EMISSION)
    threads = [threading.Thread(target=decide, args=(operation,)) for operation in operations]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    final = world.emission(emission_id)["state"]
    assert sorted(outcomes) == sorted([final, f"refused in {final}"])


def test_a_repeated_command_answers_the_same_and_changes_nothing(world: World) -> None:
    registration_id, command_id = world.person(), new_id()
    first = world.start(registration_id, command_id=command_id)
    again = world.start(registration_id, command_id=command_id)
    assert again == first
    assert world.types(first["emission_id"]) == ["EmissionStarted"]


def test_a_registration_changed_meanwhile_must_be_seen_first(world: World) -> None:
    registration_id = world.person()
    emission_id = world.start(registration_id, mode="in_person")["emission_id"]
    world.attest(emission_id)
    world.registrations.put(registration(registration_id, version=2, current_version=2))
    with pytest.raises(StaleVersion) as refused:
        world.clerk(certification.CONFIRM_DATA, emission_id=emission_id, registration_version=1)
    assert refused.value.details == {"expected": 1, "actual": 2}


def test_wrong_personal_data_lock_the_link_and_the_clerk_sends_another(world: World) -> None:
    invited = world.invited(mode="in_person")
    emission_id = invited["emission_id"]
    holder = ScriptedHolder(world.ask)
    holder.open_link(invited["invitation"]["invitation_id"])
    for left in (2, 1):
        with pytest.raises(WrongAnswer) as refused:
            holder.answer(birth_date=date(1985, 3, 8))
        assert refused.value.details["tries_left"] == left
    with pytest.raises(Locked):
        holder.answer(cpf="111.444.777-35")
    with pytest.raises(Locked):
        holder.answer()
    assert world.emission(emission_id)["invitation"]["locked"]
    again = world.clerk(certification.INVITE_HOLDER, emission_id=emission_id, channel="sms")
    with pytest.raises(LinkUnusable) as superseded:
        holder.look()
    assert superseded.value.reason == "superseded"
    world.holder(again).complete()
    assert world.emission(emission_id)["state"] == "completed"


def test_wrong_codes_lock_and_an_old_code_stops_counting_after_a_resend(world: World) -> None:
    invited = world.invited(mode="in_person")
    emission_id = invited["emission_id"]
    holder = ScriptedHolder(world.ask)
    holder.open_link(invited["invitation"]["invitation_id"])
    holder.answer()
    first = holder.message(world.last_code(emission_id))["code"]
    assert holder.resend()["sends_left"] == 1
    second = holder.message(world.last_code(emission_id))["code"]
    wrong = next(code for code in (first, "000000", "000001") if code != second)
    for _ in range(4):
        with pytest.raises(WrongAnswer):
            holder.type_code(wrong)
    with pytest.raises(Locked):
        holder.type_code(wrong)
    with pytest.raises(Locked):
        holder.type_code(second)


def test_twenty_claims_at_once_make_one_session(world: World) -> None:
    invited = world.invited(mode="in_person")
    holder = ScriptedHolder(world.ask)
    holder.open_link(invited["invitation"]["invitation_id"])
    holder.answer()
    code = holder.message(world.last_code(invited["emission_id"]))["code"]
    words = holder.words()
    outcomes: list[str] = []

    def claim() -> None:
        try:
            data = {"token": holder.token, "code": code, "words": words}
            outcomes.append(world.ask(certification.VERIFY_HOLDER_CODE, data, actor=HOLDER)["holder_session"])
        except LinkUnusable as error:
            outcomes.append(str(error.reason))

    threads = [threading.Thread(target=claim) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("used") == 19
    assert world.types(invited["emission_id"]).count("HolderVerified") == 1


def test_faulty_requests_are_refused_noted_and_do_not_end_the_way(world: World) -> None:
    invited = world.invited(mode="in_person")
    emission_id = invited["emission_id"]
    holder = world.holder(invited)
    faulty = {
        "not_a_request": b"no request at all",
        "wrong_nonce": request_of(holder.key, "of somebody else"),
        "wrong_key": request_of(ec.generate_private_key(ec.SECP384R1()), holder.nonce),
    }
    for reason, csr in faulty.items():
        with pytest.raises(RefusedSubmission) as refused:
            holder.request(csr)
        assert refused.value.reason == reason
    noted = [entry["data"]["reason"] for entry in world.history(emission_id)["entries"] if entry["type"] == "SubmissionRefused"]
    assert noted == list(faulty)
    term = holder.request()
    with pytest.raises(RefusedSubmission):
        holder.send_signature(sign(term, new_key()))
    with pytest.raises(InvalidInput):
        holder.send_signature("*")
    assert world.emission(emission_id)["certificate"]["status"] == "withheld"
    assert holder.sign(term)["step"] == "done"


def test_requests_at_once_with_one_key_give_one_certificate(world: World) -> None:
    invited = world.invited(mode="in_person")
    holder = world.holder(invited)
    csr = base64.b64encode(request_of(holder.key, holder.nonce)).decode()
    serials: list[str] = []

    def request() -> None:
        data = {"holder_session": holder.session, "csr": csr}
        serials.append(world.ask(certification.REQUEST_CERTIFICATE, data, actor=HOLDER)["certificate_serial"])

    threads = [threading.Thread(target=request) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(serials) == 6
    assert len(set(serials)) == 1
    assert world.types(invited["emission_id"]).count("CertificateIssued") == 1
    assert world.types(invited["emission_id"]).count("TermPrepared") == 1


def test_another_key_supersedes_the_withheld_certificate(world: World) -> None:
    invited = world.invited(mode="in_person")
    holder = world.holder(invited)
    old = holder.request()
    holder.key = new_key()
    new = holder.request()
    assert new["certificate_serial"] != old["certificate_serial"]
    holder.sign(new)
    types = world.types(invited["emission_id"])
    assert types.count("CertificateRevoked") == 1
    assert world.emission(invited["emission_id"])["certificate"]["serial"] == new["certificate_serial"]


def test_a_session_ends_when_the_clerk_sends_a_newer_link(world: World) -> None:
    invited = world.invited(mode="in_person")
    holder = world.holder(invited)
    world.clerk(certification.INVITE_HOLDER, emission_id=invited["emission_id"], channel="email")
    with pytest.raises(LinkUnusable) as refused:
        holder.request()
    assert refused.value.reason == "superseded"


def test_an_inconclusive_meeting_is_retried(world: World) -> None:
    emission_id = world.start()["emission_id"]
    first, second = (f"c-{new_id()}" for _ in range(2))
    world.conference(emission_id, first, f"g-{first}")
    world.attestable(emission_id)
    world.clerk(certification.MARK_INCONCLUSIVE, emission_id=emission_id, reason="sem som")
    retried = world.clerk(certification.RETRY_IDENTIFICATION, emission_id=emission_id)
    assert (retried["state"], retried["conference"]) == ("started", "none")
    with pytest.raises(TitularError):
        world.attest(emission_id)
    world.conference(emission_id, second, f"g-{second}")
    assert world.attestable(emission_id)["conference_id"] == second
    assert world.attest(emission_id)["state"] == "identified"
