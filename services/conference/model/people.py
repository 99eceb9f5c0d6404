"""Who is in a conference's room, who asks to come in, what was ticked, and which pictures were asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["clerk", "holder"]
Purpose = Literal["camera", "screen"]
AdmissionState = Literal["waiting", "admitted", "refused", "ejected", "replaced"]
PictureState = Literal["wanted", "taken", "accepted", "declined", "withdrawn"]
SCREEN_SUFFIX = "-screen"


@dataclass(frozen=True, slots=True)
class Participant:
    """One stay of one person, or a screen that it shares. ``dismissed``: left or was sent away, and its id is spent.

    ``admission_id``: by which admission a holder came in.
    """

    participant_id: str
    role: Role
    display_name: str
    purpose: Purpose = "camera"
    present: bool = False
    joined_at: datetime | None = None
    left_at: datetime | None = None
    dismissed: bool = False
    admission_id: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """One browser that asked to come in by the join link, and what the clerk decided. See ``admission.py``."""

    admission_id: str
    display_name: str
    asked_at: datetime
    state: AdmissionState = "waiting"
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Where a picture's bytes lie and what they are: ``size`` in bytes, ``width`` and ``height`` in pixels."""

    bucket: str
    key: str
    content_type: str
    size: int
    sha256: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class DocumentPicture:
    """A picture of the identity document, asked of the holder with that admission. See ``document_picture.py``."""

    picture_id: str
    admission_id: str
    asked_at: datetime
    state: PictureState = "wanted"
    taken_at: datetime | None = None
    participant_id: str | None = None
    facts: PictureFacts | None = None
    decided_at: datetime | None = None
    attachment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """An item of the checklist, ticked ``at`` a moment of the recording."""

    item: str
    at: datetime
