"""Conferences as documents. See :class:`services.conference.application.ports.Conferences`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.clock import Clock, NewId
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.conference import SERVICE
from contracts.envelope import Envelope
from contracts.operation import EVENTS
from services.conference.application.ports import Decide, Trigger
from services.conference.model.conference import Conference
from services.conference.model.events import ConferenceEvent
from services.conference.model.people import Admission, DocumentPicture, Participant, PictureFacts, Tick


class DocumentConferences:
    """The store on MongoDB's wire: one document per conference, and one small one per ended emission."""

    def __init__(self, conferences: DocumentStore, endings: DocumentStore, now: Clock, new_id: NewId) -> None:
        self._conferences = conferences
        self._endings = endings
        self._now = now
        self._new_id = new_id

    def prepare(self) -> None:
        """Make the indexes."""
        self._conferences.prepare(["emission_id", "unfinished", "recording"])

    def get(self, conference_id: str) -> Conference | None:
        """See the port."""
        state = self._conferences.get(conference_id)
        return _conference(state) if state else None

    def of_emission(self, emission_id: str) -> Sequence[Conference]:
        """See the port."""
        found = self._found({"emission_id": emission_id})
        return sorted(found, key=lambda conference: (conference.asked_at, conference.opened_at), reverse=True)

    def unfinished(self) -> Sequence[Conference]:
        """See the port."""
        return self._found({"unfinished": True})

    def awaiting_media(self) -> Sequence[Conference]:
        """See the port."""
        return [conference for conference in self._found({"recording": "requested"}) if conference.live]

    def change(self, conference_id: str, decide: Decide, trigger: Trigger, reply: Any = None) -> Any:
        """See the port."""

        def on_state(state: dict[str, Any] | None) -> Change | None:
            decision = decide(_conference(state) if state else None)
            if decision is None:
                return None
            envelopes = [self._envelope(event, trigger) for event in decision.events]
            return Change(_state(decision.conference), envelopes, reply)

        return self._conferences.change(conference_id, on_state, trigger.command_id)

    def note_ending(self, emission_id: str, at: datetime) -> None:
        """See the port."""

        def later(state: dict[str, Any] | None) -> Change | None:
            if state and state["at"] >= at:
                return None
            return Change({"at": at})

        self._endings.change(emission_id, later)

    def ending(self, emission_id: str) -> datetime | None:
        """See the port."""
        state = self._endings.get(emission_id)
        return state["at"] if state else None

    def _found(self, query: dict[str, Any]) -> list[Conference]:
        return [_conference(state) for state in self._conferences.find(query)]

    def _envelope(self, event: ConferenceEvent, trigger: Trigger) -> Envelope:
        kind = EVENTS[SERVICE, type(event).__name__]
        return envelope(
            kind,
            event.conference_id,
            asdict(event),
            event_id=self._new_id(),
            time=self._now(),
            emission_id=event.emission_id,
            cause=trigger.cause,
            actor=trigger.actor,
        )


def _state(conference: Conference) -> dict[str, Any]:
    state = asdict(conference)
    state["participants"] = list(state["participants"])
    state["checklist"] = list(state["checklist"])
    state["admissions"] = list(state["admissions"])
    state["pictures"] = list(state["pictures"])
    state["unfinished"] = conference.live or conference.closing
    return state


def _conference(state: dict[str, Any]) -> Conference:
    known = {key: value for key, value in state.items() if key in Conference.__slots__}
    participants = tuple(Participant(**raw) for raw in state["participants"])
    checklist = tuple(Tick(**raw) for raw in state.get("checklist", ()))
    admissions = tuple(Admission(**raw) for raw in state.get("admissions", ()))
    listed = {"participants": participants, "checklist": checklist, "admissions": admissions}
    return Conference(**{**known, **listed, "pictures": tuple(map(_picture, state.get("pictures", ())))})


def _picture(raw: dict[str, Any]) -> DocumentPicture:
    facts = raw["facts"]
    return DocumentPicture(**{**raw, "facts": PictureFacts(**facts) if facts else None})
