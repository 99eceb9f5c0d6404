"""A circuit opens after failures in a row, lets one try through after a while, and closes by its success."""

from __future__ import annotations

import contextlib

import pytest
from prometheus_client import REGISTRY

from chassis.circuit import Circuit
from contracts.errors import NotFound, Unavailable


class Silence(Exception):
    """What counts against the service."""


class Scene:
    """A circuit with a clock of its own."""

    def __init__(self) -> None:
        self.now = 0.0
        counts = lambda error: isinstance(error, Silence)  # noqa: E731 - shorter than a function for one look
        self.circuit = Circuit("called", counts, failures=3, open_seconds=5.0, clock=lambda: self.now)

    def fail(self, times: int = 1, error: Exception | None = None) -> None:
        for _ in range(times):
            with contextlib.suppress(Silence, NotFound), self.circuit.guarding():
                raise error or Silence

    def succeed(self) -> None:
        with self.circuit.guarding():
            pass

    def refusal(self) -> Unavailable:
        with pytest.raises(Unavailable) as raised, self.circuit.guarding():
            pytest.fail("let through")
        return raised.value


@pytest.fixture
def scene() -> Scene:
    return Scene()


def state() -> float | None:
    return REGISTRY.get_sample_value("titular_circuit_state", {"service": "called"})


def test_failures_in_a_row_open_it(scene: Scene) -> None:
    scene.fail(2)
    scene.succeed()
    scene.fail(2)
    scene.succeed()
    assert state() == 0
    scene.fail(3)
    refused = scene.refusal()
    assert (refused.reason, refused.details["retry_after"], refused.details["service"]) == ("circuit", 5, "called")
    assert state() == 2


def test_refusals_of_the_business_never_count(scene: Scene) -> None:
    scene.fail(10, NotFound())
    scene.succeed()


def test_one_try_decides(scene: Scene) -> None:
    scene.fail(3)
    scene.now = 5.0
    with scene.circuit.guarding():
        assert state() == 1
        scene.refusal()
    scene.succeed()
    assert state() == 0


def test_a_failed_try_opens_it_anew(scene: Scene) -> None:
    scene.fail(3)
    scene.now = 6.0
    scene.fail()
    scene.now = 10.0
    assert scene.refusal().details["retry_after"] == 1
    scene.now = 11.0
    scene.succeed()


def test_a_try_that_proves_nothing_leaves_the_next_one_free(scene: Scene) -> None:
    scene.fail(3)
    scene.now = 5.0
    scene.fail(1, NotFound())
    scene.succeed()
    assert state() == 0


def test_a_late_failure_from_before_changes_nothing(scene: Scene) -> None:
    """It was asked while the circuit was closed; its time-out comes while another try is under way."""
    early = scene.circuit.guarding()
    early.__enter__()
    scene.fail(3)
    scene.now = 5.0
    with scene.circuit.guarding():
        with contextlib.suppress(Silence):
            early.__exit__(Silence, Silence(), None)
        scene.refusal()
    scene.succeed()
