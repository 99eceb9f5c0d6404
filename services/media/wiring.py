"""The composition root: which adapter stands behind which port."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from chassis.clock import new_id, now
from chassis.document_lease import lease_of
from chassis.documents import DocumentStore, connect
from chassis.health import Check
from chassis.lease import Lease
from chassis.objects import S3ObjectStore
from chassis.outbox import Relay
from chassis.worker_name import exclusive_name
from services.media.application import Media
from services.media.renderer import ProcessRenderer
from services.media.settings import Settings, load
from services.media.store import DocumentVideos


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process is made of."""

    settings: Settings
    media: Media
    outbox: DocumentStore
    checks: dict[str, Check]
    lease: Lease

    def wake(self, relay: Relay) -> None:
        """Whom to wake after each commit."""
        self.outbox.notify(relay.wake)


@functools.cache
def build() -> Wiring:
    """Build once per process."""
    settings = load()
    database = connect(settings.documents)
    documents = DocumentStore(database, "videos")
    videos = DocumentVideos(documents, now, new_id)
    videos.prepare()
    objects = S3ObjectStore(settings.objects)
    renderer = ProcessRenderer(objects, settings.recordings, settings.work, settings.threads, settings.cells_at_once)
    media = Media(videos, renderer, now, exclusive_name(settings.work), settings.followers, settings.instance)
    checks: dict[str, Check] = {
        "documents": lambda: database.command("ping"),
        "objects": objects.check,
        "recordings": lambda: next(settings.recordings.iterdir(), None),
    }
    return Wiring(settings, media, documents, checks, lease_of(database, settings.process.replica))
