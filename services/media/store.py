"""Videos as documents. See :class:`services.media.application.Videos`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from chassis.clock import Clock, NewId
from chassis.documents import Change, DocumentStore
from chassis.envelopes import envelope
from contracts.envelope import Envelope
from contracts.media import SERVICE
from contracts.operation import EVENTS
from services.media.application import Trigger
from services.media.model.evidence import report_from
from services.media.model.progress import Progress
from services.media.model.video import Decision, Outcome, Stream, Video, VideoEvent


class DocumentVideos:
    """The store on MongoDB's wire: one document per recording."""

    def __init__(self, documents: DocumentStore, now: Clock, new_id: NewId) -> None:
        self._documents = documents
        self._now = now
        self._new_id = new_id

    def prepare(self) -> None:
        """Make the indexes."""
        self._documents.prepare(["emission_id", [("state", 1), ("instance", 1), ("tracks_removed", 1)]])

    def get(self, recording_id: str) -> Video | None:
        """See the port."""
        state = self._documents.get(recording_id)
        return _video(state) if state else None

    def of_emission(self, emission_id: str) -> Sequence[Video]:
        """See the port."""
        return sorted(self._found({"emission_id": emission_id}), key=lambda video: video.started_at, reverse=True)

    def unfinished(self, instance: str) -> Sequence[Video]:
        """See the port."""
        found = [*self._found(_of(instance, state="processing")), *self._found(_of(instance, state="recording"))]
        return sorted(found, key=lambda video: (video.state == "recording", video.due_at, video.started_at))

    def with_tracks_left(self, instance: str) -> Sequence[Video]:
        """See the port."""
        return self._found(_of(instance, state="done", tracks_removed=False))

    def change(self, recording_id: str, decide: Callable[[Video | None], Decision | None], trigger: Trigger) -> Video | None:
        """See the port."""
        stored: list[Video] = []

        def on_state(state: dict[str, Any] | None) -> Change | None:
            stored.clear()
            decision = decide(_video(state) if state else None)
            if decision is None:
                return None
            stored.append(decision.video)
            envelopes = [self._envelope(event, trigger) for event in decision.events]
            return Change(asdict(decision.video), envelopes)

        self._documents.change(recording_id, on_state, trigger.command_id)
        return stored[0] if stored else None

    def _found(self, query: dict[str, Any]) -> list[Video]:
        return [_video(state) for state in self._documents.find(query)]

    def _envelope(self, event: VideoEvent, trigger: Trigger) -> Envelope:
        kind = EVENTS[SERVICE, type(event).__name__]
        return envelope(
            kind,
            event.recording_id,
            asdict(event),
            event_id=self._new_id(),
            time=self._now(),
            emission_id=event.emission_id,
            cause=trigger.cause,
            actor=trigger.actor,
        )


def _of(instance: str, **query: Any) -> dict[str, Any]:
    """Recordings of an instance; documents from before there were several name none."""
    return {**query, "instance": instance or {"$in": ["", None]}}


def _video(state: dict[str, Any]) -> Video:
    known = {key: value for key, value in state.items() if key in Video.__slots__}
    outcome, stream, evidence = state["outcome"], state.get("stream"), state.get("evidence")
    progress = state.get("progress")
    read = {
        "outcome": Outcome(**outcome) if outcome else None,
        "stream": Stream(**stream) if stream else None,
        "evidence": report_from(evidence) if evidence else None,
        "progress": Progress(**progress) if progress else None,
    }
    return Video(**{**known, **read})
