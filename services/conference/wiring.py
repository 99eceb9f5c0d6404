"""The composition root: which adapter stands behind which port."""

from __future__ import annotations

import functools
import secrets
import time
from dataclasses import dataclass

from chassis.clock import new_id, now
from chassis.document_lease import relay_lease
from chassis.documents import DocumentStore, connect
from chassis.health import Check
from chassis.lease import Lease
from chassis.outbox import Relay
from services.conference.application.ports import Rooms, Rules
from services.conference.settings import Settings, load
from services.conference.sfu import JanusSettings, JanusSfu
from services.conference.store import DocumentConferences
from services.conference.tracks import TrackFolder


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process is made of."""

    settings: Settings
    rooms: Rooms
    sfu: JanusSfu
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
    documents = DocumentStore(database, "conferences")
    conferences = DocumentConferences(documents, DocumentStore(database, "endings"), now, new_id)
    conferences.prepare()
    sfu = JanusSfu(
        JanusSettings(
            url=settings.sfu_url.rstrip("/"),
            api_secret=settings.sfu_api_secret,
            token_secret=settings.sfu_token_secret,
            admin_key=settings.sfu_admin_key,
            recordings=settings.recordings,
            room_secret=settings.secret,
        )
    )
    tracks = TrackFolder(settings.recordings)
    rules = Rules(settings.secret, settings.signalling_url, settings.abandoned, settings.ice_servers)
    rooms = Rooms(conferences, sfu, tracks, now, lambda: secrets.token_hex(3), time.sleep, rules)
    checks: dict[str, Check] = {"documents": lambda: database.command("ping"), "sfu": sfu.check, "recordings": tracks.check}
    return Wiring(settings, rooms, sfu, documents, checks, relay_lease(database, settings.process.replica))
