"""The journal of the authority's keys: every use is an event, in streams of its own, before anybody gets what was signed.

A stream for each key and month (UTC), so that none grows without bound. What cannot be recorded fails visibly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from chassis.event_store import VersionConflict
from chassis.stored_events import Record
from chassis.tracing import current
from contracts import certification
from contracts.actor import system
from contracts.certification import AUTHORITY_STREAMS
from contracts.operation import EventType
from services.certification.application.ports import AuthorityCertificate, ListFacts, Ports, Stamped


def record_opened(ports: Ports, keys: Collection[str], host: str) -> None:
    """These keys were opened, or are about to be, by a process on ``host``."""
    for own in ports.authority.own_certificates():
        if own.key in keys:
            about = {"certificate_sha256": own.sha256, "serial": own.serial, "not_after": own.not_after, "host": host}
            _record(ports, certification.KEY_OPENED, own.key, about)


def record_certificate(ports: Ports, emission_id: str, serial: str, cause: str | None) -> None:
    """The issuing key is about to sign a holder's certificate."""
    about = {"emission_id": emission_id, "serial": serial}
    _record(ports, certification.HOLDER_CERTIFICATE_SIGNED, "issuing", about, cause)


def record_list(ports: Ports, made: ListFacts) -> None:
    """The issuing key has signed a revocation list, which nobody has got yet."""
    _record(ports, certification.REVOCATION_LIST_SIGNED, "issuing", asdict(made))


def record_stamps(ports: Ports, emission_id: str, made: Stamped, cause: str | None = None) -> bytes:
    """The time-stamping key has signed, for a document that nobody has got yet; returns the document."""
    stamps = [*((stamp, None) for stamp in made.earlier), *((stamp, emission_id) for stamp in made.stamps)]
    for stamp, whose in stamps:
        _record(ports, certification.TIME_STAMP_SIGNED, "timestamping", {"emission_id": whose, **asdict(stamp)}, cause)
    return made.document


def record_answers(ports: Ports, *, all_of_them: bool = False) -> int:
    """Record the totals of the minutes that are over (or of all); returns how many there were."""
    totals = ports.answers.take(None if all_of_them else ports.clock())
    for done, total in enumerate(totals):
        try:
            _record(ports, certification.OCSP_ANSWERS_SIGNED, "ocsp", asdict(total))
        except BaseException:
            ports.answers.give_back(totals[done:])
            raise
    return len(totals)


def note_own(ports: Ports) -> int:
    """Note what the authority has of its own, made by whichever program, each once; returns how much of it was new."""
    made = ports.authority.own_certificates()
    noted = sum(_note_certificate(ports, certificate) for certificate in made)
    listed = ports.authority.root_list_facts()
    if listed is not None:
        noted += _note(ports, certification.ROOT_LIST_NOTED, {"key": "root", **asdict(listed)}, listed.sha256)
    return noted


def _note_certificate(ports: Ports, made: AuthorityCertificate) -> bool:
    about = {
        "key": made.signed_by,
        "certificate_sha256": made.signer_sha256,
        "certificate": made.key,
        **{name: getattr(made, name) for name in ("serial", "sha256", "not_before", "not_after")},
    }
    return _note(ports, certification.AUTHORITY_CERTIFICATE_NOTED, about, made.sha256)


def _note(ports: Ports, event: EventType, data: Mapping[str, Any], sha256: str) -> bool:
    """In a stream of its own, which can begin only once, whichever process is first."""
    try:
        ports.events.append(f"{AUTHORITY_STREAMS}{data['key']}/{sha256}", 0, [_made(ports, event, data)])
    except VersionConflict:
        return False
    return True


def _record(ports: Ports, event: EventType, key: str, data: Mapping[str, Any], cause: str | None = None) -> None:
    present = next((own.sha256 for own in ports.authority.own_certificates() if own.key == key), None)
    about = {"key": key, "certificate_sha256": present, **data}
    record = _made(ports, event, about, cause)
    ports.events.extend(f"{AUTHORITY_STREAMS}{key}/{record.time:%Y-%m}", [record])


def _made(ports: Ports, event: EventType, data: Mapping[str, Any], cause: str | None = None) -> Record:
    return Record(
        type=event.name,
        time=ports.clock(),
        actor=system(certification.SERVICE).to_dict(),
        data=event.dump(dict(data)),
        cause=cause,
        traceparent=current(),
    )
