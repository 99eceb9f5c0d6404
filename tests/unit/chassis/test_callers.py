"""Each way in which a question can fail has its name, its time and its effect on the circuit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from chassis import deadline
from chassis.callers import PooledCaller
from chassis.question_line import LineLost, NoAnswer, NotRouted, QuestionLine
from contracts.actor import system
from contracts.errors import InternalFault, NotFound, Unavailable
from tests.support.answering import REMEMBER

ME = system("test")
Outcome = dict[str, Any] | Exception


class FakeLine:
    """Does what a test says, one outcome after the other; the last one stays."""

    def __init__(self, *outcomes: Outcome, connected: bool = True) -> None:
        self.outcomes = list(outcomes)
        self.connected = connected
        self.away = 0.0
        self.asked: list[tuple[Mapping[str, Any], float]] = []
        self.waited: list[float] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def ask(self, service: str, method: str, message: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        self.asked.append((message, seconds))
        self.meanwhile()
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def wait_until_connected(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.connected

    def away_for(self) -> float:
        return self.away


WELL: dict[str, Any] = {"result": {"value": {"word": "well"}}, "error": None}


def asking(line: FakeLine, **options: Any) -> Callable[[], dict[str, Any]]:
    caller = PooledCaller("amqp://nowhere/", line=cast(QuestionLine, line), **options)
    return lambda: caller(REMEMBER, {"word": "x"}, actor=ME, command_id="c")


def refusal(ask: Callable[[], Any]) -> Unavailable:
    with pytest.raises(Unavailable) as raised:
        ask()
    return raised.value


def test_an_answer_is_read_and_the_question_says_how_long_it_may_take() -> None:
    line = FakeLine(WELL)
    assert asking(line, timeout=10.0)() == {"word": "well"}
    ((message, seconds),) = line.asked
    assert 9_000 < message["expires_in_ms"] <= 10_000
    assert 9.0 < seconds <= 10.0


def test_a_nested_question_takes_no_longer_than_what_is_left() -> None:
    line = FakeLine(WELL)
    ask = asking(line, timeout=10.0)
    with deadline.within(2.0):
        ask()
    assert line.asked[0][1] <= 2.0


def test_a_lost_connection_is_tried_again_with_the_same_command() -> None:
    line = FakeLine(LineLost(), LineLost(), WELL)
    assert asking(line)() == {"word": "well"}
    assert [message["command_id"] for message, _ in line.asked] == ["c", "c", "c"]


def test_typed_refusals_and_faults_of_the_service_open_no_circuit() -> None:
    line = FakeLine({"result": {"error": NotFound("no").to_dict()}, "error": None})
    ask = asking(line)
    for _ in range(10):
        with pytest.raises(NotFound):
            ask()
    line.outcomes = [{"result": None, "error": {"exc_type": "MethodNotFound"}}]
    with pytest.raises(InternalFault, match="MethodNotFound"):
        ask()


def test_silence_opens_the_circuit_and_later_questions_are_not_even_sent() -> None:
    line = FakeLine(NoAnswer(10.0))
    ask = asking(line)
    assert [refusal(ask).reason for _ in range(5)] == ["no_answer"] * 5
    refused = refusal(ask)
    assert (refused.reason, refused.details["service"]) == ("circuit", "answering")
    assert refused.details["retry_after"] >= 1
    assert len(line.asked) == 5


def test_a_question_that_had_hardly_any_time_says_nothing_about_the_service() -> None:
    line = FakeLine(NoAnswer(0.3))
    ask = asking(line)
    assert {refusal(ask).reason for _ in range(10)} == {"no_answer"}


def test_a_service_that_was_never_there() -> None:
    assert refusal(asking(FakeLine(NotRouted()))).reason == "not_running"


def test_a_broker_that_is_away_is_waited_for_at_first_and_blamed_on_no_service() -> None:
    line = FakeLine(WELL, connected=False)
    ask = asking(line)
    assert {refusal(ask).reason for _ in range(10)} == {"broker"}
    line.away = 60.0
    assert refusal(ask).details["retry_after"] >= 1
    assert line.waited[0] > 9.0
    assert line.waited[-1] == 1.0
    line.connected = True
    assert ask() == {"word": "well"}


def test_no_more_questions_wait_for_one_service_than_it_has_places() -> None:
    line = FakeLine(WELL)
    ask = asking(line, size=1)
    seen: list[Unavailable] = []

    def meanwhile() -> None:
        line.meanwhile = lambda: None
        with deadline.within(0.1):
            seen.append(refusal(ask))

    line.meanwhile = meanwhile
    assert ask() == {"word": "well"}
    assert [error.reason for error in seen] == ["busy"]
    assert ask() == {"word": "well"}


def test_when_the_time_for_the_whole_work_has_passed_nothing_is_asked() -> None:
    line = FakeLine(WELL)
    ask = asking(line)
    with deadline.within(0.0):
        assert refusal(ask).reason == "too_late"
    assert line.asked == []
