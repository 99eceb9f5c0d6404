"""Dead letters and the ledger in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.clock import new_id, now
from chassis.dead_letters import LONGEST_LOOK, Before
from chassis.depths import Depth
from chassis.ledger import envelope_of
from chassis.letters import Letter
from contracts.actor import Actor
from contracts.envelope import Envelope
from contracts.errors import NotFound
from contracts.operation import EventType
from contracts.topology import SUBSCRIPTIONS


class MemoryDeadLetters:
    """See :class:`chassis.dead_letters.DeadLetters`."""

    def __init__(self, letters: Iterable[Letter] = ()) -> None:
        self.lying = list(letters)
        self.returned: list[Letter] = []

    def depths(self) -> list[Depth]:
        return [
            Depth(each.queue, each.service, each.source, each.event, 0, 1, 0, len(self.letters(each.queue)))
            for each in SUBSCRIPTIONS
        ]

    def letters(self, queue: str | None = None, limit: int = LONGEST_LOOK) -> list[Letter]:
        known = [each.queue for each in SUBSCRIPTIONS]
        if queue is not None and queue not in known:
            raise NotFound("no such queue", field="queue")
        wanted = known if queue is None else [queue]
        return [letter for each in wanted for letter in [one for one in self.lying if one.queue == each][:limit]]

    def retry(self, queue: str, letter_id: str | None, before: Before) -> list[Letter]:
        done = self.discard(queue, letter_id, before)
        self.returned += done
        return done

    def discard(self, queue: str, letter_id: str | None, before: Before) -> list[Letter]:
        done = [letter for letter in self.letters(queue) if letter_id in (None, letter.id)]
        for letter in done:
            before(letter)
            self.lying.remove(letter)
        return done

    def check(self) -> None:
        return


class ListLedger:
    """See :class:`chassis.ledger.Ledger`."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, dict[str, Any], Actor | None]] = []
        self._said: list[Envelope] = []

    def record(
        self,
        event: EventType,
        data: Mapping[str, Any],
        actor: Actor | None = None,
        subject: str | None = None,
        emission_id: str | None = None,
    ) -> None:
        self.recorded.append((event.name, event.dump(dict(data)), actor))
        self._said.append(envelope_of(event, data, actor, subject or "nobody", emission_id, new_id(), now()))

    def latest(self, types: Sequence[str], limit: int) -> list[Envelope]:
        return [said for said in reversed(self._said) if said.type in types][:limit]

    def of_emission(self, emission_id: str, types: Sequence[str], limit: int) -> list[Envelope]:
        return [said for said in self.latest(types, len(self._said)) if said.emission_id == emission_id][:limit]

    def names(self) -> list[str]:
        """The events' names in order."""
        return [name for name, _data, _actor in self.recorded]
