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
    renewals: int = 2
    renewal_pause: timedelta = timedelta(minutes=10)
    noted_refusals: int = 20
    contact_tries: int = 5
    contact_sends: int = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """After how long an emission that waits for something counts as stuck."""

    room: timedelta = timedelta(seconds=60)
    conference: timedelta = timedelta(minutes=3)  # the end may wait two minutes for the room's server
    video: timedelta = timedelta(minutes=10)
    delivery: timedelta = timedelta(minutes=5)
    issue: timedelta = timedelta(seconds=60)
    signature_notice: timedelta = timedelta(hours=2)  # before the withheld certificate is revoked
    timer: timedelta = timedelta(minutes=5)
