"""Each emission through the services: its history, what lists show of it, and everything that its events name."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import now
from chassis.rpc import Caller
from cli.check.objects import ObjectChecker
from cli.check.report import Report
from contracts import certification, conference, media, registry
from contracts.actor import Actor, system
from contracts.errors import InternalFault, NotFound

GRACE = timedelta(minutes=1)
"""What another service shall make of an event may take so long while the stack works."""
LOOKS = 20
LOOK_SECONDS = 0.1
ENDED = ("EmissionCancelled", "EmissionExpired", "EmissionRefused", "EmissionInconclusive")
RELEASED = frozenset({"completed", "revoked"})
DOCUMENTS = ("term", "certificate", "chain")


@dataclass(slots=True)
class Named:
    """Documents that histories name, by id, with their emission: looked for when the documents are walked."""

    conferences: dict[str, str] = field(default_factory=dict)
    recordings: dict[str, str] = field(default_factory=dict)


class EmissionChecker:
    """Asks as an auditor who reads; reports what is wrong."""

    def __init__(self, ask: Caller, reader: Actor, objects: ObjectChecker, report: Report, grace: timedelta) -> None:
        self._ask = ask
        self._reader = reader
        self._objects = objects
        self._report = report
        self._grace = grace
        self.named = Named()

    def check(self, emission_id: str) -> None:
        """Everything about one emission."""
        try:
            history = self._history(emission_id)
        except (NotFound, InternalFault) as error:
            self._report.miss("histories", f"cannot be replayed: {error.code}", emission_id)
            return
        self._report.count("histories")
        if not history["intact"]:
            self._report.miss("histories", f"the hash chain is broken at version {history['broken_at']}", emission_id)
        self._read_model(emission_id, history)
        self._conference(history)
        self._registration(history["state"])
        self._videos(history)
        self._certificates(history)

    def _history(self, emission_id: str) -> dict[str, Any]:
        return self._ask(certification.GET_HISTORY, {"emission_id": emission_id, "up_to": None}, actor=self._reader)

    def _read_model(self, emission_id: str, history: Mapping[str, Any]) -> None:
        """The row that lists show equals the replay; it may be a moment behind."""
        self._report.count("read model")
        for look in range(LOOKS):
            replayed = (self._history(emission_id) if look else history)["state"]
            wanted = {"protocol": replayed["protocol"]}
            rows = self._ask(certification.LIST_EMISSIONS, wanted, actor=self._reader)["emissions"]
            row = next((row for row in rows if row["emission_id"] == emission_id), None)
            if row == replayed:
                return
            time.sleep(LOOK_SECONDS)
        if row is None:
            self._report.miss("read model", "the emission is in no list", emission_id)
            return
        different = sorted(key for key in replayed if row.get(key) != replayed[key])
        self._report.miss("read model", f"lists show another {', '.join(different)} than the history gives", emission_id)

    def _conference(self, history: Mapping[str, Any]) -> None:
        state = history["state"]
        emission_id = state["emission_id"]
        for entry in _entries(history, "ConferenceOpeningNoted"):
            self.named.conferences[entry["data"]["conference_id"]] = emission_id
        if state["mode"] != "remote":
            return
        self._report.count("conferences")
        try:
            self._ask(conference.GET_CONFERENCE, {"emission_id": emission_id}, actor=self._reader)
        except NotFound:
            # One that ended before its room could be opened has none.
            if not _entries(history, *ENDED) and not self._young(state["started_at"]):
                self._report.miss("conferences", "there is no conference", emission_id)

    def _registration(self, state: Mapping[str, Any]) -> None:
        self._report.count("registrations")
        wanted = {"registration_id": state["registration_id"], "version": state["registration_version"]}
        try:
            found = self._ask(registry.GET_REGISTRATION, wanted, actor=self._reader)
        except NotFound:
            what = f"version {wanted['version']} of registration {wanted['registration_id']} is missing"
            self._report.miss("registrations", what, state["emission_id"])
            return
        if found["sha256"] != state["registration_sha256"]:
            self._report.miss("registrations", "the registration is not the one that the history names", state["emission_id"])
        for attachment in found["attachments"]:
            self._objects.check(attachment, state["emission_id"])

    def _videos(self, history: Mapping[str, Any]) -> None:
        emission_id = history["state"]["emission_id"]
        for entry in _entries(history, "RecordingStopNoted"):
            if not self._young(entry["time"]):
                self.named.recordings[entry["data"]["recording_id"]] = emission_id
        noted = _entries(history, "VideoNoted")
        if not noted:
            return
        found = self._ask(media.GET_VIDEOS, {"emission_id": emission_id}, actor=system("check"))["videos"]
        by_recording = {video["recording_id"]: video for video in found}
        for entry in noted:
            self._video(entry["data"], by_recording.get(entry["data"]["recording_id"]), emission_id)

    def _video(self, noted: Mapping[str, Any], video: Mapping[str, Any] | None, emission_id: str) -> None:
        self._report.count("videos")
        recording_id = noted["recording_id"]
        if video is None or video["state"] != "done":
            self._report.miss("videos", f"the video of recording {recording_id} is missing", emission_id)
            return
        for kind in ("playable", "original"):
            if video[kind]["sha256"] != noted[f"{kind}_sha256"]:
                what = f"the {kind} of recording {recording_id} is not the one that the history names"
                self._report.miss("videos", what, emission_id)
        for kind in ("playable", "original", "poster"):
            self._objects.check(video[kind], emission_id)
        if video["seal"]:
            self._objects.check(video["seal"], emission_id)

    def _certificates(self, history: Mapping[str, Any]) -> None:
        """The objects lie where certification puts them (its ``application/documents.py``), named by what the events say."""
        state = history["state"]
        emission_id = state["emission_id"]
        for entry in _entries(history, "CertificateIssued"):
            data = entry["data"]
            self._named_object("certificates", f"{emission_id}/{data['serial']}.cer", data["sha256"], emission_id)
        prepared = ""
        for entry in _entries(history, "TermPrepared", "TermSigned", "TermPreserved"):
            data = entry["data"]
            if entry["type"] == "TermPrepared":
                prepared = data["document_sha256"]
                self._named_object("terms", f"{emission_id}/prepared/{prepared}.pdf", prepared, emission_id)
            else:
                form = f".{data['number']}" if entry["type"] == "TermPreserved" else ""
                key = f"{emission_id}/signed/{prepared}{form}.pdf"
                self._named_object("terms", key, data["term_sha256"], emission_id, data["size"])
        if state["state"] in RELEASED and state["term_sha256"]:
            for kind in DOCUMENTS:
                self._released(emission_id, kind)

    def _released(self, emission_id: str, kind: str) -> None:
        try:
            self._ask(certification.GET_DOCUMENT, {"emission_id": emission_id, "kind": kind}, actor=self._reader)
        except (NotFound, InternalFault) as error:
            self._report.miss("certificates and terms", f"the {kind} is not given out: {error.code}", emission_id)

    def _named_object(self, bucket: str, key: str, sha256: str, emission_id: str, size: int | None = None) -> None:
        self._report.count("certificates and terms")
        self._objects.check({"bucket": bucket, "key": key, "sha256": sha256, "size": size}, emission_id)

    def _young(self, moment: datetime) -> bool:
        return now() - moment < self._grace


def _entries(history: Mapping[str, Any], *types: str) -> list[Mapping[str, Any]]:
    return [entry for entry in history["entries"] if entry["type"] in types]
