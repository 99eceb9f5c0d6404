"""The protocol number of an act: ``CCCCCC.AAAA.MM.DD.NNNNNNNN-DD``, check digits by ISO 7064 mod 97-10."""

from __future__ import annotations

import re
from datetime import date

from contracts.errors import InvalidInput

_FORM = re.compile(r"(\d{6})\.(\d{4})\.(\d{2})\.(\d{2})\.(\d{8})-(\d{2})")


def protocol_number(office_id: str, day: date, sequence: int) -> str:
    """The number of the ``sequence``-th act of an office on a day; raises :class:`InvalidInput` for a faulty office code."""
    if not re.fullmatch(r"\d{6}", office_id):
        raise InvalidInput("an office code has six digits", field="office_id", reason="invalid")
    if not 0 < sequence < 10**8:
        raise InvalidInput("a sequence has up to eight digits", field="sequence", reason="out_of_range")
    digits = f"{office_id}{day:%Y%m%d}{sequence:08d}"
    check = 98 - int(digits) * 100 % 97
    return f"{office_id}.{day:%Y.%m.%d}.{sequence:08d}-{check:02d}"


def protocol_valid(protocol: str) -> bool:
    """Whether a protocol number has the right form and check digits."""
    found = _FORM.fullmatch(protocol)
    return found is not None and int("".join(found.groups())) % 97 == 1
