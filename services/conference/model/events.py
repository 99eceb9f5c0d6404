"""What happened in a conference; published under these names with these keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ConferenceEvent:
    """Every event says which conference, of which emission, of which office."""

    conference_id: str
    emission_id: str
    office_id: str


@dataclass(frozen=True, slots=True)
class ConferenceOpened(ConferenceEvent):
    """There is a room, and the holder's link leads to it."""


@dataclass(frozen=True, slots=True)
class ConferenceStarted(ConferenceEvent):
    """The clerk started the conference: the holder may come in."""


@dataclass(frozen=True, slots=True)
class ParticipantJoined(ConferenceEvent):
    """Somebody is in the room."""

    participant_id: str
    role: str


@dataclass(frozen=True, slots=True)
class ParticipantLeft(ConferenceEvent):
    """Somebody is no longer in the room."""

    participant_id: str
    role: str


@dataclass(frozen=True, slots=True)
class AdmissionRequested(ConferenceEvent):
    """A browser with the join link asks to come in."""

    admission_id: str


@dataclass(frozen=True, slots=True)
class ParticipantAdmitted(ConferenceEvent):
    """The clerk lets it in; an admission that was still good, ``replaced``, ends."""

    admission_id: str
    replaced: str | None


@dataclass(frozen=True, slots=True)
class AdmissionRefused(ConferenceEvent):
    """The clerk does not let it in."""

    admission_id: str


@dataclass(frozen=True, slots=True)
class ParticipantEjected(ConferenceEvent):
    """The clerk sent the holder out of the room."""

    admission_id: str


@dataclass(frozen=True, slots=True)
class RecordingRequested(ConferenceEvent):
    """The clerk asked for the recording; nothing is on disk yet."""


@dataclass(frozen=True, slots=True)
class RecordingStarted(ConferenceEvent):
    """Media is on disk; ``tracks`` is the folder of its files, written by the SFU's ``instance``."""

    recording_id: str
    started_at: datetime
    tracks: str
    instance: str


@dataclass(frozen=True, slots=True)
class ChecklistItemTicked(ConferenceEvent):
    """The clerk saw and heard it: this is the moment in the recording."""

    recording_id: str
    item: str


@dataclass(frozen=True, slots=True)
class ChecklistItemCleared(ConferenceEvent):
    """The clerk took the tick back."""

    recording_id: str
    item: str


@dataclass(frozen=True, slots=True)
class DocumentPictureRequested(ConferenceEvent):
    """The clerk asked for a picture of the identity document."""

    picture_id: str
    recording_id: str


@dataclass(frozen=True, slots=True)
class DocumentPictureWithdrawn(ConferenceEvent):
    """It is not wanted any more, or did not please."""

    picture_id: str
    recording_id: str


@dataclass(frozen=True, slots=True)
class DocumentPictureTaken(ConferenceEvent):
    """The participant's camera took it, at a moment of the recording."""

    picture_id: str
    recording_id: str
    participant_id: str
    taken_at: datetime
    content_type: str
    size: int
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DocumentPictureAccepted(DocumentPictureTaken):
    """The clerk accepted it into the registration."""

    attachment_id: str


@dataclass(frozen=True, slots=True)
class RecordingStopped(ConferenceEvent):
    """The recorder closed its files."""

    recording_id: str
    started_at: datetime
    tracks: str
    instance: str
    stopped_at: datetime
    participants: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class AbandonmentWarned(ConferenceEvent):
    """The empty room will soon close by itself."""

    closes_at: datetime


@dataclass(frozen=True, slots=True)
class ConferenceEnded(ConferenceEvent):
    """The room is gone; ``reason`` says why, ``recorded`` whether there is a recording."""

    reason: str
    recorded: bool
