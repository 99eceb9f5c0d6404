"""The read model in documents (MongoDB's wire): what lists show, how tokens are found, who holds an open emission."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis.documents import in_time
from contracts.errors import Unavailable
from services.certification.application.ports import Before, ListFilter, Reservation, View
from services.certification.model.state import CertificateStatus, Revocation

T = TypeVar("T")
ATTEMPTS = 50
FOLLOWER = "views"
SHOWN = {"_id": 0, "kept": 0}
HOLD = "certificate_hold"
ENDING_FIRST = ("certificate.not_after", ASCENDING)
PROTOCOL_SEQUENCE = slice(18, 26)


def answering(method: Callable[..., T]) -> Callable[..., T]:
    """A store that does not answer, or not in time, as :class:`contracts.errors.Unavailable`."""

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

    @answering
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
            [ENDING_FIRST],
        ):
            self._emissions.create_index(keys)

    @answering
    def save(self, view: View) -> None:
        """See the port. Keys are kept before the view, so that what a view shows can be found; each once, as a view tells."""
        emission_id = view.emission["emission_id"]
        kept = [*view.keys, *(revocation.serial for revocation in view.revocations)]
        document = {"_id": emission_id, **view.emission, "kept": kept}
        if view.before is not None and self._follow(document, view, view.before):
            return
        found = self._emissions.find_one({"_id": emission_id}, {"kept": 1, "version": 1})
        self._keep_keys(view, set(found.get("kept", ())) if found else set())
        if found is None:
            self._raise_sequence(view.emission["office_id"], view.emission["protocol"])
            with contextlib.suppress(DuplicateKeyError):  # an older one may have been put there between the two looks
                self._emissions.insert_one(document)
                return
        elif found["version"] >= document["version"]:
            return
        self._emissions.replace_one({"_id": emission_id, "version": {"$lt": document["version"]}}, document)

    def _follow(self, document: dict[str, Any], view: View, before: Before) -> bool:
        """Keep what is new, provided that exactly what was before is kept; says whether it was."""
        self._keep_keys(view, {*before.keys, *(revocation.serial for revocation in before.revocations)})
        if before.version:
            preceding = {"_id": document["_id"], "version": before.version}
            return bool(self._emissions.replace_one(preceding, document).matched_count)
        with contextlib.suppress(DuplicateKeyError):
            self._emissions.insert_one(document)
            return True
        return False

    def _keep_keys(self, view: View, kept: Collection[str]) -> None:
        for key in view.keys:
            if key not in kept:
                self._put(self._links, key, {"emission_id": view.emission["emission_id"]})
        for revocation in view.revocations:
            if revocation.serial not in kept:
                self._put(self._revocations, revocation.serial, _revoked(revocation, view.emission["emission_id"]))

    @answering
    def find(self, wanted: ListFilter) -> list[dict[str, Any]]:
        """See the port."""
        query: dict[str, Any] = {
            name: getattr(wanted, name)
            for name in ("office_id", "person_id", "protocol", "state")
            if getattr(wanted, name) is not None
        }
        if wanted.before is not None:
            query["started_at"] = {"$lt": wanted.before}
        order = ("started_at", DESCENDING)
        if wanted.ending_by is not None:
            query |= _ending(wanted.now, wanted.ending_by)
            order = ENDING_FIRST
        return list(self._emissions.find(query, SHOWN).sort([order]).limit(wanted.limit))

    @answering
    def emission_by_key(self, key: str) -> str | None:
        """See the port."""
        found = self._links.find_one({"_id": key})
        return str(found["emission_id"]) if found else None

    @answering
    def certified(self, person_id: str, now: datetime) -> dict[str, Any] | None:
        """See the port."""
        query = {"person_id": person_id, "certificate.status": "valid", "certificate.not_after": {"$gt": now}}
        found: list[dict[str, Any]] = list(self._emissions.find(query, SHOWN).sort([("started_at", DESCENDING)]).limit(1))
        return found[0] if found else None

    @answering
    def valid_of(self, person_id: str) -> list[dict[str, Any]]:
        """See the port."""
        return list(self._emissions.find({"person_id": person_id, "certificate.status": "valid"}, SHOWN))

    @answering
    def overdue(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        found = self._emissions.find({"deadline": {"$lte": now}}, {"emission_id": 1}).limit(limit)
        return [str(emission["emission_id"]) for emission in found]

    @answering
    def to_preserve(self, now: datetime, limit: int) -> list[str]:
        """See the port."""
        found = self._emissions.find({"preserve_at": {"$lte": now}}, {"emission_id": 1}).sort([("preserve_at", ASCENDING)])
        return [str(emission["emission_id"]) for emission in found.limit(limit)]

    @answering
    def to_notice(self, now: datetime, ending_by: datetime, limit: int) -> list[str]:
        """See the port. A view of before there were notices does not say when the next is due: it is looked at."""
        due = {"$or": [{"notice_at": {"$lte": now}}, {"notice_at": {"$exists": False}}]}
        found = self._emissions.find({**_ending(now, ending_by), **due}, {"emission_id": 1}).sort([ENDING_FIRST]).limit(limit)
        return [str(emission["emission_id"]) for emission in found]

    @answering
    def awaiting(self, before: datetime, office_id: str | None, limit: int) -> list[dict[str, Any]]:
        """See the port."""
        query: dict[str, Any] = {"awaited_since": {"$lte": before}}
        if office_id is not None:
            query["office_id"] = office_id
        return list(self._emissions.find(query, SHOWN).sort([("awaited_since", ASCENDING)]).limit(limit))

    @answering
    def revocations(self) -> list[Revocation]:
        """See the port."""
        held = self._withheld()  # first: what is revoked meanwhile is found as revoked
        # An older version kept neither year nor issuer; such a revocation is named by the lists of all.
        found = self._revocations.find()
        revoked = [
            Revocation(one["_id"], one["at"], one["reason"], year=one.get("year"), issuer=one.get("issuer")) for one in found
        ]
        serials = {revocation.serial for revocation in revoked}
        return [*revoked, *(one for one in held if one.serial not in serials)]

    @answering
    def revocations_mark(self) -> str:
        """See the port. Revocations are only ever added."""
        held = sorted(one.serial for one in self._withheld())
        return " ".join([str(self._revocations.estimated_document_count()), *held])

    def _withheld(self) -> list[Revocation]:
        found = self._emissions.find({"certificate.status": "withheld"}, {"certificate": 1})
        certificates = [emission["certificate"] for emission in found]
        return [
            Revocation(one["serial"], one["not_before"], HOLD, year=one["not_before"].year, issuer=one.get("issuer"))
            for one in certificates
        ]

    @answering
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

    @answering
    def emission_by_serial(self, serial: str) -> str | None:
        """See the port."""
        found = self._emissions.find_one({"certificate.serial": serial}, {"emission_id": 1})
        found = found or self._revocations.find_one({"_id": serial})
        return found.get("emission_id") if found else None  # a revocation kept by an older version does not name it

    @answering
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

    @answering
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
            return Reservation(emission_id, now)
        found = self._reservations.find_one({"_id": key})
        if found is None:  # released this instant
            raise Unavailable("the emission that was open just ended; try again", person_id=person_id)
        return Reservation(str(found["emission_id"]), found["since"])

    @answering
    def release(self, person_id: str, office_id: str, emission_id: str) -> None:
        """See the port."""
        self._reservations.delete_one({"_id": f"{person_id}/{office_id}", "emission_id": emission_id})

    @answering
    def position(self, follower: str = FOLLOWER) -> int:
        """See the port."""
        found = self._positions.find_one({"_id": follower})
        return int(found["position"]) if found else 0

    @answering
    def save_position(self, position: int, follower: str = FOLLOWER) -> None:
        """See the port."""
        self._put(self._positions, follower, {"position": position})

    @answering
    def clear(self) -> None:
        """See the port. Sequences and reservations stay: a number must never be given twice."""
        for collection in (self._emissions, self._links, self._revocations, self._positions):
            collection.delete_many({})

    @answering
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


def _ending(now: datetime | None, by: datetime) -> dict[str, Any]:
    """Certificates that count now, and end by then."""
    return {"certificate.status": "valid", "certificate.not_after": {"$gt": now, "$lte": by}}


def _revoked(revocation: Revocation, emission_id: str) -> dict[str, Any]:
    names = ("at", "reason", "year", "issuer")
    return {**{name: getattr(revocation, name) for name in names}, "emission_id": emission_id}
