"""One emission in a test's hands: decisions are applied to it as the application does, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from services.certification.model import clerk, facts, holder, issue
from services.certification.model.evolve import evolve, replay
from services.certification.model.policy import Policy
from services.certification.model.state import Decided, EmissionState, Intent, Recorded, Session

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POLICY = Policy()
PERSON = clerk.Registration("p-1", "r-1", 1, "ab" * 32, "123456", "Maria S.", "***.982.247-**")
OWN = clerk.Clerk("clerk-1", "João", "123456", "1º Tabelionato")
OTHER = clerk.Clerk("clerk-2", "Ana", "654321", None)
YEARS = timedelta(days=1095)


class Aggregate:
    """State and history; ``apply`` appends what a decision wants and checks that a replay gives the same state."""

    def __init__(self) -> None:
        self.now = START
        self.state: EmissionState | None = None
        self.events: list[Recorded] = []
        self._numbers = count(1)

    @property
    def present(self) -> EmissionState:
        """The state of a started emission."""
        assert self.state is not None
        return self.state

    @property
    def names(self) -> list[str]:
        """The history's event names."""
        return [event.name for event in self.events]

    def number(self) -> int:
        """A number never given before."""
        return next(self._numbers)

    def apply(self, decided: Sequence[Decided], cause: str | None = None) -> list[str]:
        """Append; returns the names of the new events."""
        for event in decided:
            recorded = Recorded(len(self.events) + 1, event.name, self.now, event.data, cause)
            self.events.append(recorded)
            self.state = evolve(self.state, recorded)
        assert replay(self.events) == self.state
        return [event.name for event in decided]

    def start(self, mode: str = "remote", who: clerk.Clerk = OWN) -> list[str]:
        return self.apply(
            clerk.decide_start(
                self.state,
                emission_id="e-1",
                protocol="123456.2026.11.22.00000001-00",
                mode=mode,
                person=PERSON,
                clerk=who,
                due=self.now + POLICY.emission_life,
            )
        )

    def fact(self, name: str, conference: str = "c-1", recording: str | None = None, cause: str | None = None) -> list[str]:
        known = cause or f"event-{self.number()}"
        noted = facts.ConferenceFact(name, known, conference, self.now, recording)
        return self.apply(facts.decide_note_conference(self.state, noted), known)

    def video(self, recording: str = "g-1", conference: str = "c-1", reason: str | None = None) -> list[str]:
        known = f"event-{self.number()}"
        sha = None if reason else "12" * 32
        noted = facts.VideoFact(known, recording, conference, sha, sha, 60.0, reason)
        return self.apply(facts.decide_note_video(self.state, noted), known)

    def delivery(self, delivered: bool = True) -> list[str]:
        known = f"event-{self.number()}"
        message = self.present.invitation.invitation_id if self.present.invitation else "m"
        return self.apply(facts.decide_note_delivery(self.state, facts.DeliveryFact(known, message, delivered)), known)

    def recorded_conference(self, conference: str = "c-1", recording: str = "g-1") -> None:
        self.fact("ConferenceOpeningNoted", conference)
        self.fact("ConferenceStartNoted", conference)
        self.fact("RecordingStartNoted", conference, recording)
        self.fact("RecordingStopNoted", conference, recording)
        self.fact("ConferenceEndNoted", conference)

    def attest(self) -> list[str]:
        return self.apply(clerk.decide_attest(self.state, identity=True, capacity=True, free_will=True))

    def confirm(self, version: int = 1, current: int = 1) -> list[str]:
        decided = clerk.decide_confirm(self.state, seen_version=version, current_version=current, current_sha256="cd" * 32)
        return self.apply(decided)

    def invite(self) -> list[str]:
        number = self.number()
        message = holder.Message(f"i-{number}", "email", "m***@example.com")
        return self.apply(holder.decide_invite(self.state, message, link_sha256=f"link-{number}", now=self.now, policy=POLICY))

    @property
    def link(self) -> str:
        """The present link's hash."""
        assert self.present.invitation is not None
        return self.present.invitation.link_sha256

    def answer(self, right: bool = True, link: str | None = None) -> list[str]:
        code = holder.Message(f"code-{self.number()}", "sms", "*****-4321")
        decided = holder.decide_answer(self.state, link or self.link, matches=right, code=code, now=self.now, policy=POLICY)
        return self.apply(decided)

    def resend(self) -> list[str]:
        code = holder.Message(f"code-{self.number()}", "sms", "*****-4321")
        return self.apply(holder.decide_resend(self.state, self.link, code=code, now=self.now, policy=POLICY))

    def claim(self, right: bool = True, link: str | None = None) -> list[str]:
        used = link or self.link
        session = Session(f"of-{used}", f"session-{used}", "nonce", self.now + POLICY.session_life)
        return self.apply(holder.decide_claim(self.state, used, correct=right, session=session, now=self.now))

    def intent(self, key: str = "key-1") -> Intent:
        """An intent of a new serial."""
        return Intent(f"{self.number():032x}", key, "c3BraQ==", self.now, self.now + YEARS)

    def prepare(self, key: str = "key-1") -> list[str]:
        return self.apply(issue.decide_prepare_issue(self.present, self.intent(key)))

    def issue(self) -> list[str]:
        serial = self.present.intent.serial if self.present.intent else "none"
        decided = issue.decide_issue(self.present, serial, sha256="ef" * 32, issuer="CN=AC", now=self.now, policy=POLICY)
        return self.apply(decided)

    def prepare_term(self) -> list[str]:
        serial = self.present.certificate.serial if self.present.certificate else "none"
        decided = issue.decide_prepare_term(self.present, serial, document_sha256=f"doc-{serial}", document_digest="d")
        return self.apply(decided)

    def sign(self) -> list[str]:
        assert self.present.term is not None
        return self.apply(issue.decide_complete(self.present, self.present.term, issue.SignedTerm("ts", 9, self.now)))

    def expire(self) -> list[str]:
        return self.apply(clerk.decide_expire(self.state, now=self.now))

    def up_to(self, wanted: str) -> Aggregate:
        """Go the straight way to a state."""
        steps = (
            ("started", self.start),
            ("ended", self.recorded_conference),
            ("identified", self.attest),
            ("confirmed", self.confirm),
            ("dispatched", self.invite),
            ("matched", self.answer),
            ("verified", self.claim),
            ("prepared", self.prepare),
            ("withheld", self.issue),
            ("issued", self.prepare_term),
            ("completed", self.sign),
        )
        for name, step in steps:
            step()
            if name == wanted:
                return self
        raise LookupError(wanted)
