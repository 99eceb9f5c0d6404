"""Live updates: from an event on the real broker to a browser's open stream."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from chassis.outbox import ConfirmedPublisher
from chassis.settings import ProcessSettings
from contracts.envelope import Envelope
from deploy.local.process import free_ports
from gateway.parts import Parts
from gateway.security.guards import SESSION_COOKIE
from gateway.streams.app import create_streams, places_of
from gateway.streams.consumer import EventConsumer
from gateway.streams.feed import Feed
from tests.support import gateway_samples as samples
from tests.support.engines import Broker
from tests.support.memory_letters import MemoryDeadLetters
from tests.support.sample_gateway import SampleGateway, build, settings
from tests.support.waiting import until

pytestmark = pytest.mark.integration
OWN = samples.named_id("emission-started")
FOREIGN = samples.named_id("emission-foreign")
PAGES = settings().public_url


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams process' parts, listening to a real broker."""

    url: str
    gateway: SampleGateway
    publisher: ConfirmedPublisher
    feed: Feed

    def publish(self, number: int, emission_id: str) -> None:
        """One event of the conference, confirmed by the broker."""
        data = {"conference_id": "c", "emission_id": emission_id, "office_id": "office-1"}
        self.publisher.publish(Envelope(f"e-{number}", "conference", "ConferenceStarted", "c", samples.NOW, data))

    def open(self, path: str, user_id: str | None, **headers: str) -> requests.Response:
        """An EventSource's request with the cookie of the pages' own session."""
        cookies = {}
        if user_id:
            cookie = self.gateway.client(user_id).get_cookie(SESSION_COOKIE)
            assert cookie is not None
            cookies = {SESSION_COOKIE: cookie.value}
        return requests.get(self.url + path, cookies=cookies, headers=headers, stream=True, timeout=20)


@pytest.fixture
def streams(broker: Broker) -> Iterator[Streams]:
    gateway = build()
    gateway.reset_limits()
    feed = Feed()
    consumer = EventConsumer(broker.url, feed.add)
    parts = Parts(
        settings(process=ProcessSettings(broker.url, "127.0.0.1", 0, "INFO")),
        gateway.caller,
        gateway.accounts,
        gateway.ledger,
        gateway.objects,
        MemoryDeadLetters(),
    )
    (port,) = free_ports(1)
    server = make_server("127.0.0.1", port, create_streams(parts, feed, consumer.check), threaded=True)
    threads = [threading.Thread(target=run, daemon=True) for run in (server.serve_forever, consumer.run_until_stopped)]
    for thread in threads:
        thread.start()
    assert consumer.connected.wait(20)
    publisher = ConfirmedPublisher(broker.url, "conference")
    yield Streams(f"http://127.0.0.1:{port}", gateway, publisher, feed)
    consumer.should_stop = True
    feed.close()
    publisher.close()
    server.shutdown()


def messages(response: requests.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """Event name and data of each message."""
    name = ""
    for line in response.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        if line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_a_page_hears_of_its_own_emission_only(streams: Streams) -> None:
    response = streams.open(f"/emissoes/{OWN}", "ana", Origin=PAGES)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert response.headers["Access-Control-Allow-Origin"] == PAGES
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    heard = messages(response)
    streams.publish(1, "another")
    streams.publish(2, OWN)
    assert next(heard) == ("changed", {"type": "ConferenceStarted"})


def test_an_operator_sees_what_was_before_and_what_comes(streams: Streams) -> None:
    streams.publish(1, OWN)
    first = messages(streams.open("/eventos", "olga"))
    name, data = next(first)
    assert name == "happened"
    assert data["id"] == "e-1"
    assert data["emission"] == OWN
    streams.publish(2, FOREIGN)
    assert next(first)[1]["id"] == "e-2"
    again = messages(streams.open("/eventos", "olga", **{"Last-Event-ID": "1"}))
    assert next(again)[1]["id"] == "e-2"


@pytest.mark.parametrize(
    ("path", "user_id", "status"),
    [
        (f"/emissoes/{OWN}", None, 401),
        (f"/emissoes/{FOREIGN}", "ana", 403),
        (f"/emissoes/{samples.named_id('nothing')}", "ana", 404),
        ("/eventos", "ana", 403),
        ("/eventos", None, 401),
    ],
)
def test_streams_have_the_pages_doors(streams: Streams, path: str, user_id: str | None, status: int) -> None:
    assert streams.open(path, user_id).status_code == status
    assert ("AccessRefused" in streams.gateway.ledger.names()) == (status == 403)


def test_other_sites_pages_get_nothing(streams: Streams) -> None:
    response = streams.open(f"/emissoes/{OWN}", "ana", Origin="https://evil.example")
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


def test_the_process_says_whether_it_hears(streams: Streams) -> None:
    assert streams.open("/health/live", None).json() == {"service": "streams", "alive": True}
    ready = streams.open("/health/ready", None)
    assert (ready.status_code, ready.json()["checks"]) == (200, {"broker": "ok"})
    assert "titular_" in streams.open("/metrics", None).text


def test_more_streams_than_there_is_room_for_are_told_to_come_later(streams: Streams) -> None:
    """With status 200, since a browser gives a stream up for good at any other; a place that is left is given on."""
    held = [streams.open(f"/emissoes/{OWN}", "ana") for _ in range(places_of(8))]
    later = streams.open(f"/emissoes/{OWN}", "ana")
    assert (later.status_code, later.text) == (200, "retry: 5000\n\n")
    held[0].close()

    def room_again() -> bool:
        streams.publish(7, OWN)  # a server notices that a reader has gone when it writes
        response = streams.open(f"/emissoes/{OWN}", "ana")
        return next(response.iter_lines(decode_unicode=True)) == "retry: 2000"

    until(room_again)


def test_pages_look_again_after_the_broker_was_away(streams: Streams) -> None:
    heard = messages(streams.open(f"/emissoes/{OWN}", "ana"))
    streams.feed.lose()
    assert next(heard) == ("changed", {"type": "missed"})
