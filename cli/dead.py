"""``titular events dead``: events that no consumer could handle; give them back, or discard them with a reason."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rich.table import Table

from chassis import dead_letter_acts
from chassis.dead_letters import BrokerDeadLetters
from chassis.ledger import DocumentLedger
from chassis.letters import Letter
from cli.console import console
from cli.running import local_operator, own_ledger, read_or_fail
from contracts.errors import TitularError
from deploy.local.process import StartFailed

EVERYTHING = 10_000


@dataclass(frozen=True, slots=True)
class Desk:
    """What the commands work on."""

    letters: BrokerDeadLetters
    ledger: DocumentLedger


@contextlib.contextmanager
def desk(data: Path) -> Iterator[Desk]:
    """The letters and the ledger of a stack that runs; what fails is said without a traceback."""
    try:
        configuration = read_or_fail(data)
        with own_ledger(configuration) as ledger:
            yield Desk(BrokerDeadLetters(configuration.broker_url), ledger)
    except TitularError as error:
        raise click.ClickException(f"{error.code}: {error.message}") from error
    except StartFailed as error:
        raise click.ClickException(str(error)) from error


@click.group()
def dead() -> None:
    """Events that could not be handled: read, give back, discard."""


@dead.command("list")
@click.option("--json", "as_json", is_flag=True, help="One queue a line.")
@click.pass_obj
def list_letters(data: Path, as_json: bool) -> None:
    """Every consumer's dead-letter queue: how many letters, and since when the oldest lies there."""
    with desk(data) as here:
        table = Table("queue", "letters", "oldest", "event", "error", box=None, padding=(0, 1))
        depths = [depth for depth in here.letters.depths() if as_json or depth.dead]
        for depth in depths:
            oldest = next(iter(here.letters.letters(depth.queue, 1)), None) if depth.dead else None
            if as_json:
                shown = {"queue": depth.queue, "letters": depth.dead, "oldest": _summary(oldest) if oldest else None}
                console.print(json.dumps(shown), markup=False)
            elif oldest:
                table.add_row(depth.queue, str(depth.dead), oldest.failed_at or oldest.time, oldest.id, oldest.error)
        if not as_json:
            console.print(table if depths else "Every event was handled: nothing lies dead.")


@dead.command()
@click.argument("letter_id")
@click.option("--json", "as_json", is_flag=True, help="The letter as one JSON object a line; body as text, or base64.")
@click.pass_obj
def show(data: Path, letter_id: str, as_json: bool) -> None:
    """One letter whole, by its event's id (as `list` names it)."""
    with desk(data) as here:
        for letter in _named(here, letter_id, None):
            if as_json:
                whole = {**_summary(letter), "body": letter.text, "body_encoding": letter.encoding}
                console.print(json.dumps(whole), markup=False)
                continue
            table = Table(show_header=False, box=None, padding=(0, 1))
            for name, value in _summary(letter).items():
                table.add_row(name, str(value if value is not None else "–"))
            console.print(table)
            console.print(letter.readable, markup=False)


@dead.command()
@click.argument("letter_id", required=False)
@click.option("--queue", help="The consumer's queue, as `list` names it.")
@click.option("--all", "everything", is_flag=True, help="All letters of --queue.")
@click.option("--reason", default="", help="What was mended; it is recorded.")
@click.pass_obj
def retry(data: Path, letter_id: str | None, queue: str | None, everything: bool, reason: str) -> None:
    """Give one letter to its consumer once more, or all of a queue. Handling an event twice does no harm."""
    with desk(data) as here:
        chosen = _queue_of(here, letter_id, queue, everything)
        done = dead_letter_acts.retry(here.letters, here.ledger, local_operator(), chosen, letter_id, reason)
    _say("given back", chosen, done)


@dead.command()
@click.argument("letter_id", required=False)
@click.option("--queue", help="The consumer's queue, as `list` names it.")
@click.option("--all", "everything", is_flag=True, help="All letters of --queue.")
@click.option("--reason", required=True, help="Why; it is recorded with your name and the whole letter.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def discard(data: Path, letter_id: str | None, queue: str | None, everything: bool, reason: str, yes: bool) -> None:
    """Take one letter out of its queue, or all. Its consumer never handles it; the record keeps it whole."""
    with desk(data) as here:
        chosen = _queue_of(here, letter_id, queue, everything)
        if not yes:
            click.confirm(f"Discard {letter_id or 'ALL letters'} of {chosen}?", abort=True)
        done = dead_letter_acts.discard(here.letters, here.ledger, local_operator(), chosen, letter_id, reason)
    _say("discarded", chosen, done)


@dead.command()
@click.option("--limit", default=50, help="How many acts, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One CloudEvents object a line: a discarded letter's body is in its data.")
@click.pass_obj
def record(data: Path, limit: int, as_json: bool) -> None:
    """What was given back and discarded, by whom and why."""
    with desk(data) as here:
        for act in here.ledger.latest(dead_letter_acts.ACTS, limit):
            if as_json:
                console.print(json.dumps(act.to_dict(), ensure_ascii=False), markup=False)
                continue
            who = (act.actor or {}).get("user_id", "?")
            why = act.data.get("reason") or "–"
            console.print(f"{act.time:%Y-%m-%d %H:%M:%S} {act.type} {act.data['letter_id']} by {who}: {why}", markup=False)


def _summary(letter: Letter) -> dict[str, str | int | None]:
    names = ("id", "queue", "type", "time", "emission_id", "error", "attempts", "failed_at", "trace_id", "sha256")
    return {name: getattr(letter, name) for name in names}


def _named(here: Desk, letter_id: str, queue: str | None) -> list[Letter]:
    found = [letter for letter in here.letters.letters(queue, EVERYTHING) if letter.id == letter_id]
    if not found:
        raise click.ClickException(f"no dead letter {letter_id}; `titular events dead list` shows what lies there")
    return found


def _queue_of(here: Desk, letter_id: str | None, queue: str | None, everything: bool) -> str:
    """The queue that is meant: named, or the only one that holds the letter."""
    if everything:
        if letter_id or not queue:
            raise click.UsageError("--all goes with --queue and without an event's id")
        return queue
    if not letter_id:
        raise click.UsageError("name an event's id, or --all with --queue")
    queues = sorted({letter.queue for letter in _named(here, letter_id, queue)})
    if len(queues) > 1:
        raise click.UsageError(f"it lies in several queues; choose one with --queue: {', '.join(queues)}")
    return queues[0]


def _say(what: str, queue: str, done: list[Letter]) -> None:
    for letter in done:
        console.print(f"{what}: {letter.id} ({letter.type or 'no event'})", markup=False)
    if not done:
        raise click.ClickException(f"nothing was {what}: nothing of that lies in {queue}")
