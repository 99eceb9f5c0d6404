"""What certification answers about the authority, as the gateway receives it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.support.gateway_samples import NOW, named_id

LIST = {
    "number": 1795348800000,
    "entries": 2,
    "sha256": "ab" * 32,
    "this_update": NOW - timedelta(minutes=5),
    "next_update": NOW + timedelta(hours=23, minutes=55),
}


def own(key: str, signed_by: str, days_left: int) -> dict[str, Any]:
    """One of the authority's own certificates."""
    not_after = NOW + timedelta(days=days_left)
    about = {"serial": "7f" * 16, "sha256": "cd" * 32, "not_before": NOW - timedelta(days=300), "not_after": not_after}
    return {"key": key, "signed_by": signed_by, "days_left": days_left, **about}


def state(**changes: Any) -> dict[str, Any]:
    """An authority one of whose certificates ends within three months, and one within a month."""
    return {
        "certificates": [
            own("root", "root", 6900),
            own("issuing", "root", 3200),
            own("timestamping", "issuing", 80),
            own("ocsp", "issuing", 12),
        ],
        "list": LIST,
        "year_lists": [{**LIST, "entries": 1, "year": 2026}],
        "root_list": {**LIST, "entries": 0, "next_update": NOW + timedelta(days=200)},
        "answers": [{"day": (NOW - timedelta(days=ago)).date(), "count": 41210 - ago} for ago in range(3)],
        "checked_at": NOW,
        **changes,
    }


def use(position: int, kind: str, key: str, **data: Any) -> dict[str, Any]:
    """One use of a key."""
    return {
        "position": position,
        "stream_id": f"authority/{key}/2026-11",
        "version": position,
        "hash": f"{position:02d}" * 32,
        "time": NOW + timedelta(seconds=position),
        "type": kind,
        "key": key,
        "data": {"key": key, "certificate_sha256": "cd" * 32, **data},
    }


def uses() -> list[dict[str, Any]]:
    """One of each kind, the newest first."""
    emission_id, moment = named_id("emission-completed"), NOW.isoformat()
    stamp = {"serial": "5b1c2d", "digest_algorithm": "sha256", "digest": "ef" * 32, "stamped_at": moment}
    listed = {**LIST, "this_update": moment, "next_update": moment}
    found = [
        use(1, "AuthorityCertificateNoted", "issuing", certificate="ocsp", serial="6e" * 16, sha256="ab" * 32),
        use(2, "RootListNoted", "root", **listed),
        use(3, "KeyOpened", "issuing", serial="7f" * 16, not_after=moment, host="=server-1"),
        use(4, "HolderCertificateSigned", "issuing", emission_id=emission_id, serial="5c" * 16),
        use(5, "TimeStampSigned", "timestamping", emission_id=emission_id, **stamp),
        use(6, "TimeStampSigned", "timestamping", emission_id=None, **stamp),
        use(7, "RevocationListSigned", "issuing", **listed),
        use(8, "OcspAnswersSigned", "ocsp", first_at=moment, last_at=moment, count=1200),
    ]
    return found[::-1]
