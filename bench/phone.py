"""The holder's way as the phone sees it: each step in headless Chromium, against the real gateway and certification.

``python -m bench.phone --phones 50`` measures it plain and with the processor slowed down six times, as on an old phone.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from bench.running import House, running
from contracts import certification
from contracts.actor import system
from tests.support.browsers import chromium

SLOWER = 6
PHONE = {"width": 360, "height": 740}
TIMEOUT_MS = 60_000
OPENED = """window.opened = new Promise(done => {
  const look = () => {
    const intro = document.querySelector("[data-step=intro]");
    if (intro && !intro.hidden) done(performance.now());
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
STEP = """([button, step]) => new Promise((done, failed) => {
  const begun = performance.now();
  document.querySelector(button).click();
  const look = () => {
    if (!document.querySelector("#phone-problem").hidden) failed(new Error(document.querySelector("#phone-problem").innerText));
    else if (document.querySelector(`[data-step=${step}]`).hidden) requestAnimationFrame(look);
    else done(performance.now() - begun);
  };
  look();
})"""
SERVER = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter(entry => new URL(entry.name).pathname.startsWith("/certificado/"))
  .reduce((sum, entry) => sum + entry.responseStart - entry.requestStart, 0)"""


@dataclass(frozen=True)
class Phones:
    """Seconds of each phone: by step, from the tap to the next page; of the server, all steps together."""

    steps: dict[str, list[float]] = field(default_factory=dict)
    server: list[float] = field(default_factory=list)

    def note(self, step: str, milliseconds: float) -> None:
        """One phone's step."""
        self.steps.setdefault(step, []).append(milliseconds / 1000)

    @property
    def whole(self) -> list[float]:
        """All steps of a phone together; what its holder reads and types in between does not count."""
        return [sum(each) for each in zip(*self.steps.values(), strict=True)]


def measure(folder: Path, phones: int, throttled: bool) -> Phones:
    """So many phones, one after another, each a browser without anything kept; the first one more warms the services up."""
    found = Phones()
    with running(folder) as house, chromium() as browser:
        for number in range(phones + 1):
            _phone(house, browser, number, Phones() if number == 0 else found, throttled)
    return found


def _phone(house: House, browser: Browser, number: int, found: Phones, throttled: bool) -> None:
    invited = house.invited(f"r-{number}")
    about = {"emission_id": invited["emission_id"]}
    # Each phone has an address of its own, as in life: the gateway's limits count by address.
    address = {"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"}
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, locale="pt-BR", extra_http_headers=address)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        if throttled:
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.add_init_script(OPENED)
        page.goto(_message(house, invited["invitation"]["invitation_id"])["link"])
        found.note("open the link", page.evaluate("window.opened"))
        _go(page, house, about, found)
        found.server.append(page.evaluate(SERVER) / 1000)
    finally:
        context.close()


def _go(page: Page, house: House, about: Mapping[str, str], found: Phones) -> None:
    page.click("[data-go=data]")
    page.fill("#cpf", "529.982.247-25")
    page.fill("#birth-date", "07/03/1985")
    found.note("data", page.evaluate(STEP, ["#data-form button", "code"]))
    page.fill("#code", _message(house, house.last_code(about))["code"])
    page.fill("#words", house.clerk(certification.GET_SPOKEN_WORDS, **about)["words"])
    found.note("code and words", page.evaluate(STEP, ["#code-form button", "key"]))
    found.note("key, certificate, term", page.evaluate(STEP, ["#create-key", "term"]))
    page.check("#read")
    found.note("signature", page.evaluate(STEP, ["#sign", "done"]))


def _message(house: House, message_id: str) -> dict[str, Any]:
    return house.ask(certification.GET_OUTGOING_MESSAGE, {"message_id": message_id}, actor=system("notify"))


def table(plain: Phones, slowed: Phones) -> Table:
    """Median and p95 of each step, in seconds."""
    made = Table("step", "median", "p95", f"median, processor {SLOWER}× slower", "p95")
    rows = {**{step: (times, slowed.steps[step]) for step, times in plain.steps.items()}}
    rows |= {"all steps": (plain.whole, slowed.whole), "of it the server": (plain.server, slowed.server)}
    for step, (fast, slow) in rows.items():
        made.add_row(step, *(f"{figure:.2f} s" for times in (fast, slow) for figure in (statistics.median(times), p95(times))))
    return made


def p95(times: list[float]) -> float:
    """The 95th percentile; of one phone alone, its time."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


@click.command()
@click.option("--phones", default=50, show_default=True, help="Whole ways of a phone, as often plain as slowed down.")
def main(phones: int) -> None:
    """Measure and print a table by step."""
    with tempfile.TemporaryDirectory(prefix="titular-bench-") as name:
        folders = Path(name, "plain"), Path(name, "slowed")
        for folder in folders:
            folder.mkdir()
        plain, slowed = measure(folders[0], phones, throttled=False), measure(folders[1], phones, throttled=True)
    Console(width=140).print(table(plain, slowed))


if __name__ == "__main__":
    main()
