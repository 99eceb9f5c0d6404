"""What the bench of the phone says of its times."""

from __future__ import annotations

import pytest
from rich.console import Console

from bench.phone import Phones, p95, table


def measured(*milliseconds: float) -> Phones:
    found = Phones()
    for each in milliseconds:
        found.note("data", each)
        found.note("signature", each * 2)
        found.server.append(each / 10_000)
    return found


def test_the_whole_way_of_a_phone_is_its_steps_together() -> None:
    assert measured(100, 200).whole == pytest.approx([0.3, 0.6])


def test_the_95th_percentile_of_many_and_of_one() -> None:
    assert p95([float(number) for number in range(101)]) == pytest.approx(95)
    assert p95([1.5]) == 1.5


def test_each_step_has_its_row_plain_and_slowed_down() -> None:
    console = Console(width=140, record=True, quiet=False, file=None)
    with console.capture() as shown:
        console.print(table(measured(100), measured(1000)))
    rows = [line.split("│")[1:-1] for line in shown.get().splitlines() if "│" in line]
    cells = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}
    assert cells["signature"] == ["0.20 s", "0.20 s", "2.00 s", "2.00 s"]
    assert set(cells) == {"data", "signature", "all steps", "of it the server"}
