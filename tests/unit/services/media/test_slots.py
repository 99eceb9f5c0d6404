"""Cells at once on a machine."""

from __future__ import annotations

import threading
from pathlib import Path

from services.media.slots import Slots
from tests.support.waiting import until


def test_no_more_than_the_slots_are_taken_at_once(tmp_path: Path) -> None:
    slots, inside, most, gate = Slots(tmp_path, 2), [], [], threading.Event()

    def work(number: int) -> None:
        with slots.taken(lambda: True):
            inside.append(number)
            most.append(len(inside))
            gate.wait(10)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    until(lambda: len(inside) == 2, what="two at work")
    gate.set()
    for thread in threads:
        thread.join()
    assert max(most) == 2
    assert len(most) == 5
