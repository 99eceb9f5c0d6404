"""The figures of the rules: how long things live and how often one may try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """Lives and limits of an emission."""

    emission_life: timedelta = timedelta(days=7)
    link_life: timedelta = timedelta(hours=24)
    code_life: timedelta = timedelta(minutes=10)
    session_life: timedelta = timedelta(hours=2)
    sign_within: timedelta = timedelta(hours=24)
    data_tries: int = 3
    code_tries: int = 5
    code_sends: int = 3
    noted_refusals: int = 20
