"""What every read model of certification promises, on each implementation."""

from __future__ import annotations

import secrets
import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis.documents import connect
from chassis.settings import DocumentSettings
from services.certification.application.ports import Before, ListFilter, View, Views
from services.certification.model.state import CertificateStatus, Revocation
from services.certification.read_model import DocumentViews
from tests.support.certification import START, MemoryViews
from tests.support.engines import Documents

DAY = date(2026, 11, 22)


@pytest.fixture(params=["memory", pytest.param("documents", marks=pytest.mark.integration)])
def views(request: pytest.FixtureRequest) -> Views:
    """An empty read model."""
    if request.param == "memory":
        return MemoryViews()
    engine: Documents = request.getfixturevalue("document_engine")
    made = DocumentViews(connect(DocumentSettings(engine.url, f"views_{secrets.token_hex(4)}")))
    made.prepare()
    return made


def view(emission_id: str, **changes: Any) -> View:
    """An emission's view."""
    emission = {
        "emission_id": emission_id,
        "version": 1,
        "office_id": "123456",
        "person_id": "p-1",
        "protocol": "123456.2026.11.22.00000007-12",
        "state": "started",
        "started_at": START,
        "deadline": START + timedelta(days=7),
        "certificate": None,
    }
    keys = changes.pop("keys", [])
    revocations = changes.pop("revocations", [])
    before = changes.pop("before", None)
    return View({**emission, **changes}, keys, True, revocations, before)


def certificate(status: str = "valid", not_after: datetime = START + timedelta(days=1095)) -> dict[str, Any]:
    """The part of a view that the badge needs."""
    return {"status": status, "not_after": not_after}


def ids(found: list[dict[str, Any]]) -> list[str]:
    """The emissions of a list."""
    return [str(emission["emission_id"]) for emission in found]


def test_a_view_is_replaced_by_later_versions_only(views: Views) -> None:
    views.save(view("e", version=2, state="identified"))
    views.save(view("e", version=1))
    views.save(view("e", version=2, state="identified"))
    assert [one["state"] for one in views.find(ListFilter())] == ["identified"]
    views.save(view("e", version=3, state="confirmed"))
    (shown,) = views.find(ListFilter())
    assert (shown["state"], shown["version"], shown["started_at"]) == ("confirmed", 3, START)


def test_lists_are_filtered_and_newest_first(views: Views) -> None:
    views.save(view("old", started_at=START))
    views.save(view("new", started_at=START + timedelta(hours=1), state="completed"))
    views.save(view("other", office_id="654321", person_id="p-2", protocol="654321.2026.11.22.00000001-11"))
    assert ids(views.find(ListFilter(office_id="123456"))) == ["new", "old"]
    assert ids(views.find(ListFilter(state="completed"))) == ["new"]
    assert ids(views.find(ListFilter(person_id="p-2"))) == ["other"]
    assert ids(views.find(ListFilter(protocol="654321.2026.11.22.00000001-11"))) == ["other"]
    assert ids(views.find(ListFilter(office_id="123456", before=START + timedelta(hours=1)))) == ["old"]
    assert ids(views.find(ListFilter(office_id="123456", limit=1))) == ["new"]


def test_keys_lead_to_their_emission_also_when_replaced(views: Views) -> None:
    views.save(view("e", keys=["link-1"]))
    views.save(view("e", version=2, keys=["link-1", "link-2"]))
    assert [views.emission_by_key(key) for key in ("link-1", "link-2", "link-3")] == ["e", "e", None]


def test_what_was_before_spares_a_look_and_changes_nothing(views: Views) -> None:
    # given a view that follows the beginning, and one that follows it
    first = Before(1, ["link-1"])
    views.save(view("e", keys=["link-1"], before=Before()))
    revoked = Revocation("0a", START, "superseded")
    views.save(view("e", version=3, keys=["link-1", "link-2"], revocations=[revoked], before=first))
    assert [views.emission_by_key(key) for key in ("link-1", "link-2")] == ["e", "e"]
    assert views.revocations() == [revoked]

    # when the same comes again, or an older one
    views.save(view("e", version=2, state="identified", keys=["link-1"], before=first))
    views.save(view("e", keys=["link-1"], before=Before()))

    # then nothing is lost
    (shown,) = views.find(ListFilter())
    assert (shown["version"], shown["state"]) == (3, "started")


def test_a_view_whose_forerunner_was_not_kept_is_kept_with_all_its_keys(views: Views) -> None:
    # given a view of the first version, and none of the second
    views.save(view("e", keys=["link-1"]))

    # when the third comes
    views.save(view("e", version=3, keys=["link-1", "link-2", "link-3"], before=Before(2, ["link-1", "link-2"])))

    # then what came with the second is there, too; also where there was no view at all
    views.save(view("new", version=2, keys=["link-4", "link-5"], before=Before(1, ["link-4"])))
    found = [views.emission_by_key(f"link-{number}") for number in range(1, 6)]
    assert found == ["e", "e", "e", "new", "new"]
    assert {one["emission_id"]: one["version"] for one in views.find(ListFilter())} == {"e": 3, "new": 2}


def test_the_badge_is_of_a_certificate_in_force(views: Views) -> None:
    views.save(view("withheld", certificate=certificate("withheld")))
    views.save(view("revoked", certificate=certificate("revoked")))
    assert views.certified("p-1", START) is None
    views.save(view("valid", certificate=certificate()))
    found = views.certified("p-1", START)
    assert found is not None
    assert found["emission_id"] == "valid"
    assert views.certified("p-1", START + timedelta(days=1096)) is None


def test_overdue_are_those_whose_deadline_has_passed(views: Views) -> None:
    views.save(view("due", deadline=START))
    views.save(view("later", deadline=START + timedelta(seconds=1)))
    views.save(view("never", deadline=None))
    assert views.overdue(START, 10) == ["due"]
    assert len(views.overdue(START + timedelta(days=1), 1)) == 1


def test_those_that_wait_are_found_the_longest_first(views: Views) -> None:
    for name, minutes in (("long", 1), ("short", 3), ("later", 9)):
        since = START + timedelta(minutes=minutes)
        views.save(view(name, awaited=[{"what": "room", "since": since}], awaited_since=since))
    views.save(view("foreign", office_id="654321", awaited=[{"what": "room", "since": START}], awaited_since=START))
    views.save(view("nothing", awaited=[], awaited_since=None))
    views.save(view("of-an-older-version"))
    before = START + timedelta(minutes=5)
    assert ids(views.awaiting(before, None, 10)) == ["foreign", "long", "short"]
    assert ids(views.awaiting(before, "123456", 10)) == ["long", "short"]
    assert ids(views.awaiting(before, None, 1)) == ["foreign"]
    assert views.awaiting(before, "654321", 1)[0]["awaited"] == [{"what": "room", "since": START}]


def test_revocations_are_kept_once(views: Views) -> None:
    revoked = Revocation("0a", START, "superseded", 2026)
    views.save(view("e", revocations=[revoked]))
    views.save(view("e", version=2, revocations=[revoked, Revocation("0b", START, "unspecified")]))
    assert sorted(views.revocations(), key=lambda one: one.serial) == [revoked, Revocation("0b", START, "unspecified")]


def test_the_list_names_what_is_withheld_until_it_is_released(views: Views) -> None:
    issued = {"serial": "0a", "not_before": START, **certificate("withheld")}
    marks = [views.revocations_mark()]

    # when a certificate is withheld, then it is on hold
    views.save(view("e", certificate=issued))
    marks.append(views.revocations_mark())
    assert views.revocations() == [Revocation("0a", START, "certificate_hold", START.year)]

    # when it is released, then it is not named any more
    views.save(view("e", version=2, certificate={**issued, "status": "valid"}))
    marks.append(views.revocations_mark())
    assert views.revocations() == []

    # when it is revoked, then it is named as that, though the view still says that it is withheld
    revoked = Revocation("0b", START, "superseded")
    views.save(view("f", certificate={**issued, "serial": "0b"}, revocations=[revoked]))
    marks.append(views.revocations_mark())
    assert views.revocations() == [revoked]

    # and each change gave another mark, which stays while nothing changes
    assert len(set(marks[1:])) == 3
    assert marks[0] != marks[1]
    assert views.revocations_mark() == marks[-1]


def test_those_that_end_soon_are_found_the_first_to_end_first(views: Views) -> None:
    # given certificates that end at other times, in other states, of other offices
    def ending(name: str, days: int, status: str = "valid", **more: Any) -> None:
        views.save(view(name, certificate=certificate(status, START + timedelta(days=days)), **more))

    ending("later", 20)
    ending("soon", 3)
    ending("far", 40)
    ending("ended", 0)
    ending("revoked", 3, "revoked")
    ending("foreign", 5, office_id="654321")

    # then those of the wanted time are found
    by = START + timedelta(days=30)
    assert ids(views.find(ListFilter(ending_by=by, now=START))) == ["soon", "foreign", "later"]
    assert ids(views.find(ListFilter(office_id="123456", ending_by=by, now=START))) == ["soon", "later"]
    assert ids(views.find(ListFilter(ending_by=by, now=START, limit=1))) == ["soon"]


def test_those_of_which_a_notice_is_due_are_found(views: Views) -> None:
    soon = certificate("valid", START + timedelta(days=7))
    views.save(view("due", certificate=soon, notice_at=START))
    views.save(view("told", certificate=soon, notice_at=None))
    views.save(view("not-yet", certificate=soon, notice_at=START + timedelta(seconds=1)))
    views.save(view("revoked", certificate=certificate("revoked", START + timedelta(days=7)), notice_at=START))
    views.save(view("ended", certificate=certificate("valid", START), notice_at=START))
    views.save(view("of-an-older-version", certificate=certificate("valid", START + timedelta(days=8))))
    by = START + timedelta(days=30)
    assert views.to_notice(START, by, 10) == ["due", "of-an-older-version"]
    assert views.to_notice(START, by, 1) == ["due"]


def test_a_serial_leads_to_its_emission_also_once_revoked_and_replaced(views: Views) -> None:
    replaced = Revocation("0a", START, "superseded")
    views.save(view("e", certificate={"serial": "0b", "not_before": START, **certificate()}, revocations=[replaced]))
    assert [views.emission_by_serial(serial) for serial in ("0a", "0b", "0c")] == ["e", "e", None]


def test_a_serials_status_follows_its_certificate(views: Views) -> None:
    issued = {"serial": "0a", "not_before": START, **certificate("withheld")}
    assert views.certificate_status("0a") is None
    views.save(view("e", certificate=issued))
    assert views.certificate_status("0a") == CertificateStatus("withheld", START)
    views.save(view("e", version=2, certificate={**issued, "status": "valid"}))
    assert views.certificate_status("0a") == CertificateStatus("valid")
    assert views.certificate_status("0b") is None


def test_whose_a_serial_is_stays_known(views: Views) -> None:
    # given a withheld certificate of an issuer, and a revoked one of another
    held = {"serial": "0a", "not_before": START, "issuer": "CN=G2", **certificate("withheld")}
    revoked = Revocation("0b", START, "superseded", issuer="CN=G1")
    views.save(view("e", certificate=held, revocations=[revoked]))

    # when lists and answers ask, then both are told with theirs
    found = sorted(views.revocations(), key=lambda one: one.serial)
    assert found == [Revocation("0a", START, "certificate_hold", year=2026, issuer="CN=G2"), revoked]
    assert views.certificate_status("0a") == CertificateStatus("withheld", START, issuer="CN=G2")
    assert views.certificate_status("0b") == CertificateStatus("revoked", START, "superseded", "CN=G1")

    # and so after the release
    views.save(view("e", version=2, certificate={**held, "status": "valid"}, revocations=[revoked]))
    assert views.certificate_status("0a") == CertificateStatus("valid", issuer="CN=G2")


def test_a_revoked_serial_stays_revoked_though_the_emission_has_another(views: Views) -> None:
    replaced = Revocation("0a", START, "superseded")
    other = {"serial": "0b", "not_before": START, **certificate("valid")}
    views.save(view("e", certificate=other, revocations=[replaced]))
    assert views.certificate_status("0a") == CertificateStatus("revoked", START, "superseded")
    assert views.certificate_status("0b") == CertificateStatus("valid")


def test_numbers_are_given_once_even_to_many_at_once(views: Views) -> None:
    given: list[int] = []

    def take() -> None:
        given.extend(views.next_sequence("123456", DAY) for _ in range(10))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 41))
    assert views.next_sequence("123456", DAY + timedelta(days=1)) == 1


def test_one_emission_holds_the_reservation(views: Views) -> None:
    assert views.reserve("p", "o", "first", START).emission_id == "first"
    assert views.reserve("p", "o", "first", START).emission_id == "first"
    held = views.reserve("p", "o", "second", START + timedelta(hours=1))
    assert (held.emission_id, held.since) == ("first", START)
    assert views.reserve("p", "o", "second", START, instead_of="somebody").emission_id == "first"
    assert views.reserve("p", "o", "second", START, instead_of="first").emission_id == "second"
    views.release("p", "o", "first")
    assert views.reserve("p", "o", "third", START).emission_id == "second"
    views.release("p", "o", "second")
    assert views.reserve("p", "o", "third", START).emission_id == "third"


def test_cleared_views_keep_what_must_never_be_given_twice(views: Views) -> None:
    views.save(view("e", keys=["k"]))
    views.save_position(9)
    views.reserve("p", "o", "e", START)
    first = views.next_sequence("123456", DAY)
    views.clear()
    assert (views.find(ListFilter()), views.emission_by_key("k"), views.position()) == ([], None, 0)
    assert views.next_sequence("123456", DAY) > first
    assert views.reserve("p", "o", "x", START).emission_id == "e"


def test_a_lost_counter_is_never_behind_the_protocols(document_engine: Documents) -> None:
    made = DocumentViews(connect(DocumentSettings(document_engine.url, f"views_{secrets.token_hex(4)}")))
    made.save(view("e"))
    assert made.next_sequence("123456", DAY) == 8
