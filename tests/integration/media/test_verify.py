"""Whatever is changed in what is kept of a recording is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.objects import MemoryObjectStore
from services.media.model.video import Outcome
from services.media.notices import Silent
from services.media.render import Job, render
from services.media.tracks import read_folder
from services.media.verify import examine
from tests.support.tracks import FIXTURES

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, MemoryObjectStore]:
    folder, objects = tmp_path_factory.mktemp("recorded"), MemoryObjectStore()
    tracks = FIXTURES / "two-people"
    begins = min(stretch.whole.begins_at for track in read_folder(tracks) for stretch in track.stretches)
    (folder / "work").mkdir()
    stop = folder / "stop.json"
    stop.write_text(json.dumps({"stopped_at": begins + 20, "roles": {}}))
    job = Job(str(tracks), str(folder / "work"), "e/r", threads=2, slots_folder=str(folder), slots=1)
    return render(job, objects, stop, Silent()), objects


def key_of(outcome: Outcome) -> str:
    assert outcome.seal
    return str(outcome.seal["key"])


def test_what_is_as_it_was_sealed_has_no_fault(recorded: tuple[Outcome, MemoryObjectStore]) -> None:
    outcome, objects = recorded
    found = examine(objects, key_of(outcome), outcome.seal_head)
    assert (found.faults, found.cells, found.head) == ([], 2, outcome.seal_head)


def test_the_head_must_be_that_of_the_history(recorded: tuple[Outcome, MemoryObjectStore]) -> None:
    outcome, objects = recorded
    assert examine(objects, key_of(outcome), "0" * 64).faults == ["the seal's head is not the one in the history"]


@pytest.mark.parametrize(
    ("form", "place", "faults"),
    [
        ("playable", -100, ["the playable is not as it was stored", "cell 1 is not as it was sealed"]),
        ("playable", 100, ["the playable is not as it was stored"]),
        ("original", 1000, ["the original is not as it was stored"]),
    ],
)
def test_one_changed_byte_is_found(recorded: tuple[Outcome, MemoryObjectStore], form: str, place: int, faults: list[str]) -> None:
    outcome, objects = recorded
    stored = getattr(outcome, form)
    whole = objects.get(stored["bucket"], stored["key"])
    changed = bytearray(whole)
    changed[place] ^= 1
    objects.put(stored["bucket"], stored["key"], bytes(changed), stored["content_type"])
    try:
        assert examine(objects, key_of(outcome), outcome.seal_head).faults == faults
    finally:
        objects.put(stored["bucket"], stored["key"], whole, stored["content_type"])


def _with_other_hash(manifest: dict[str, object]) -> None:
    manifest["links"][0]["sha256"] = "f" * 64  # type: ignore[index]


def _without_a_link(manifest: dict[str, object]) -> None:
    del manifest["links"][0]  # type: ignore[attr-defined]


@pytest.mark.parametrize("change", [_with_other_hash, _without_a_link])
def test_a_seal_that_was_written_anew_is_found(
    recorded: tuple[Outcome, MemoryObjectStore], change: Callable[[dict[str, object]], None]
) -> None:
    outcome, objects = recorded
    manifest = json.loads(objects.get("videos", key_of(outcome)))
    change(manifest)
    objects.put("videos", "forged.json", json.dumps(manifest).encode(), "application/json")
    assert examine(objects, "forged.json", outcome.seal_head).faults


def test_a_seal_that_cannot_be_read_is_a_fault(recorded: tuple[Outcome, MemoryObjectStore], tmp_path: Path) -> None:
    _, objects = recorded
    objects.put("videos", "broken.json", b"{", "application/json")
    assert examine(objects, "broken.json").faults[0].startswith("the seal cannot be read")
