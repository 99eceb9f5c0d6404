"""Objects compared with what is recorded of them, and where a check looks."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from chassis.clock import now
from chassis.event_store import EventStore
from chassis.objects import MemoryObjectStore
from chassis.stored_events import Record
from cli.check.objects import ObjectChecker, descriptions
from cli.check.report import Report
from cli.check.sources import of_environment, of_stack
from cli.check.stores import check_uses, open_events, stream_ids
from contracts.errors import Unavailable
from deploy.local.configuration import Configuration, load


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return load(tmp_path)


def test_an_object_is_compared_once_and_reported_with_its_emission() -> None:
    # given a stored object, and documents that describe it rightly and wrongly
    store, report = MemoryObjectStore(), Report()
    described = store.put("videos", "e/1.mp4", b"content", "video/mp4")
    objects = ObjectChecker(store, report)

    # when it is checked twice, one is missing, one is shorter, one is altered
    objects.check(described, "e")
    objects.check(described, "e")
    objects.check({**described, "key": "e/2.mp4"}, "e")
    objects.check({**store.put("videos", "e/3.mp4", b"long", "video/mp4"), "size": 5}, "e")
    objects.check({**store.put("videos", "e/4.mp4", b"right", "video/mp4"), "sha256": "0" * 64}, None)

    # then each fault is named, each object counted once
    assert report.checked["objects"] == 4
    assert [(finding.emission_id, finding.what) for finding in report.findings] == [
        ("e", "videos/e/2.mp4 is missing"),
        ("e", "videos/e/3.mp4 has 4 bytes, not 5"),
        (None, "videos/e/4.mp4 was altered: its SHA-256 is another one"),
    ]
    assert not report.whole
    assert report.to_dict()["whole"] is False


def test_descriptions_are_found_wherever_they_stand() -> None:
    described = {"bucket": "b", "key": "k", "size": 1, "sha256": "s"}
    document = {"outcome": {"playable": described}, "registrations": [{"attachments": [described, {"key": "other"}]}]}
    assert list(descriptions(document)) == [described, described]


def test_the_environment_says_where_to_look_as_the_services_are_told(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    from deploy.local import stack

    for name, value in stack.environment(configuration).items():
        monkeypatch.setenv(name, value)
    assert of_environment() == of_stack(configuration)


def test_an_event_store_that_is_not_there_is_not_made(configuration: Configuration) -> None:
    with pytest.raises(Unavailable, match="no event store"):
        open_events(of_stack(configuration))
    assert not (configuration.data / "certification").exists()


def test_uses_of_keys_are_no_emissions_and_their_chains_are_checked(tmp_path: Path) -> None:
    # given an event store with an emission and a use of a key, which somebody alters
    events = EventStore(f"sqlite://{tmp_path}/events.sqlite", "certification")
    made = Record("KeyOpened", now(), {"role": "system"}, {"key": "ocsp", "host": "server-1"})
    events.append("e-1", 0, [made])
    events.extend("authority/ocsp/2026-11", [made])
    assert stream_ids(events) == (["e-1"], ["authority/ocsp/2026-11"])
    report = Report()
    check_uses(events, "authority/ocsp/2026-11", report)
    assert (report.checked["uses of keys"], report.whole) == (1, True)
    with sqlite3.connect(tmp_path / "events.sqlite") as connection:
        connection.execute("UPDATE stored_events SET state = CAST(replace(CAST(state AS TEXT), 'server-1', 'server-2') AS BLOB)")

    # when it is checked, then that is reported
    check_uses(events, "authority/ocsp/2026-11", report)
    events.close()
    assert [finding.area for finding in report.findings] == ["uses of keys"]
