"""The read model in documents (MongoDB's wire): what lists show, how tokens are found, who holds an open emission."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis.documents import in_time
from contracts.errors import Unavailable
from services.certification.application.ports import ListFilter, Reservation, View
from services.certification.model.state import CertificateStatus, Revocation

T = TypeVar("T")
ATTEMPTS = 50
FOLLOWER = "views"
SHOWN = {"_id": 0, "kept": 0}
HOLD = "certificate_hold"
PROTOCOL_SEQUENCE = slice(18, 26)


def _answering(method: Callable[..., T]) -> Callable[..., T]:
    @functools.wraps(method)
    def translated(*arguments: Any, **named: Any) -> T:
        try:
            with in_time():
                return method(*arguments, **named)
        except PyMongoError as error:
            raise Unavailable("the document store does not answer", reason=type(error).__name__) from error

    return translated


class DocumentViews:
    """See :class:`services.certification.application.ports.Views`."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._emissions = database["emissions"]
        self._links = database["links"]
        self._revocations = database["revocations"]
        self._reservations = database["reservations"]
        self._sequences = database["sequences"]
        self._positions = database["positions"]

    @_answering
    def prepare(self) -> None:
        """Make the indexes."""
        newest = ("started_at", DESCENDING)
        for keys in (
            [newest],
            [("office_id", ASCENDING), newest],
            [("person_id", ASCENDING), newest],
            [("protocol", ASCENDING)],
            [("deadline", ASCENDING)],
            [("awaited_since", ASCENDING)],
            [("preserve_at", ASCENDING)],
            [("certificate.serial", ASCENDING)],
            [("certificate.status", ASCENDING)],
        ):
            self._emissions.create_index(keys)

    @_answering
    def save(self, view: View) -> None:
        """See the port. Keys are kept before the view, so that what a view shows can be found; each once, as a view tells."""
        serials = [revocation.serial for revocation in view.revocations]
        emission = {**view.emission, "kept": [*view.keys, *serials]}
        emission_id = emission["emission_id"]
        before = self._emissions.find_one({"_id": emission_id}, {"kept": 1})
        kept = set(before.get("kept", ())) if before else set()
        for key in view.keys:
            if key not in kept:
                self._put(self._links, key, {"emission_id": emission_id})
        for revocation in view.revocations:
            if revocation.serial not in kept:
                about = {"at": revocation.at, "reason": revocation.reason, "issuer": revocation.issuer}
                self._put(self._revocations, revocation.serial, about)
        if before is None:
            self._raise_sequence(emission["office_id"], emission["protocol"])
        newer = {"_id": emission_id, "version": {"$lt": emission["version"]}}
        for _ in range(2):
            if self._emissions.replace_one(newer, {"_id": emission_id, **emission}).matched_count:
                return
            try:
                self._emissions.insert_one({"_id": emission_id, **emission})
                return
            except DuplicateKeyError:
                continue  # this version or a later one is kept already, or an older one was put there between the two looks

    @_answering
    def find(self, wanted: ListFilter) -> list[dict[str, Any]]:
        """See the port."""
        query: dict[str, Any] = {
            name: getattr(wanted, name)
            for name in ("office_id", "person_id", "protocol", "state")
            if getattr(wanted, name) is not None
        }
        if wanted.before is not None:
            query["started_at"] = {"$lt": wanted.before}
        found = self._emissions.find(query, SHOWN).sort([("started_at", DESCENDING)]).limit(wanted.limit)
        return list(found)

    @_answering
    def emission_by_key(self, key: str) -> str | None:
        """See the port."""
        found = self._links.find_one({"_id": key})
        return str(found["emission_id"]) if found else None

    @_answering
    def certified(self, person_id: str, now: datetime) -> dict[str, Any] | None:
        """See the port."""
        query = {"person_id": person_id, "certificate.status": "valid", "certificate.not_after": {"$gt": now}}
        found: list[dict[str, Any]] = list(self._emissions.find(query, SHOWN).sort([("started_at", DESCENDING)]).limit(1))
        return found[0] if found else None

    @_answering
    def valid_of(self, person_id: str) -> list[dict[str, Any]]:
        """See the port."""
        return list(self._emissions.find({"person_id": person_id, "certificate.status": "valid"}, SHOWN))

    @_answering
    def overdue(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        found = self._emissions.find({"deadline": {"$lte": now}}, {"emission_id": 1}).limit(limit)
        return [str(emission["emission_id"]) for emission in found]

    @_answering
    def to_preserve(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        found = self._emissions.find({"preserve_at": {"$lte": now}}, {"emission_id": 1}).sort([("preserve_at", ASCENDING)])
        return [str(emission["emission_id"]) for emission in found.limit(limit)]

    @_answering
    def awaiting(self, before: datetime, office_id: str | None, limit: int) -> list[dict[str, Any]]:
        """See the port."""
        query: dict[str, Any] = {"awaited_since": {"$lte": before}}
        if office_id is not None:
            query["office_id"] = office_id
        return list(self._emissions.find(query, SHOWN).sort([("awaited_since", ASCENDING)]).limit(limit))

    @_answering
    def revocations(self) -> list[Revocation]:
        """See the port."""
        held = self._withheld()  # first: what is revoked meanwhile is found as revoked
        found = self._revocations.find()
        revoked = [Revocation(one["_id"], one["at"], one["reason"], one.get("issuer")) for one in found]
        serials = {revocation.serial for revocation in revoked}
        return [*revoked, *(one for one in held if one.serial not in serials)]

    @_answering
    def revocations_mark(self) -> str:
        """See the port. Revocations are only ever added."""
        held = sorted(one.serial for one in self._withheld())
        return " ".join([str(self._revocations.estimated_document_count()), *held])

    def _withheld(self) -> list[Revocation]:
        found = self._emissions.find({"certificate.status": "withheld"}, {"certificate": 1})
        certificates = [emission["certificate"] for emission in found]
        return [Revocation(one["serial"], one["not_before"], HOLD, one.get("issuer")) for one in certificates]

    @_answering
    def certificate_status(self, serial: str) -> CertificateStatus | None:
        """See the port. Revocations come first: they are kept before the view, and outlive the certificate in it."""
        revoked = self._revocations.find_one({"_id": serial})
        if revoked is not None:
            return CertificateStatus("revoked", revoked["at"], revoked["reason"], revoked.get("issuer"))
        found = self._emissions.find_one({"certificate.serial": serial}, {"certificate": 1})
        if found is None:
            return None
        certificate = found["certificate"]
        since = certificate["not_before"] if certificate["status"] == "withheld" else None
        return CertificateStatus(certificate["status"], since, issuer=certificate.get("issuer"))

    @_answering
    def next_sequence(self, office_id: str, day: date) -> int:
        """See the port."""
        key = f"{office_id}/{day:%Y%m%d}"
        for _ in range(ATTEMPTS):
            found = self._sequences.find_one({"_id": key})
            following = (found["value"] if found else 0) + 1
            if found is None:
                with contextlib.suppress(DuplicateKeyError):
                    self._sequences.insert_one({"_id": key, "value": following})
                    return following
            elif self._sequences.update_one({"_id": key, "value": found["value"]}, {"$set": {"value": following}}).matched_count:
                return int(following)
        raise Unavailable("the sequence is asked for too often at once", office=office_id)

    @_answering
    def reserve(
        self, person_id: str, office_id: str, emission_id: str, now: datetime, instead_of: str | None = None
    ) -> Reservation:
        """See the port."""
        key = f"{person_id}/{office_id}"
        if instead_of is not None:
            fresh = {"_id": key, "emission_id": emission_id, "since": now}
            self._reservations.replace_one({"_id": key, "emission_id": instead_of}, fresh)
        with contextlib.suppress(DuplicateKeyError):
            self._reservations.insert_one({"_id": key, "emission_id": emission_id, "since": now})
        found = self._reservations.find_one({"_id": key})
        if found is None:  # released this instant
            raise Unavailable("the emission that was open just ended; try again", person_id=person_id)
        return Reservation(str(found["emission_id"]), found["since"])

    @_answering
    def release(self, person_id: str, office_id: str, emission_id: str) -> None:
        """See the port."""
        self._reservations.delete_one({"_id": f"{person_id}/{office_id}", "emission_id": emission_id})

    @_answering
    def position(self, follower: str = FOLLOWER) -> int:
        """See the port."""
        found = self._positions.find_one({"_id": follower})
        return int(found["position"]) if found else 0

    @_answering
    def save_position(self, position: int, follower: str = FOLLOWER) -> None:
        """See the port."""
        self._put(self._positions, follower, {"position": position})

    @_answering
    def clear(self) -> None:
        """See the port. Sequences and reservations stay: a number must never be given twice."""
        for collection in (self._emissions, self._links, self._revocations, self._positions):
            collection.delete_many({})

    @_answering
    def check(self) -> None:
        """Raises where the store does not answer (health)."""
        self._positions.find_one({"_id": FOLLOWER})

    def _raise_sequence(self, office_id: str, protocol: str) -> None:
        """A lost counter is never behind the numbers that the events hold."""
        key, number = f"{office_id}/{protocol[7:17].replace('.', '')}", int(protocol[PROTOCOL_SEQUENCE])
        found = self._sequences.find_one({"_id": key})
        if found is None:
            with contextlib.suppress(DuplicateKeyError):
                self._sequences.insert_one({"_id": key, "value": number})
        elif found["value"] < number:
            self._sequences.update_one({"_id": key, "value": {"$lt": number}}, {"$set": {"value": number}})

    @staticmethod
    def _put(collection: Any, key: str, values: Mapping[str, Any]) -> None:
        collection.replace_one({"_id": key}, {"_id": key, **values}, upsert=True)
