"""What must hold of the stores and of what was received, whatever happened."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from chassis.stored_events import Stored, first_broken
from contracts.certification import AUTHORITY_STREAMS
from contracts.operation import EVENTS
from services.certification.application.views import view_of
from services.certification.model.evolve import replay
from services.certification.model.state import Recorded
from tests.faults.emission import Story
from tests.faults.receiver import Receiver
from tests.faults.stores import Stores
from tests.faults.tap import Tap
from tests.faults.target import Target

Kind = Literal["lost", "doubled", "stuck", "left behind", "wrong"]
NOTED = {
    "ConferenceOpened": "ConferenceOpeningNoted",
    "ConferenceStarted": "ConferenceStartNoted",
    "ParticipantAdmitted": "ParticipantAdmissionNoted",
    "ParticipantEjected": "ParticipantEjectionNoted",
    "RecordingStarted": "RecordingStartNoted",
    "RecordingStopped": "RecordingStopNoted",
    "ChecklistItemTicked": "ChecklistTickNoted",
    "AbandonmentWarned": "AbandonmentWarningNoted",
    "DocumentPictureAccepted": "DocumentPictureNoted",
    "ChecklistItemCleared": "ChecklistClearingNoted",
    "ConferenceEnded": "ConferenceEndNoted",
    "VideoProcessed": "VideoNoted",
    "VideoFailed": "VideoFailureNoted",
    "NotificationDelivered": "DeliveryNoted",
}
MET = (
    *("ConferenceOpeningNoted", "ConferenceStartNoted", "RecordingStartNoted"),
    *("RecordingStopNoted", "ConferenceEndNoted", "VideoNoted"),
)
CERTIFIED = (
    *("IdentificationAttested", "DataConfirmed", "HolderInvited", "HolderDataMatched", "CodeSent", "HolderVerified"),
    *("IssuePrepared", "CertificateIssued", "TermPrepared", "TermSigned", "EmissionCompleted"),
)
ALLOWED_DRIFT_SECONDS = 1.0
SIGNED_TERM = re.compile(r"/signed/[0-9a-f]{64}\.pdf$")
"""As it was signed; its long-term forms have a number."""
NOT_SHOWN = frozenset({"_id", "kept"})
"""What the read model keeps in a view for itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be; ``emission_id`` where it concerns one emission."""

    kind: Kind
    text: str
    emission_id: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is looked at."""

    target: Target
    stores: Stores
    tap: Tap
    receiver: Receiver
    stories: list[Story]
    corrupted: int


Check = Callable[[Evidence, dict[str, list[Stored]]], Iterator[Finding]]


def check_all(evidence: Evidence) -> list[Finding]:
    """Every invariant."""
    streams: dict[str, list[Stored]] = defaultdict(list)
    for event in evidence.stores.all_events():
        streams[event.stream_id].append(event)
    uses = {stream: events for stream, events in streams.items() if stream.startswith(AUTHORITY_STREAMS)}
    histories = {stream: events for stream, events in streams.items() if stream not in uses}
    found: list[Finding] = []
    for check in OF_ALL_STREAMS:
        found += check(evidence, streams)
    for check in CHECKS:
        found += check(evidence, histories)
    return [*found, *signatures_recorded(histories, uses)]


def _names(events: list[Stored]) -> Counter[str]:
    return Counter(event.record.type for event in events)


def accepted_commands(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Each command that was accepted is in its history once."""
    known = {story.emission_id for story in evidence.stories}
    for stray in histories.keys() - known:
        yield Finding("doubled", f"emission {stray} was started by nobody")
    for story in evidence.stories:
        if not story.told:
            yield Finding("stuck", f"emission {story.number} ({story.mode}, {story.state}): {story.trouble}", story.emission_id)
            continue
        yield from _once(story, histories[story.emission_id])


def _once(story: Story, events: list[Stored]) -> Iterator[Finding]:
    names = _names(events)
    expected: dict[str, int] = {"EmissionStarted": 1}
    if story.ending == "completed":
        expected |= dict.fromkeys(CERTIFIED, 1) | {"DeliveryNoted": 2, "CodeMismatched": int(story.wrong_code)}
    else:
        expected |= {"EmissionRefused" if story.ending == "refused" else "EmissionCancelled": 1}
    if story.mode == "remote":
        expected |= dict.fromkeys(MET, 1)
    for name, count in expected.items():
        if names[name] != count:
            kind: Kind = "lost" if names[name] < count else "doubled"
            yield Finding(kind, f"emission {story.number}: {names[name]} {name} instead of {count}", story.emission_id)


def intact_histories(_evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Every chain of hashes stands."""
    for stream, events in histories.items():
        broken = first_broken(stream, events)
        if broken:
            yield Finding("wrong", f"the history of {stream} is broken at {broken}")


def published(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Every stored event was published. What the product records at its first start is published before the tap is there."""
    seen = evidence.tap.times()
    emissions = (events[0] for stream, events in histories.items() if not stream.startswith(AUTHORITY_STREAMS))
    begun = min((event.record.time for event in emissions), default=datetime.max.replace(tzinfo=UTC))
    for events in histories.values():
        for event in events:
            if not seen[event.id] and event.record.time >= begun:
                yield Finding("lost", f"{event.record.type} of {event.stream_id} was never published", event.stream_id)
    for name, count in evidence.stores.unsent().items():
        yield Finding("left behind", f"{count} events wait in the outbox of {name}")


def noted_once(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Every fact of another service is in the emission's history once."""
    causes = Counter((event.record.type, event.record.cause) for events in histories.values() for event in events)
    for event in evidence.tap.events().values():
        if event.type not in NOTED:
            continue
        times = causes[NOTED[event.type], event.id]
        if times != 1:
            text = f"{event.type} {event.id} of {event.emission_id} was noted {times} times"
            yield Finding("lost" if times == 0 else "doubled", text, event.emission_id or "")


def one_conference(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """A remote emission has one conference, over when the emission is; one at the counter has none."""
    by_emission = Counter(one["emission_id"] for one in evidence.stores.documents("conference", "conferences"))
    modes = {stream: events[0].record.data["mode"] for stream, events in histories.items()}
    for emission_id, mode in modes.items():
        expected = 1 if mode == "remote" else 0
        if by_emission[emission_id] != expected:
            kind: Kind = "lost" if by_emission[emission_id] < expected else "doubled"
            yield Finding(kind, f"emission {emission_id} has {by_emission[emission_id]} conferences", emission_id)
    for one in evidence.stores.documents("conference", "conferences"):
        if one["state"] in ("open", "started") or one["closing"]:
            yield Finding("stuck", f"conference of {one['emission_id']} is {one['state']}, closing: {one['closing']}")


def one_message(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Each message that was asked for was sent, and received once."""
    kept = Counter(one["_id"] for one in evidence.stores.documents("notify", "messages") if one["state"] == "delivered")
    for events in histories.values():
        for event in events:
            if event.record.type in ("HolderInvited", "CodeSent"):
                message_id = event.record.data.get("invitation_id") or event.record.data.get("code_id")
                if not kept[message_id]:
                    yield Finding("lost", f"message {message_id} of {event.stream_id} was not delivered", event.stream_id)
    for story in evidence.stories:
        if story.ending != "completed" or not story.told:
            continue
        for address in (story.person.email, f"{story.person.mobile}@sms.localhost"):
            received = evidence.receiver.to(address)
            if len(received) != 1:
                kind: Kind = "lost" if not received else "doubled"
                yield Finding(kind, f"{len(received)} messages to the holder of emission {story.number}", story.emission_id)


def one_certificate(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """A completed emission has one valid certificate and one signed term, kept; no other has any."""
    kept = Counter(key.split("/")[0] for key in evidence.stores.objects_of("certificates"))
    terms = Counter(key.split("/")[0] for key in evidence.stores.objects_of("terms") if SIGNED_TERM.search(key))
    for stream, events in histories.items():
        completed = _names(events)["EmissionCompleted"]
        for what, count in (("certificates", kept[stream]), ("signed terms", terms[stream])):
            if count != completed:
                kind: Kind = "lost" if count < completed else "doubled"
                yield Finding(kind, f"emission {stream} has {count} {what} instead of {completed}", stream)
        state = replay(map(_recorded, events))
        if state and state.certificate and (state.certificate.status == "valid") != bool(completed):
            yield Finding("wrong", f"the certificate of {stream} is {state.certificate.status}")


def one_video(evidence: Evidence, _histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Every recording became one video that holds every packet that was on disk."""
    videos = {one["emission_id"]: one for one in evidence.stores.documents("media", "videos")}
    for story in evidence.stories:
        if story.mode != "remote" or not story.packets:
            continue
        video = videos.get(story.emission_id)
        if video is None or video["state"] != "done":
            reason = video["reason"] if video else "no video"
            yield Finding("lost", f"emission {story.number}'s recording is not a video: {reason}", story.emission_id)
            continue
        yield from _whole(evidence.stores, story, video)


def _whole(stores: Stores, story: Story, video: dict[str, Any]) -> Iterator[Finding]:
    original = video["outcome"]["original"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "original.mkv"
        path.write_bytes(stores.objects.get(original["bucket"], original["key"]))
        argv = ("ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", str(path))
        probed = json.loads(subprocess.run(argv, capture_output=True, check=True).stdout)
    audio = sum(int(stream["nb_read_packets"]) for stream in probed["streams"] if stream["codec_type"] == "audio")
    if audio < story.packets["audio"]:
        yield Finding(
            "lost", f"emission {story.number}: {audio} of {story.packets['audio']} packets of sound are in the original"
        )
    recorded = (video["stopped_at"] - video["started_at"]).total_seconds()
    if abs(video["outcome"]["duration_seconds"] - recorded) > ALLOWED_DRIFT_SECONDS:
        lasts = video["outcome"]["duration_seconds"]
        yield Finding("wrong", f"the video of emission {story.number} lasts {lasts:.1f} s, the recording {recorded:.1f} s")


def read_model_is_replay(evidence: Evidence, histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """What lists show is what the histories say."""
    now = datetime.now(UTC)
    views = {one["_id"]: one for one in evidence.stores.documents("certification", "emissions")}
    for stream, events in histories.items():
        state = replay(map(_recorded, events))
        if state is None:
            continue
        shown = {key: value for key, value in views.get(stream, {}).items() if key not in NOT_SHOWN}
        if _plain(shown) != _plain(view_of(state, now).emission):
            yield Finding("wrong", f"the list shows emission {stream} at version {shown.get('version')}, not {state.version}")


def _recorded(stored: Stored) -> Recorded:
    data = EVENTS["certification", stored.record.type].schema().load(dict(stored.record.data))
    return Recorded(stored.version, stored.record.type, stored.record.time, data, stored.record.cause)


def _plain(value: Any) -> str:
    """For comparison: the document store keeps milliseconds."""

    def rough(one: Any) -> Any:
        return one.replace(microsecond=one.microsecond // 1000 * 1000).isoformat() if isinstance(one, datetime) else str(one)

    return json.dumps(value, default=rough, sort_keys=True)


def nothing_left(evidence: Evidence, _histories: dict[str, list[Stored]]) -> Iterator[Finding]:
    """No queue, dead letter, temporary file or track is left behind."""
    depths = evidence.stores.depths()
    for queue, count in depths.waiting.items():
        if count:
            yield Finding("left behind", f"{count} messages in {queue}")
    dead = sum(depths.dead.values())
    if dead != evidence.corrupted:
        where = {queue: count for queue, count in depths.dead.items() if count}
        yield Finding("left behind", f"{dead} dead letters instead of the {evidence.corrupted} corrupted ones: {where}")
    folders = [evidence.target.configuration.recordings, evidence.target.disk("media")]
    for folder in folders:
        left = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")] if folder.exists() else []
        if left:
            yield Finding("left behind", f"{len(left)} files below {folder.name}, such as {left[0].relative_to(folder)}")
    for key in evidence.stores.objects_of("incoming"):
        yield Finding("left behind", f"the upload {key}")
    for key in evidence.stores.objects_of("cells"):
        yield Finding("left behind", f"the cell {key}")


def signatures_recorded(histories: dict[str, list[Stored]], uses: dict[str, list[Stored]]) -> Iterator[Finding]:
    """Each certificate that was issued, and each time stamp of a signed term, is a recorded use of its key."""
    recorded = [(event.record.type, event.record.data) for events in uses.values() for event in events]
    serials = {data["serial"] for name, data in recorded if name == "HolderCertificateSigned"}
    stamped = {data["emission_id"] for name, data in recorded if name == "TimeStampSigned"}
    for stream, events in histories.items():
        for event in events:
            if event.record.type == "CertificateIssued" and event.record.data["serial"] not in serials:
                yield Finding("lost", f"the signing of {stream}'s certificate was not recorded", stream)
            if event.record.type == "TermSigned" and stream not in stamped:
                yield Finding("lost", f"the time stamp of {stream}'s term was not recorded", stream)


OF_ALL_STREAMS: tuple[Check, ...] = (intact_histories, published)
CHECKS: tuple[Check, ...] = (
    *(accepted_commands, noted_once, one_conference, one_message, one_certificate, one_video),
    *(read_model_is_replay, nothing_left),
)
