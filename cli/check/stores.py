"""The stores as a whole: what waits in outboxes, what lies dead, and documents without a history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from chassis.clock import now
from chassis.documents import connect
from chassis.event_store import EventStore
from chassis.settings import DocumentSettings
from chassis.stored_events import first_broken
from cli.check.emissions import GRACE, Named
from cli.check.objects import ObjectChecker, descriptions
from cli.check.report import Report
from cli.check.sources import Sources
from contracts.certification import AUTHORITY_STREAMS
from contracts.errors import Unavailable
from contracts.topology import RETRY_DELAYS_SECONDS, SOURCES, SUBSCRIPTIONS, Subscription

BATCH = 500
NAMED_LETTERS = 20
FOREIGN = frozenset({"reservations"})
"""Written before the history that they are for: a crash in between leaves one, which the next start of an emission replaces."""
REPEATED = frozenset({"commands", "outbox"})
"""Parts of a document that repeat what it says elsewhere."""


def open_events(sources: Sources) -> EventStore:
    """The event store; raises :class:`Unavailable` where there is none (opening would make an empty one)."""
    path = sources.event_store_url.removeprefix("sqlite://")
    if path != sources.event_store_url and not Path(path).exists():
        raise Unavailable(f"there is no event store at {path}")
    return EventStore(sources.event_store_url, "certification")


def stream_ids(events: EventStore) -> tuple[list[str], list[str]]:
    """Every emission that has a history, and every stream of uses of the authority's keys, each in order of its first event."""
    found: dict[str, None] = {}
    after = 0
    while batch := events.notifications(after, BATCH):
        found.update(dict.fromkeys(event.stream_id for _, event in batch))
        after = batch[-1][0]
    uses = [stream_id for stream_id in found if stream_id.startswith(AUTHORITY_STREAMS)]
    return [stream_id for stream_id in found if not stream_id.startswith(AUTHORITY_STREAMS)], uses


def check_uses(events: EventStore, stream_id: str, report: Report) -> None:
    """The records of what one of the authority's keys did stand as they were stored."""
    stored = events.read_unchecked(stream_id)
    report.count("uses of keys", len(stored))
    broken_at = first_broken(stream_id, stored)
    if broken_at is not None:
        report.miss("uses of keys", f"the hash chain of {stream_id} is broken at version {broken_at}")


def waiting_events(events: EventStore, sources: Sources) -> int:
    """How many events of all sources wait to be published (at least)."""
    waiting = len(events.pending(BATCH))
    return waiting + sum(len(raw.get("outbox", [])) for _, raw in _documents(sources, {"waiting": {"$gt": 0}}))


def check_event_outbox(events: EventStore, report: Report) -> None:
    """No event of an emission waits for longer than a moment."""
    report.count("outboxes")
    for pending in events.pending(1):
        _report_waiting("certification", pending.envelope.to_dict(), report)


def check_documents(sources: Sources, events: EventStore, named: Named, objects: ObjectChecker, report: Report) -> None:
    """Every document: its outbox, the objects that it describes, the emission that it belongs to; and that none is missing."""
    known: set[str] = set()
    trackless: list[str] = []
    missing_conferences, missing_recordings = dict(named.conferences), dict(named.recordings)
    for place, raw in _documents(sources):
        report.count("documents")
        missing_conferences.pop(str(raw["_id"]), None)
        missing_recordings.pop(str(raw["_id"]), None)
        _check_outbox(place, raw, report)
        emission_id = raw.get("emission_id")
        for described in descriptions({key: value for key, value in raw.items() if key not in REPEATED}):
            objects.check(described, emission_id)
        if emission_id and place.split(".")[-1] not in FOREIGN and emission_id not in known:
            if not events.read_unchecked(emission_id, up_to=1):
                report.miss("histories", f"{place} knows the emission, but it has no history", emission_id)
            known.add(emission_id)
        if _needs_tracks(sources, raw, report):
            trackless.append(str(raw["_id"]))
    _check_tracks(sources, trackless, report)
    for conference_id, emission_id in missing_conferences.items():
        report.miss("conferences", f"conference {conference_id} is missing", emission_id)
    for recording_id, emission_id in missing_recordings.items():
        report.miss("videos", f"recording {recording_id} was stopped, but media does not know it", emission_id)


def _documents(sources: Sources, query: Mapping[str, Any] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    for service in SOURCES:
        database = connect(DocumentSettings(sources.documents_url, sources.documents_prefix + service))
        try:
            for name in database.list_collection_names():
                for raw in database[name].find(dict(query or {})):
                    yield f"{service}.{name}", raw
        finally:
            database.client.close()


def _check_outbox(place: str, raw: Mapping[str, Any], report: Report) -> None:
    if "waiting" not in raw:
        return
    report.count("outboxes")
    for body in raw["outbox"][:1]:
        _report_waiting(place, body, report)


def _report_waiting(place: str, body: Mapping[str, Any], report: Report) -> None:
    since = datetime.fromisoformat(body["time"])
    if now() - since > GRACE:
        what = f"{body['type']} of {place} has been waiting to be published since {since:%Y-%m-%d %H:%M:%S}Z"
        report.miss("outboxes", what, body.get("emissionid"))


def _needs_tracks(sources: Sources, raw: Mapping[str, Any], report: Report) -> bool:
    """Whether a recording is not yet a stored video and its track files are not there."""
    if sources.recordings is None or "tracks" not in raw or raw.get("state") == "done":
        return False
    report.count("track files")
    return not any((sources.recordings / raw["tracks"]).glob("*.mjr*"))


def _check_tracks(sources: Sources, trackless: Sequence[str], report: Report) -> None:
    """Look again: a video that was finished between the two looks has no tracks any more, rightly."""
    for _, raw in _documents(sources, {"_id": {"$in": list(trackless)}, "state": {"$ne": "done"}}):
        report.miss("track files", f"the tracks of recording {raw['_id']} are missing", raw.get("emission_id"))


def check_queues(sources: Sources, report: Report) -> None:
    """Each consumer's queues are there, and nothing lies dead."""
    with _connected(sources.broker_url) as connection:
        for subscription in SUBSCRIPTIONS:
            for queue in (subscription.queue, subscription.dead, *map(subscription.retry, RETRY_DELAYS_SECONDS)):
                report.count("queues")
                if _ready(connection, queue) is None:
                    report.miss("queues", f"{queue} is missing")
            _check_dead(connection, subscription, report)


def waiting_messages(sources: Sources) -> int:
    """How many events wait in queues for a consumer or a retry."""
    with _connected(sources.broker_url) as connection:
        queues = [name for one in SUBSCRIPTIONS for name in (one.queue, *map(one.retry, RETRY_DELAYS_SECONDS))]
        return sum(_ready(connection, queue) or 0 for queue in queues)


def _connected(url: str) -> Any:
    try:
        return pika.BlockingConnection(pika.URLParameters(url))
    except (AMQPError, OSError) as error:
        raise Unavailable("the broker does not answer") from error


def _ready(connection: Any, queue: str) -> int | None:
    channel = connection.channel()
    try:
        found: int = channel.queue_declare(queue, passive=True).method.message_count
    except ChannelClosedByBroker:
        return None
    channel.close()
    return found


def _check_dead(connection: Any, subscription: Subscription, report: Report) -> None:
    """What lies dead is looked at unacknowledged, and returns as the channel closes."""
    dead = _ready(connection, subscription.dead)
    if not dead:
        return
    channel = connection.channel()
    for _ in range(min(dead, NAMED_LETTERS)):
        method, _, body = channel.basic_get(subscription.dead, auto_ack=False)
        if method is None:
            break
        letter = json.loads(body)
        report.miss("queues", f"{letter.get('type')} lies dead in {subscription.dead}", letter.get("emissionid"))
    if dead > NAMED_LETTERS:
        report.miss("queues", f"{dead - NAMED_LETTERS} more events lie dead in {subscription.dead}")
    channel.close()
