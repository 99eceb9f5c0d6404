"""``titular events stuck``: emissions that have waited for longer than their state may take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from chassis.dead_letters import BrokerDeadLetters
from chassis.letters import Letter
from cli.console import console
from cli.running import asking, local_operator, read_or_fail
from contracts.certification import LIST_STUCK
from contracts.errors import TitularError
from deploy.local.process import StartFailed

NEXT_STEPS = {
    "room": "see whether conference and the video room's server run; the room then opens by itself",
    "recording": "nothing recorded: the clerk marks it inconclusive and repeats it; otherwise give its dead letter back",
    "recording_end": "see whether the video room's server runs; the recording is closed as soon as it answers",
    "conference_end": "see whether conference runs; it tells the end as soon as the recording is closed",
    "video": "see whether media runs and its disk has room; the clerk can go on without waiting",
    "video_retry": "read the reason on the emission's page, mend it, have the video processed again there",
    "delivery": "see whether notify runs and the provider answers; the clerk can send the link again",
    "issue": "see whether certification runs; the holder opens the page again, or the clerk sends a new link",
    "term": "look into certification's log; the holder's page tries again when it is reloaded",
    "signature": "the clerk calls the holder or sends a new link; unsigned, the certificate is revoked at the deadline",
    "expiry": "see whether certification runs: its timer ends emissions whose deadline has passed",
}


@click.command()
@click.pass_obj
def stuck(data: Path) -> None:
    """Emissions that are stuck: what each waits for, from which service, since when, and what to do."""
    try:
        with asking(data) as ask:
            found = ask(LIST_STUCK, {}, actor=local_operator())["emissions"]
        letters = BrokerDeadLetters(read_or_fail(data).broker_url).letters() if found else []
    except TitularError as error:
        raise click.ClickException(f"{error.code}: {error.message}") from error
    except StartFailed as error:
        raise click.ClickException(str(error)) from error
    for line in lines(found, letters):
        console.print(line, markup=False)


def lines(emissions: list[dict[str, Any]], letters: list[Letter]) -> list[str]:
    """The report, a line for each fact."""
    if not emissions:
        return ["No emission is stuck."]
    report = []
    for emission in emissions:
        report.append(f"{emission['emission_id']}  {emission['protocol']}  {emission['state']}  office {emission['office_id']}")
        for wait in emission["waits"]:
            awaited = f"{wait['event']} from {wait['source']}"
            report.append(f"  {wait['what']}: waits for {awaited}, since {wait['since']:%Y-%m-%d %H:%M:%S}")
            report.append(f"    next: {NEXT_STEPS.get(wait['what'], 'see the logs of that service')}")
        for letter in letters:
            if letter.emission_id == emission["emission_id"]:
                report.append(f"  dead letter: {letter.id} ({letter.type}) in {letter.queue}: {letter.error}")
                report.append(f"    next: mend the cause, then `titular events dead retry {letter.id}`")
    return report
