"""Sign-ins and refusals: stored first, then published."""

from __future__ import annotations

import threading

import pytest

from chassis.documents import DocumentStore, connect
from chassis.ledger import DocumentLedger
from chassis.outbox import ConfirmedPublisher, Relay
from chassis.settings import DocumentSettings
from contracts.actor import Actor
from contracts.gateway import ACCESS_REFUSED, RECORDING_VIEWED
from tests.support.engines import Broker, Documents
from tests.support.events import collecting
from tests.support.waiting import until

pytestmark = pytest.mark.integration


def test_a_refusal_is_stored_and_reaches_the_broker_without_the_name(broker: Broker, document_engine: Documents) -> None:
    store = DocumentStore(connect(DocumentSettings(document_engine.url, "gateway-ledger")), "ledger")
    store.prepare()
    relay = Relay(store, ConfirmedPublisher(broker.url, "gateway"), "gateway")
    store.notify(relay.wake)
    ana = Actor("ana", "clerk", "Ana Lima", "office-1", "2º Tabelionato", "203.0.113.7")
    with collecting(broker.url, "gateway") as collected:
        DocumentLedger(store).record(ACCESS_REFUSED, {"user_id": "ana", "what": "clerk.emission", "reason": "office"}, ana)
        assert len(store.pending(10)) == 1
        thread = threading.Thread(target=relay.run, daemon=True)
        thread.start()
        (event,) = until(lambda: collected.of("AccessRefused"))
        until(lambda: not store.pending(10))
        relay.stop()
        thread.join(10)
    assert event.data == {"user_id": "ana", "what": "clerk.emission", "reason": "office"}
    assert event.actor == {"user_id": "ana", "role": "clerk", "office_id": "office-1", "address": "203.0.113.7"}
    assert "Ana Lima" not in str(event.to_dict())


def test_what_concerns_an_emission_is_found_newest_first(document_engine: Documents) -> None:
    store = DocumentStore(connect(DocumentSettings(document_engine.url, "gateway-ledger-views")), "ledger")
    ledger = DocumentLedger(store)
    ledger.prepare()
    seen = {"recording_id": "r", "form": "playable", "download": False}
    for user_id, emission_id in (("ana", "e1"), ("rui", "e2"), ("davi", "e1")):
        ledger.record(RECORDING_VIEWED, seen, Actor(user_id, "clerk"), emission_id=emission_id)
    found = ledger.of_emission("e1", ["RecordingViewed"], 10)
    assert [said.actor["user_id"] for said in found if said.actor] == ["davi", "ana"]
    assert ledger.of_emission("e1", ["AccessRefused"], 10) == []
