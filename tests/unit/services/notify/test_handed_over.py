"""Results on the local disk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from services.notify.handed_over import ResultFiles
from services.notify.model import Message, delivered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_result_is_found_by_the_next_process_until_it_is_stored(tmp_path: Path) -> None:
    message = Message("m1", "e1", "code", "sms", "***", NOW, NOW)
    result = delivered(message, NOW)
    ResultFiles(tmp_path).keep(result)
    successor = ResultFiles(tmp_path)
    assert successor.get("m1") == result
    successor.forget("m1")
    successor.forget("m1")
    assert successor.get("m1") is None
    assert list(tmp_path.iterdir()) == []
