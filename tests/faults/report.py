"""The run as a table for people and one JSON object for programs."""

from __future__ import annotations

import json
import statistics
from collections import Counter, defaultdict

from rich.console import Console
from rich.table import Table

from tests.faults.acts import Outcome
from tests.faults.run import Result


def summary(result: Result) -> dict[str, object]:
    """The figures; ``recovery`` is from a fault's end until every program answers and every queue is consumed again."""
    recoveries = sorted(one.recovery for one in result.outcomes if one.recovery is not None and one.done)
    kinds = Counter(finding.kind for finding in result.findings)
    return {
        "emissions": len(result.stories),
        "completed": sum(1 for story in result.stories if story.told and story.ending == "completed"),
        "kills": sum(1 for one in result.outcomes if one.done and one.fault.kind == "kill"),
        "faults": sum(1 for one in result.outcomes if one.done),
        "lost": kinds["lost"],
        "doubled": kinds["doubled"],
        "stuck": kinds["stuck"] + sum(1 for one in result.outcomes if one.recovery is None) + (result.quiet_after is None),
        "left_behind": kinds["left behind"],
        "wrong": kinds["wrong"],
        "recovery_p50_s": round(_quantile(recoveries, 50), 1),
        "recovery_p99_s": round(_quantile(recoveries, 99), 1),
        "recovery_max_s": round(max(recoveries, default=0.0), 1),
        "quiet_after_s": None if result.quiet_after is None else round(result.quiet_after, 1),
        "requests": sum(result.answers.statuses.values()),
        "requests_5xx": sum(count for status, count in result.answers.statuses.items() if status >= 500),
        "requests_500": result.answers.statuses[500],
        "requests_broken": result.answers.broken,
        "memory_mb": [round(value) for value in result.memory],
        "seconds": round(result.seconds),
        "seed": result.options.seed,
    }


def _quantile(ordered: list[float], percent: int) -> float:
    if len(ordered) < 2:
        return max(ordered, default=0.0)
    return statistics.quantiles(ordered, n=100, method="inclusive")[percent - 1]


def show(result: Result, console: Console) -> None:
    """Print the table, the findings and, last, the JSON object.

    A finding is put to the account of each fault during which its emission was under way.
    """
    table = Table("fault", "times", "emissions under way", "lost", "doubled", "longest recovery", "not done")
    by_name: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in result.outcomes:
        by_name[outcome.fault.name].append(outcome)
    for name, outcomes in sorted(by_name.items()):
        done = [one for one in outcomes if one.done]
        longest = max((one.recovery if one.recovery is not None else float("inf") for one in done), default=0.0)
        skipped = Counter(one.note for one in outcomes if not one.done)
        notes = ", ".join(f"{count} × {note}" for note, count in skipped.items())
        table.add_row(name, str(len(done)), *_account(result, done), f"{longest:.1f} s", notes)
    figures = summary(result)
    table.add_section()
    totals = (str(figures[name]) for name in ("faults", "emissions", "lost", "doubled"))
    table.add_row("all", *totals, f"{figures['recovery_max_s']} s", "")
    console.print(table)
    for finding in result.findings:
        console.print(f"{finding.kind}: {finding.text}", markup=False)
    console.print(json.dumps(figures), markup=False, soft_wrap=True, highlight=False)


def _account(result: Result, outcomes: list[Outcome]) -> tuple[str, str, str]:
    under_way = {
        story.emission_id
        for story in result.stories
        for one in outcomes
        if story.begun <= one.ended and story.begun + story.seconds >= one.begun
    }
    kinds = Counter(finding.kind for finding in result.findings if finding.emission_id in under_way)
    return str(len(under_way)), str(kinds["lost"]), str(kinds["doubled"])
