"""An office at work on a whole local stack, by the services alone: people with attachments, emissions, a recorded video."""

from __future__ import annotations

import shutil
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chassis.callers import PooledCaller
from chassis.clock import new_id
from chassis.objects import S3ObjectStore
from cli.check.sources import of_stack
from cli.demo.person import new_person
from contracts import certification, conference, registry
from contracts.envelope import Envelope
from contracts.errors import NotFound
from deploy.local.configuration import Configuration
from tests.support import events
from tests.support.holder import ScriptedHolder
from tests.support.people import OFFICE, PNG, registration_data
from tests.support.tracks import FIXTURES
from tests.support.waiting import until

ATTACHED = ("identity_document", "face_photo")


class OfficeAtWork:
    """A clerk of :data:`OFFICE`, and the holders that come."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.ask = PooledCaller(configuration.broker_url, size=4, timeout=30)
        self.objects = S3ObjectStore(of_stack(configuration).objects)

    def close(self) -> None:
        """End the connections."""
        self.ask.close()

    def register(self) -> tuple[str, str]:
        """A person who has never been here, with attachments; returns CPF and registration id."""
        person = new_person()
        request = {"cpf": person.cpf, "data": registration_data(birth_date=date(1985, 3, 7))}
        reference = self.ask(registry.REGISTER_PERSON, request, actor=OFFICE)
        registration_id = str(reference["registration_id"])
        for kind in ATTACHED:
            key = new_id()
            self.objects.put("incoming", key, PNG + key.encode(), "image/png")
            data = {"registration_id": registration_id, "kind": kind, "filename": f"{kind}.png", "incoming_key": key}
            self.ask(registry.ADD_ATTACHMENT, data, actor=OFFICE)
        return person.cpf, registration_id

    def start(self, registration_id: str, mode: str = "remote") -> str:
        """An emission."""
        wanted = {"registration_id": registration_id, "mode": mode}
        return str(self.ask(certification.START_EMISSION, wanted, actor=OFFICE)["emission_id"])

    def emission(self, emission_id: str) -> dict[str, Any]:
        """The emission now."""
        return self.ask(certification.GET_EMISSION, {"emission_id": emission_id}, actor=OFFICE)

    def complete_in_person(self) -> str:
        """A whole emission at the counter, to the signed term."""
        cpf, registration_id = self.register()
        emission_id = self.start(registration_id, "in_person")
        stated = {"emission_id": emission_id, "identity": True, "capacity": True, "free_will": True}
        shown = self.ask(certification.ATTEST_IDENTIFICATION, stated, actor=OFFICE)
        confirmed = {"emission_id": emission_id, "registration_version": shown["registration_version"]}
        self.ask(certification.CONFIRM_DATA, confirmed, actor=OFFICE)
        invited = self.ask(certification.INVITE_HOLDER, {"emission_id": emission_id, "channel": "email"}, actor=OFFICE)
        holder = ScriptedHolder(self.ask, cpf=cpf)
        holder.identify(invited["invitation"]["invitation_id"], lambda: self._code_of(emission_id))
        holder.complete()
        until(lambda: self.emission(emission_id)["state"] == "completed", what="the emission's end")
        return emission_id

    def _code_of(self, emission_id: str) -> str:
        history = self.ask(certification.GET_HISTORY, {"emission_id": emission_id, "up_to": None}, actor=OFFICE)
        sent = [entry for entry in history["entries"] if entry["type"] == "CodeSent"]
        return str(sent[-1]["data"]["code_id"])

    def record(self) -> str:
        """A remote emission whose conference was recorded (with the fixture's tracks); its video is still to be made."""
        _, registration_id = self.register()
        emission_id = self.start(registration_id)
        opened = until(lambda: self._conference(emission_id), what="the conference")
        recording_id, tracks = str(uuid.uuid4()), f"recorded-{opened['conference_id']}"
        shutil.copytree(FIXTURES / "two-people", self.configuration.recordings / tracks)
        begun_at = datetime(2026, 11, 22, tzinfo=UTC)  # of the fixture's tracks
        data = {
            "conference_id": opened["conference_id"],
            "emission_id": emission_id,
            "office_id": OFFICE.office_id,
            "recording_id": recording_id,
            "started_at": begun_at,
            "stopped_at": begun_at + timedelta(seconds=10),
            "tracks": tracks,
            "participants": [],
        }
        kind = conference.RECORDING_STOPPED
        stopped = Envelope(
            id=str(uuid.uuid4()),
            source=kind.source,
            type=kind.name,
            subject=opened["conference_id"],
            time=datetime.now(UTC),
            data=kind.dump(data),
            emission_id=emission_id,
        )
        events.publish(self.configuration.broker_url, stopped)
        return emission_id

    def has_video(self, emission_id: str) -> bool:
        """Whether the emission's history knows the processed video."""
        return bool(self.emission(emission_id)["video"] == "done")

    def _conference(self, emission_id: str) -> dict[str, Any] | None:
        try:
            return self.ask(conference.GET_CONFERENCE, {"emission_id": emission_id}, actor=OFFICE)
        except NotFound:
            return None
