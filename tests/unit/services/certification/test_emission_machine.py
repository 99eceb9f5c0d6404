"""Any sequence of commands, facts and waits: no illegal state, a replay equals the live state, one valid certificate at most."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.certification import CONFERENCE_STATES, STATES, VIDEO_STATES
from contracts.errors import TitularError
from services.certification.model import clerk
from services.certification.model.state import CLOSED
from tests.unit.services.certification.aggregate import Aggregate

FACTS = ("ConferenceOpeningNoted", "ConferenceStartNoted", "RecordingStartNoted", "RecordingStopNoted", "ConferenceEndNoted")
refusable = contextlib.suppress(TitularError)


class EmissionMachine(RuleBasedStateMachine):
    """Rules try everything at any time; what is refused must leave no trace."""

    def __init__(self) -> None:
        super().__init__()
        self.emission = Aggregate()

    @initialize(mode=st.sampled_from(["remote", "in_person"]))
    def start(self, mode: str) -> None:
        self.emission.start(mode)

    @rule(minutes=st.sampled_from([1, 11, 60 * 3, 60 * 25]))
    def wait(self, minutes: int) -> None:
        self.emission.now += timedelta(minutes=minutes)

    @rule(name=st.sampled_from(FACTS), conference=st.sampled_from(["c-1", "c-2"]))
    def fact(self, name: str, conference: str) -> None:
        self.emission.fact(name, conference, f"g-{conference}" if "Recording" in name else None)

    @rule()
    def conference(self) -> None:
        number = self.emission.number()
        self.emission.recorded_conference(f"c-{number}", f"g-{number}")

    @rule(failed=st.booleans(), conference=st.sampled_from(["c-1", "c-2"]))
    def video(self, failed: bool, conference: str) -> None:
        self.emission.video(f"g-{conference}", conference, "broken" if failed else None)

    @rule()
    def attest(self) -> None:
        with refusable:
            self.emission.attest()

    @rule(version=st.integers(1, 2), current=st.integers(1, 2))
    def confirm(self, version: int, current: int) -> None:
        with refusable:
            self.emission.confirm(version, current)

    @rule(command=st.sampled_from(["refuse", "inconclusive", "cancel"]), chance=st.integers(0, 5))
    def end(self, command: str, chance: int) -> None:
        if chance:  # seldom, so that most runs get somewhere
            return
        decide = {"refuse": clerk.decide_refuse, "inconclusive": clerk.decide_inconclusive, "cancel": clerk.decide_cancel}
        with refusable:
            self.emission.apply(decide[command](self.emission.state, reason="por um motivo"))

    @rule()
    def retry(self) -> None:
        with refusable:
            self.emission.apply(clerk.decide_retry(self.emission.state))

    @rule()
    def invite(self) -> None:
        with refusable:
            self.emission.invite()

    @precondition(lambda self: self.emission.present.invitation is not None)
    @rule(right=st.booleans())
    def answer(self, right: bool) -> None:
        with refusable:
            self.emission.answer(right)

    @precondition(lambda self: self.emission.present.invitation is not None)
    @rule()
    def resend(self) -> None:
        with refusable:
            self.emission.resend()

    @precondition(lambda self: self.emission.present.invitation is not None)
    @rule(right=st.booleans())
    def claim(self, right: bool) -> None:
        with refusable:
            self.emission.claim(right)

    @precondition(lambda self: self.emission.present.session is not None)
    @rule(key=st.sampled_from(["key-1", "key-2"]))
    def prepare(self, key: str) -> None:
        with refusable:
            self.emission.prepare(key)

    @rule()
    def issue(self) -> None:
        self.emission.issue()

    @rule()
    def prepare_term(self) -> None:
        self.emission.prepare_term()

    @precondition(lambda self: self.emission.present.term is not None)
    @rule()
    def sign(self) -> None:
        with refusable:
            self.emission.sign()

    @rule()
    def expire(self) -> None:
        self.emission.expire()

    @rule()
    def revoke(self) -> None:
        with refusable:
            self.emission.apply(clerk.decide_revoke(self.emission.state, reason="unspecified"))

    @rule(steps=st.integers(1, 6))
    def go_on(self, steps: int) -> None:
        """The next steps of the straight way, so that runs reach the end often."""
        for _ in range(steps):
            self._go_on()

    def _go_on(self) -> None:
        present = self.emission.present
        ways = {
            "started": (self.emission.attest,) if present.identifiable else (self.conference,),
            "identified": (self.emission.confirm,),
            "confirmed": (self.emission.invite,),
            "dispatched": (self.emission.answer, self.emission.claim),
            "verified": (self.emission.prepare, self.emission.issue, self.emission.prepare_term),
            "issued": (self.emission.prepare_term, self.sign if present.term else self.issue),
        }
        for step in ways.get(present.state, ()):
            with refusable:
                step()

    @invariant()
    def states_are_known(self) -> None:
        if self.emission.state is None:
            return
        present = self.emission.present
        assert present.state in STATES
        assert present.conference_state in CONFERENCE_STATES
        assert present.video_state in VIDEO_STATES
        assert present.version == len(self.emission.events)
        assert (present.deadline is not None) == (present.open or present.state == "inconclusive")

    @invariant()
    def one_certificate_at_most(self) -> None:
        """By the events alone: what was issued and not revoked is one at most, and it is the one that the state names."""
        if self.emission.state is None:
            return
        serials = {event.data["serial"] for event in self.emission.events if event.name == "CertificateIssued"}
        prepared = {event.data["serial"] for event in self.emission.events if event.name == "IssuePrepared"}
        revoked = {event.data["serial"] for event in self.emission.events if event.name == "CertificateRevoked"}
        unrevoked = serials - revoked
        assert len(unrevoked) <= 1
        present = self.emission.present
        named = {present.certificate.serial} if present.certificate and present.certificate.status != "revoked" else set()
        assert unrevoked == named
        assert revoked == {revocation.serial for revocation in present.revocations}
        if present.state in CLOSED:
            assert not unrevoked
            assert prepared <= revoked
        if present.state == "completed":
            assert len(unrevoked) == 1
            assert present.term is not None
            assert present.term.serial in unrevoked

    @invariant()
    def identification_rests_on_a_recording(self) -> None:
        names = self.emission.names
        if "IdentificationAttested" in names and self.emission.present.mode == "remote":
            before = names[: names.index("IdentificationAttested")]
            assert "ConferenceEndNoted" in before
            assert {"RecordingStartNoted", "RecordingStopNoted", "VideoNoted", "VideoFailureNoted"} & set(before)


EmissionMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=45, deadline=None, derandomize=True)
TestEmissionMachine = EmissionMachine.TestCase
