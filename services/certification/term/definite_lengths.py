"""Mends how asn1crypto 1.5.1 tells indefinite lengths (wbond/asn1crypto#249).

It takes every header whose last byte is 0x80 for one of indefinite length, also the long form of a definite length that ends
so (30 82 04 80: 1152 bytes). Such a value is encoded anew with all that is inside it, and once more for each level around it:
where it lies deep, as in a signature with a time stamp, for ten seconds and more, each time that this very signature is tried.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from asn1crypto import core

ENCODERS = (core.Asn1Value, core.Choice, core.Primitive, core.Sequence, core.SequenceOf)
"""All classes that look at the header's last byte."""
INDEFINITE = 0x80

Dump = Callable[[Any, bool], bytes]


class DefiniteHeader(bytes):
    """A header's bytes, of which the last one is not shown by itself."""

    def __getitem__(self, key: Any) -> Any:
        """As in bytes, but for the slice by which an indefinite length is looked for."""
        return b"" if key == slice(-1, None, None) else super().__getitem__(key)


def is_definite(header: bytes) -> bool:
    """Whether the innermost of the header's lengths is definite (X.690, 8.1.2 and 8.1.3); an explicit tag precedes it."""
    place, length = 0, 0
    while place < len(header):
        if header[place] & 0x1F == 0x1F:
            place += 1
            while header[place] & 0x80:
                place += 1
        place += 1
        length = header[place]
        place += 1 + (length & 0x7F if length > INDEFINITE else 0)
    return length != INDEFINITE


def install() -> None:
    """Mend the library in this process; may be called again."""
    for encoder in ENCODERS:
        if not hasattr(encoder.dump, "mended"):
            encoder.dump = _mended(encoder.dump)


def _mended(dump: Dump) -> Dump:
    @functools.wraps(dump)
    def mended(self: Any, force: bool = False) -> bytes:
        header = self._header
        if header is not None and header[-1:] == b"\x80" and is_definite(header):
            self._header = DefiniteHeader(header)
        return dump(self, force)

    mended.mended = True  # type: ignore[attr-defined]
    return mended
