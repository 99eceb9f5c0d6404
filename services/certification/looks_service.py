"""Nameko's entrypoint for looks at documents."""

from __future__ import annotations

from typing import Any

from chassis.rpc import Call, answers
from contracts import certification
from services.certification.application import looks
from services.certification.application.ports import Ports


class LookEntrypoints:
    """A part of the service; see :mod:`services.certification.service`."""

    @property
    def ports(self) -> Ports:
        """The whole service's ports."""
        raise NotImplementedError

    @answers(certification.NOTE_DOCUMENT_LOOK)
    def note_document_look(self, call: Call, data: dict[str, Any]) -> dict[str, Any]:
        """See the operation."""
        return looks.note_document_look(self.ports, call, data)
