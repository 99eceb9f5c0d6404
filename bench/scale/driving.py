"""Emissions driven phase by phase on a stack of its own, so that each phase's use of each program can be told apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.scale.figures import SERVICES
from bench.scale.probes import Snapshot
from cli.demo.person import new_person
from tests.faults import emission
from tests.faults.emission import Mode, Story, World
from tests.faults.office import Answers, Client
from tests.faults.stores import Stores
from tests.faults.tap import Tap
from tests.faults.target import Target
from tests.support.waiting import until

IDLE_SECONDS = 15.0
SEED = 4711
MEETINGS_AT_ONCE = 3
COMMANDS = {"register": 4, "start": 1, "meet": 11, "confirm": 5, "certify": 7}
"""Requests of each phase as the driver sends them; what it sends beyond these are looks whether something has happened."""


@dataclass
class Used:
    """What a stretch of time used, idling taken off."""

    cpu: dict[str, float]
    calls: dict[str, float]
    handled: dict[str, float]
    published: dict[str, float]
    requests: float
    seconds: float

    def each(self, count: float) -> Used:
        """For one of so many."""
        cpu, calls, handled, published = (
            {name: value / count for name, value in one.items()} for one in (self.cpu, self.calls, self.handled, self.published)
        )
        return Used(cpu, calls, handled, published, self.requests / count, self.seconds / count)

    def without(self, other: Used, times: float) -> Used:
        """With so many of something else taken off."""
        cpu = {name: max(0.0, value - other.cpu.get(name, 0.0) * times) for name, value in self.cpu.items()}
        calls = {name: max(0.0, value - other.calls.get(name, 0.0) * times) for name, value in self.calls.items()}
        return Used(cpu, calls, self.handled, self.published, self.requests - other.requests * times, self.seconds)


@dataclass
class Driver:
    """Drives a target. ``idle``: what programs use while nothing is asked, in processor seconds a second."""

    target: Target
    tap: Tap
    stores: Stores
    answers: Answers = field(default_factory=Answers)
    idle: dict[str, float] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """What the emissions meet."""
        ports = self.target.configuration.ports
        sfu = f"http://127.0.0.1:{ports['sfu_http']}/janus"
        return World(f"http://127.0.0.1:{ports['gateway']}", sfu, self.target.configuration.recordings, self.target.receiver)

    def clerk(self, number: int = 0) -> Client:
        """Signed in, at an address of its own."""
        client = Client(self.world.url, self.answers, f"127.0.1.{number + 1}")
        client.sign_in("ana" if number % 2 == 0 else "bruno", self.target.configuration.secrets["sample_password"])
        return client

    def phone(self, number: int) -> Client:
        """A holder's."""
        return Client(self.world.url, self.answers, f"127.{2 + number // 250}.{1 + number % 250}.2")

    def measured(self, work: Callable[[], None], quiet: bool = True) -> Used:
        """Do something, wait until its events are handled, and say what it used."""
        before = Snapshot.of(self.target, self.tap, self.answers)
        work()
        if quiet:
            self.be_quiet()
        after = Snapshot.of(self.target, self.tap, self.answers)
        seconds = after.at - before.at
        cpu = {
            name: max(0.0, used - before.cpu.get(name, 0.0) - self.idle.get(name, 0.0) * seconds)
            for name, used in after.cpu.items()
        }
        calls, handled = (
            {name: getattr(after, kind)[name] - getattr(before, kind)[name] for name in SERVICES} for kind in ("calls", "handled")
        )
        published = {name: float(count - before.published[name]) for name, count in after.published.items()}
        return Used(cpu, calls, handled, published, after.requests - before.requests, seconds)

    def be_quiet(self) -> None:
        """Wait until no event waits anywhere and no recording is being finished."""
        until(self._quiet, seconds=180, what="quiet")

    def _quiet(self) -> bool:
        busy = [
            one for one in self.stores.documents("media", "videos") if one["state"] == "processing" or not one["tracks_removed"]
        ]
        return not busy and self.stores.depths().quiet and not self.stores.unsent()

    def watch_idle(self) -> Used:
        """Let time pass."""
        return self.measured(lambda: time.sleep(IDLE_SECONDS), quiet=False)


def stories(first: int, count: int, mode: Mode) -> list[Story]:
    """Emissions that go all the way, of people who were never here."""
    people = {number: new_person(SEED * 100_000 + number) for number in range(first, first + count)}
    return [Story(number, mode, "completed", "email", False, person) for number, person in people.items()]


def whole(driver: Driver, told: Iterable[Story], clerk: Client) -> None:
    """Emissions from beginning to end, one after the other."""
    for story in told:
        emission.tell(story, clerk, driver.phone(story.number), driver.world)
        if not story.told:
            raise RuntimeError(f"emission {story.number} did not come to its end: {story.trouble or story.state}")


def phases(driver: Driver, count: int, say: Callable[[str], None]) -> dict[str, Used]:
    """So many remote emissions, all of them through one phase after the other; what each phase and each kind of look used."""
    clerk, world = driver.clerk(), driver.world
    told = stories(1000, count, "remote")
    found: dict[str, Used] = {}

    def note(name: str, used: Used, divisor: float) -> None:
        found[name] = used.each(divisor)
        say(f"{name}: {used.seconds:.0f} s, {used.requests:.0f} requests, {sum(used.cpu.values()):.2f} processor seconds")

    note("register", driver.measured(lambda: _each(told, lambda one: emission.register(one, clerk))), count)
    note("start", driver.measured(lambda: _each(told, lambda one: emission.start(one, clerk))), count)
    until(
        lambda: all(clerk.get(f"/api/emissions/{one.emission_id}/conference", (404,)) for one in told), seconds=60, what="rooms"
    )
    opened = driver.watch_idle()
    note("look", opened, count * opened.seconds)
    for name, look in _looks(driver, clerk, told).items():
        used = driver.measured(look, quiet=False)
        note(name, used.without(found["look"], count * used.seconds), used.requests if name != "sign_in" else count / 2)

    clerks = [driver.clerk(number) for number in range(MEETINGS_AT_ONCE)]

    def meet_all() -> None:
        with ThreadPoolExecutor(MEETINGS_AT_ONCE) as pool:
            shares = [told[number::MEETINGS_AT_ONCE] for number in range(MEETINGS_AT_ONCE)]
            for done in [pool.submit(_meet, driver, clerks[number], share) for number, share in enumerate(shares)]:
                done.result()

    met = driver.measured(meet_all)
    # Rooms close one after the other: on average half of them were looked after all the time.
    met.cpu = met.without(found["look"], count / 2 * met.seconds).cpu
    note("meet", met.without(found["poll"], met.requests - COMMANDS["meet"] * count), count)
    note("confirm", driver.measured(lambda: _each(told, lambda one: emission.confirm_and_invite(one, clerk))), count)
    note(
        "certify", driver.measured(lambda: _each(told, lambda one: emission.certify(one, driver.phone(one.number), world))), count
    )
    return found


def _meet(driver: Driver, clerk: Client, told: list[Story]) -> None:
    for one in told:
        emission.meet(one, clerk, driver.phone(one.number), driver.world)


def _each(told: list[Story], act: Callable[[Story], None]) -> None:
    for one in told:
        act(one)


def _looks(driver: Driver, clerk: Client, told: list[Story]) -> dict[str, Callable[[], None]]:
    """Each kind of look as often as there are emissions, and twice more."""
    tokens = {
        one.number: str((clerk.get(f"/api/emissions/{one.emission_id}/conference/link") or {})["link"]).partition("#")[2]
        for one in told
    }
    holders = {one.number: driver.phone(one.number) for one in told}
    for holder in holders.values():
        holder.open_page("/videoconferencia/")
    thrice = [*told, *told, *told]

    def state(one: Story) -> None:
        holders[one.number].post("/videoconferencia/api/estado", {"token": tokens[one.number]})

    return {
        "page": lambda: _each(thrice, lambda one: clerk.look(f"/emissoes/{one.emission_id}")),
        "parts": lambda: _each(thrice, lambda one: clerk.look(f"/emissoes/{one.emission_id}/partes")),
        "room_parts": lambda: _each(thrice, lambda one: clerk.look(f"/emissoes/{one.emission_id}/sala/partes")),
        "state": lambda: _each(thrice, state),
        "poll": lambda: _each(thrice, lambda one: clerk.look(f"/api/emissions/{one.emission_id}/conference")),
        "sign_in": lambda: _each(told[: len(told) // 2], lambda one: _sign_in(driver, one.number % 8)),
    }


def _sign_in(driver: Driver, number: int) -> None:
    driver.clerk(number)
