"""Nameko's face of media: translate, call, reply; and the workers that process recordings."""

from __future__ import annotations

from functools import partial
from typing import Any

from eventlet import Timeout
from eventlet.event import Event
from nameko.extensions import DependencyProvider

from chassis.events import handles
from chassis.logs import get_logger
from chassis.rpc import Call, answers
from chassis.runner import RelayRunner, Wired
from chassis.tracing import traced
from contracts import conference
from contracts import media as contract
from contracts.envelope import Envelope
from services.media import application, wiring
from services.media.model.video import Video

logger = get_logger(__name__)
IDLE_SECONDS = 1.0


class Workers(DependencyProvider):  # type: ignore[misc]
    """Takes up what is to be followed or processed, each in a greenthread: what is new, and what was left unfinished."""

    def __init__(self) -> None:
        self._stopped = False
        self._woken = Event()

    def start(self) -> None:
        """Begin to work."""
        self.container.spawn_managed_thread(self._run, identifier="videos")

    def stop(self) -> None:
        """Take no further job; what runs is ended with the container and taken up again at the next start."""
        self._stopped = True
        self.wake()

    def get_dependency(self, worker_ctx: Any) -> Workers:
        """The workers, to be woken."""
        return self

    def wake(self) -> None:
        """There is something to do: look now."""
        if not self._woken.ready():
            self._woken.send()

    def _run(self) -> None:
        while not self._stopped:
            with traced():
                self._hand_out()
            with Timeout(IDLE_SECONDS, exception=False):
                self._woken.wait()
            if self._woken.ready():
                self._woken = Event()

    def _hand_out(self) -> None:
        media = wiring.build().media
        try:
            while claimed := application.claim_next(media):
                self.container.spawn_managed_thread(partial(self._see_through, claimed), identifier="video")
            application.tidy(media)
        except Exception:  # the store is away: it is looked at again
            logger.exception("jobs cannot be looked at")

    def _see_through(self, claimed: Video) -> None:
        with traced():
            try:
                application.see_through(wiring.build().media, claimed)
            except Exception:  # the job's lease runs out and it is taken up again
                logger.exception("a job was broken off", recording_id=claimed.recording_id)
        self.wake()


class MediaService:
    """Answers the operations of :mod:`contracts.media`, hears the conference, processes recordings."""

    name = contract.SERVICE
    wired = Wired(wiring.build)
    relay = RelayRunner(lambda: wiring.build().outbox, lambda relay: wiring.build().wake(relay), lambda: wiring.build().lease)
    workers = Workers()

    @answers(contract.GET_VIDEOS)
    def get_videos(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        return application.get_videos(self.wired.media, call, data["emission_id"])

    @answers(contract.RETRY_VIDEO)
    def retry_video(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the contract."""
        video = application.retry_video(self.wired.media, call, data["recording_id"])
        self.workers.wake()
        return video

    @handles(conference.RECORDING_STARTED)
    def on_recording_started(self, envelope: Envelope) -> None:
        """Follow the recording."""
        application.follow_recording(self.wired.media, envelope)
        self.workers.wake()

    @handles(conference.RECORDING_STOPPED)
    def on_recording_stopped(self, envelope: Envelope) -> None:
        """Process the recording."""
        application.take_recording(self.wired.media, envelope)
        self.workers.wake()
