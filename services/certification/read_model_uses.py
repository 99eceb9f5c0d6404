"""The uses of the authority's keys in documents (MongoDB's wire)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from contracts.certification import OCSP_ANSWERS_SIGNED, REVOCATION_LIST_SIGNED
from services.certification.application.uses import KeyUse, UseFilter
from services.certification.read_model import answering

NEWEST = ("position", DESCENDING)
LISTS = [("type", ASCENDING), ("data.year", ASCENDING), NEWEST]


class DocumentUses:
    """See :class:`services.certification.application.uses.Uses`."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._uses = database["key_uses"]
        self._days = database["answer_days"]

    @answering
    def prepare(self) -> None:
        """Make the indexes."""
        for keys in ([NEWEST], [("type", ASCENDING), NEWEST], [("key", ASCENDING), NEWEST], [("time", ASCENDING)], LISTS):
            self._uses.create_index(keys)

    @answering
    def save(self, use: KeyUse) -> None:
        """See the port."""
        if use.type == OCSP_ANSWERS_SIGNED.name:
            # Each total by its position: whoever follows, from wherever and however often, counts none twice.
            day = datetime.fromisoformat(use.data["first_at"]).astimezone(UTC).date().isoformat()
            self._days.update_one({"_id": day}, {"$set": {f"totals.{use.position}": use.data["count"]}}, upsert=True)
        self._uses.replace_one({"_id": use.position}, {"_id": use.position, **asdict(use)}, upsert=True)

    @answering
    def find(self, wanted: UseFilter) -> list[KeyUse]:
        """See the port."""
        query: dict[str, Any] = {name: getattr(wanted, name) for name in ("key", "type") if getattr(wanted, name) is not None}
        if wanted.before is not None:
            query["position"] = {"$lt": wanted.before}
        times = {"$gte": wanted.since, "$lt": wanted.until}
        if any(times.values()):
            query["time"] = {sign: moment for sign, moment in times.items() if moment is not None}
        found = self._uses.find(query, {"_id": 0}).sort([NEWEST]).limit(wanted.limit)
        return [KeyUse(**use) for use in found]

    @answering
    def latest_list(self, signer: str, year: int | None) -> KeyUse | None:
        """See the port."""
        query = {"type": REVOCATION_LIST_SIGNED.name, "data.certificate_sha256": signer, "data.year": year}
        found = list(self._uses.find(query, {"_id": 0}).sort([NEWEST]).limit(1))
        return KeyUse(**found[0]) if found else None

    @answering
    def answers_by_day(self, since: date) -> list[tuple[date, int]]:
        """See the port."""
        found = self._days.find({"_id": {"$gte": since.isoformat()}}).sort([("_id", DESCENDING)])
        return [(date.fromisoformat(day["_id"]), sum(map(int, day["totals"].values()))) for day in found]

    @answering
    def clear(self) -> None:
        """See the port."""
        for collection in (self._uses, self._days):
            collection.delete_many({})
