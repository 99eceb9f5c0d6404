"""The command, from options to the line for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.scale.command import main

KEYS = {"offices", "load", "seed", "emissions", "rooms_peak", "wait_p99_s", "machines", "first_bottleneck", "cost_month_usd"}


def said(*arguments: str) -> tuple[str, dict[str, Any]]:
    """What a run prints, and its last line as figures."""
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    figures: dict[str, Any] = json.loads(result.output.strip().splitlines()[-1])
    return result.output, figures


def test_the_last_line_is_one_json_object_with_the_figures_that_are_promised() -> None:
    output, figures = said("--offices", "40", "--seed", "3")
    assert figures.keys() >= KEYS
    assert (figures["offices"], figures["load"], figures["seed"]) == (40, 1.0, 3)
    assert "full first" in output


def test_the_same_seed_gives_the_same_figures() -> None:
    assert said("--offices", "40", "--seed", "3")[1] == said("--offices", "40", "--seed", "3")[1]


def test_another_seed_is_another_day() -> None:
    assert said("--offices", "200", "--seed", "1")[1]["emissions"] != said("--offices", "200", "--seed", "2")[1]["emissions"]


def test_ten_times_the_load_is_about_ten_times_the_emissions() -> None:
    once, tenfold = (said("--offices", "40", "--load", load)[1] for load in ("5", "50"))
    assert tenfold["emissions"] == pytest.approx(10 * once["emissions"], rel=0.25)
    assert tenfold["rooms_peak"] > 3 * once["rooms_peak"]
    assert tenfold["cores_peak"] > 4 * once["cores_peak"]


def test_a_layout_that_was_sized_for_less_is_overrun_and_says_by_what() -> None:
    figures = said("--offices", "20", "--load", "100", "--sized-for", "1")[1]
    assert figures["first_bottleneck"] == "followed recordings"
    assert figures["first_bottleneck_utilisation"] > 1.0
    assert figures["video_wait_p99_s"] > 1.0


def test_one_machine_carries_an_office() -> None:
    figures = said("--offices", "1", "--one-machine", "2", "--load", "5")[1]
    assert figures["machines"] == 1
    assert figures["first_bottleneck_utilisation"] < 1


def test_the_day_is_drawn(tmp_path: Path) -> None:
    said("--offices", "40", "--plot", str(tmp_path / "day.svg"))
    drawn = (tmp_path / "day.svg").read_text()
    assert drawn.startswith("<svg ")
    assert drawn.count("<polyline") == 3
