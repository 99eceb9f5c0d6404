"""A load of emissions while the plan of faults is carried out; then quiet, and every invariant."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.clock import now
from cli.running import Running
from tests.faults.acts import Acts, Outcome
from tests.faults.emission import Story, World, make_story, tell
from tests.faults.invariants import Evidence, Finding, check_all
from tests.faults.office import Answers, Client
from tests.faults.plan import make_plan
from tests.faults.stores import Stores
from tests.faults.tap import Tap
from tests.faults.target import Target, running

QUIET_SECONDS = 240.0
LOOK_SECONDS = 0.5
ALLOWED_GROWTH = 1.4
WARM = 10
"""Emissions before the memory is first measured."""


@dataclass(frozen=True, slots=True)
class Options:
    """The size of a run. ``kills`` and ``others`` are faults; ``workers`` emissions go on at once."""

    kills: int
    emissions: int
    seed: int
    others: int
    workers: int
    pause: float
    """Seconds of calm after each recovery."""


@dataclass
class Result:
    """What a run showed."""

    options: Options
    stories: list[Story]
    outcomes: list[Outcome]
    findings: list[Finding]
    answers: Answers
    seconds: float
    quiet_after: float | None
    memory: tuple[float, float] = (0.0, 0.0)
    news: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether everything held."""
        return not self.findings and self.quiet_after is not None and all(one.recovery is not None for one in self.outcomes)


Say = Callable[[str], None]


def run(options: Options, data: Path, say: Say) -> Result:
    """One whole run on a product of its own in a folder."""
    begun = time.monotonic()
    with running(data) as target:
        say(f"the product is up after {time.monotonic() - begun:.0f} s")
        tap = Tap(target.configuration.broker_url)
        acts = Acts(target, tap)
        load = Load(target, options, say)
        load.start()
        outcomes = _carry_out(acts, load, options, say)
        load.wait()
        say("the load is over; waiting for quiet")
        stores = Stores(target)
        try:
            quiet_after = _quiet(stores, target)
            memory = (load.memory, sum(_memory(target).values()))
            time.sleep(1)  # the tap's own last messages
            findings = check_all(Evidence(target, stores, tap, target.receiver, load.stories, acts.corrupted))
            findings += _growth(*memory)
        finally:
            stores.close()
            tap.close()
        seconds = time.monotonic() - begun
        return Result(options, load.stories, outcomes, findings, load.answers, seconds, quiet_after, memory, target.news)


def _carry_out(acts: Acts, load: Load, options: Options, say: Say) -> list[Outcome]:
    outcomes: list[Outcome] = []
    plan = make_plan(options.kills, options.others, options.seed)
    load.warm.wait(120)
    for number, fault in enumerate(plan, start=1):
        outcome = acts.carry_out(fault)
        outcomes.append(outcome)
        last = f" (last: {', '.join(outcome.last)})" if outcome.last else ""
        recovery = "not recovered" if outcome.recovery is None else f"{outcome.recovery:.1f} s{last}"
        say(f"{number}/{len(plan)} {fault.name}: {outcome.note or recovery}  [{load.told} told]")
        time.sleep(options.pause)
        # Faults without load would prove nothing: they wait for it, and it waits for them.
        load.allow(round(options.emissions * number / len(plan)))
    load.allow(options.emissions)
    return outcomes


class Load:
    """Emissions on several threads. They keep pace with the faults, so that both last as long."""

    def __init__(self, target: Target, options: Options, say: Say) -> None:
        self.answers = Answers()
        self.stories: list[Story] = []
        self.warm = threading.Event()
        self.memory = 0.0
        self._target = target
        self._options = options
        self._say = say
        self._numbers: queue.Queue[int | None] = queue.Queue()
        self._handed_out = 0
        self._lock = threading.Lock()
        ports = target.configuration.ports
        self._world = World(
            f"http://127.0.0.1:{ports['gateway']}",
            f"http://127.0.0.1:{ports['sfu_http']}/janus",
            target.configuration.recordings,
            target.receiver,
        )
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(options.workers)]

    @property
    def told(self) -> int:
        """How many emissions have ended, in whatever way."""
        return sum(1 for story in self.stories if story.seconds)

    def start(self) -> None:
        """Begin."""
        self.allow(WARM)
        for thread in self._threads:
            thread.start()

    def allow(self, count: int) -> None:
        """As many emissions in all may begin by now (and one more for each worker, so that none idles)."""
        with self._lock:
            wanted = min(self._options.emissions, max(WARM, count) + self._options.workers)
            for number in range(self._handed_out, wanted):
                self._numbers.put(number)
            self._handed_out = max(self._handed_out, wanted)

    def wait(self) -> None:
        """Until all are told."""
        for _ in self._threads:
            self._numbers.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self, worker: int) -> None:
        password = self._target.configuration.secrets["sample_password"]
        clerk = Client(self._world.url, self.answers, f"127.0.1.{worker + 1}")
        clerk.sign_in("ana" if worker % 2 == 0 else "celia", password)
        while (number := self._numbers.get()) is not None:
            story = make_story(number, self._options.seed)
            self.stories.append(story)
            phone = Client(self._world.url, self.answers, f"127.{1 + number // 250}.{1 + number % 250}.2")
            tell(story, clerk, phone, self._world)
            if story.trouble:
                self._say(f"emission {number}: {story.trouble}")
            if self.told >= min(WARM, self._options.emissions) and not self.warm.is_set():
                self.memory = sum(_memory(self._target).values())
                self.warm.set()


def _growth(before: float, after: float) -> list[Finding]:
    if before and after > before * ALLOWED_GROWTH:
        return [Finding("wrong", f"the product takes {after:.0f} MB now, {before:.0f} MB at the beginning")]
    return []


def _memory(target: Target) -> dict[str, float]:
    with contextlib.suppress(OSError):
        return Running.memory_of(target.pids())
    return {}


def _quiet(stores: Stores, target: Target) -> float | None:
    """Wait until nothing waits and nothing is processed; seconds, or None if it never came."""
    begun = time.monotonic()
    while time.monotonic() - begun < QUIET_SECONDS:
        with contextlib.suppress(Exception):
            busy = [
                one for one in stores.documents("media", "videos") if one["state"] == "processing" or not one["tracks_removed"]
            ]
            unfinished = [one for one in stores.documents("conference", "conferences") if one["closing"]]
            unfinished += [one for one in stores.documents("certification", "emissions") if _to_be_preserved(one)]
            if stores.depths().quiet and not stores.unsent() and not busy and not unfinished and target.serves():
                return time.monotonic() - begun
        time.sleep(LOOK_SECONDS)
    return None


def _to_be_preserved(emission: Mapping[str, Any]) -> bool:
    """Whether a timer will give the signed term its long-term form now."""
    return emission["preserve_at"] is not None and emission["preserve_at"] <= now()


def _at_work(stores: Stores) -> bool:
    videos = stores.documents("media", "videos")
    rendering = any(one["state"] == "processing" or (one["state"] == "done" and not one["tracks_removed"]) for one in videos)
    return rendering or any(one["closing"] for one in stores.documents("conference", "conferences"))
