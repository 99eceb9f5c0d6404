"""A question is answered, or fails soon and clearly; a broker or service that comes back in time costs only delay."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pika
import pytest

from chassis import callers, deadline
from chassis.callers import PooledCaller
from chassis.clock import new_id
from contracts.actor import system
from contracts.errors import Unavailable
from tests.support.answering import NOBODY, REMEMBER, WAIT, program
from tests.support.engines import Broker
from tests.support.killable import Killable, killable, killable_broker
from tests.support.waiting import until

pytestmark = pytest.mark.integration
ME = system("test")
SOON_SECONDS = 6.0
"""Well below the 10 s that a question may take."""


@dataclass(frozen=True)
class Scene:
    """A broker and a service that can be killed, and a caller."""

    broker: Broker
    engine: Killable
    service: Killable
    ask: PooledCaller
    folder: Path

    def waiting(self) -> int:
        """How many questions wait in the service's queue."""
        connection = pika.BlockingConnection(pika.URLParameters(self.broker.url))
        try:
            count: int = connection.channel().queue_declare("rpc-answering", passive=True).method.message_count
            return count
        finally:
            connection.close()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("callers")
    with killable_broker(folder) as (broker, engine), killable(program(broker, folder), folder) as service:
        ask = PooledCaller(broker.url, size=3)
        yield Scene(broker, engine, service, ask, folder)
        ask.close()


def test_a_question_is_answered(scene: Scene) -> None:
    assert scene.ask(REMEMBER, {"word": "well"}, actor=ME, command_id="c1") == {"word": "well"}
    assert scene.ask(REMEMBER, {"word": "other"}, actor=ME, command_id="c1") == {"word": "well"}


def test_many_threads_share_one_line(scene: Scene) -> None:
    with ThreadPoolExecutor(12) as threads:
        words = list(threads.map(lambda n: scene.ask(REMEMBER, {"word": f"w{n}"}, actor=ME)["word"], range(60)))
    assert words == [f"w{n}" for n in range(60)]


def test_a_service_that_was_never_there_is_named_at_once(scene: Scene) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable) as raised:
        scene.ask(NOBODY, {"seconds": 0}, actor=ME)
    assert (raised.value.reason, raised.value.details["service"]) == ("not_running", "nobody_at_all")
    assert time.monotonic() - begun < SOON_SECONDS


def test_a_slow_answer_ends_with_the_time_and_harms_no_later_question(scene: Scene) -> None:
    with pytest.raises(Unavailable) as raised, deadline.within(0.5):
        scene.ask(WAIT, {"seconds": 1.5}, actor=ME)
    assert raised.value.reason == "no_answer"
    assert scene.ask(REMEMBER, {"word": "next"}, actor=ME) == {"word": "next"}


def test_a_question_that_waited_too_long_for_a_worker_is_not_begun(scene: Scene) -> None:
    """Two workers are busy; the command behind them reaches one only after its asker has gone."""
    asking = [{"actor": ME, "command_id": f"busy-{number}"} for number in range(2)]
    busy = [threading.Thread(target=scene.ask, args=(WAIT, {"seconds": 2.0}), kwargs=kwargs) for kwargs in asking]
    for one in busy:
        one.start()
    until(lambda: len(list(scene.folder.glob("waits-busy-*"))) == 2)
    command_id = new_id()
    with pytest.raises(Unavailable), deadline.within(0.7):
        scene.ask(REMEMBER, {"word": "late"}, actor=ME, command_id=command_id)
    for one in busy:
        one.join()
    assert scene.ask(REMEMBER, {"word": "after"}, actor=ME) == {"word": "after"}
    assert not (scene.folder / f"command-{command_id}").exists()


def test_a_dead_service_takes_its_places_and_no_others(scene: Scene) -> None:
    scene.service.kill()
    try:
        with ThreadPoolExecutor(8) as threads:

            def fail(_: int) -> tuple[str | None, float]:
                begun = time.monotonic()
                with pytest.raises(Unavailable) as raised, deadline.within(3):
                    scene.ask(REMEMBER, {"word": "x"}, actor=ME)
                return raised.value.reason, time.monotonic() - begun

            failed = list(threads.map(fail, range(8)))
        reasons = [reason for reason, _ in failed]
        assert reasons.count("no_answer") == 3
        assert reasons.count("busy") == 5
        assert max(seconds for reason, seconds in failed if reason == "busy") < 3
        # What nobody waits for any more waits for nobody either.
        until(lambda: scene.waiting() == 0)
    finally:
        scene.service.start()
    assert scene.ask(REMEMBER, {"word": "back"}, actor=ME) == {"word": "back"}


def test_a_service_that_comes_back_in_time_costs_only_delay(scene: Scene) -> None:
    scene.service.kill()
    with ThreadPoolExecutor(1) as threads:
        begun = time.monotonic()
        answer = threads.submit(scene.ask, REMEMBER, {"word": "again"}, actor=ME, command_id="killed")
        scene.service.start()
        assert answer.result() == {"word": "again"}
        print(f"killed service answered after {time.monotonic() - begun:.1f} s")


def test_a_broker_that_comes_back_costs_only_delay(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same caller and the same process of the service; a question under way is asked again by itself."""
    monkeypatch.setattr(callers, "PATIENCE_SECONDS", 60.0)  # a busy machine's broker may take longer to start
    with contextlib.closing(PooledCaller(scene.broker.url, timeout=60)) as ask, ThreadPoolExecutor(1) as threads:
        under_way = threads.submit(ask, WAIT, {"seconds": 1.0}, actor=ME, command_id="interrupted")
        until((scene.folder / "waits-interrupted").exists)
        scene.engine.kill()
        scene.engine.begin()
        begun = time.monotonic()
        assert ask(REMEMBER, {"word": "again"}, actor=ME, command_id="outage") == {"word": "again"}
        print(f"answered {time.monotonic() - begun:.1f} s after the broker's start began")
        assert under_way.result() == {"word": "interrupted"}


def test_without_a_broker_the_first_wait_and_later_ones_fail_soon(scene: Scene) -> None:
    scene.engine.kill()
    try:
        with pytest.raises(Unavailable) as raised:
            scene.ask(REMEMBER, {"word": "x"}, actor=ME)
        assert raised.value.reason == "broker"
        begun = time.monotonic()
        with pytest.raises(Unavailable) as raised:
            scene.ask(REMEMBER, {"word": "x"}, actor=ME)
        assert raised.value.reason == "broker"
        assert time.monotonic() - begun < SOON_SECONDS
    finally:
        scene.engine.start()
    assert scene.ask(REMEMBER, {"word": "home"}, actor=ME) == {"word": "home"}


def test_a_closed_caller_says_so(scene: Scene) -> None:
    other = PooledCaller(scene.broker.url)
    other.close()
    with pytest.raises(Unavailable), deadline.within(1):
        other(REMEMBER, {"word": "x"}, actor=ME)
