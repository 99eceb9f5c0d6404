"""The composition root: which adapter stands behind which port."""

from __future__ import annotations

import functools
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from chassis.clock import new_id, now
from chassis.document_lease import lease_of
from chassis.documents import DocumentStore, connect
from chassis.health import Check
from chassis.lease import Lease
from chassis.outbox import Relay
from contracts.errors import Unavailable
from services.conference.application.ports import Instance, Rooms, Rules
from services.conference.remote_tracks import RemoteTracks
from services.conference.settings import InstanceSettings, Settings, load
from services.conference.sfu import JanusSettings, JanusSfu
from services.conference.store import DocumentConferences
from services.conference.tracks import TrackFolder


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the process is made of."""

    settings: Settings
    rooms: Rooms
    outbox: DocumentStore
    checks: dict[str, Check]
    lease: Lease
    caretaking: Lease

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
    instances = {name: _instance(settings, one) for name, one in settings.instances.items()}
    rules = Rules(
        settings.secret,
        settings.abandoned,
        settings.ice_servers,
        turn=settings.turn,
        notice=settings.abandoned_notice,
    )
    rooms = Rooms(conferences, instances, now, lambda: secrets.token_hex(3), time.sleep, rules)
    checks: dict[str, Check] = {
        "documents": lambda: database.command("ping"),
        "sfu": any_of([one.sfu.check for one in instances.values()]),
        "recordings": any_of([one.tracks.check for one in instances.values()]),
    }
    replica = settings.process.replica
    leases = (lease_of(database, replica), lease_of(database, replica, "caretaking"))
    return Wiring(settings, rooms, documents, checks, *leases)


def _instance(settings: Settings, one: InstanceSettings) -> Instance:
    sfu = JanusSfu(
        JanusSettings(
            url=one.sfu_url,
            api_secret=settings.sfu_api_secret,
            token_secret=settings.sfu_token_secret,
            admin_key=settings.sfu_admin_key,
            recordings=settings.recordings,
            room_secret=settings.secret,
        )
    )
    tracks = RemoteTracks(one.tracks_url, settings.sfu_api_secret) if one.tracks_url else TrackFolder(settings.recordings)
    return Instance(sfu, tracks, one.signalling_url)


def any_of(checks: Sequence[Check]) -> Check:
    """Passes where one of them does, asked at once: who has several instances can do without one."""
    if len(checks) == 1:
        return checks[0]

    def check() -> None:
        pool = ThreadPoolExecutor(len(checks), thread_name_prefix="check")
        try:
            asked = [pool.submit(one) for one in checks]
            if not any(done.exception() is None for done in as_completed(asked)):
                raise Unavailable("none of the instances answers", error=str(asked[0].exception())[:100])
        finally:
            pool.shutdown(wait=False)

    return check
