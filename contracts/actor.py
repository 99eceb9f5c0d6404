"""Who asks: the signed-in user, the holder with a link, or a service acting by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Role = Literal["clerk", "operator", "auditor", "administrator", "authority_administrator", "holder", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who, in which role, for which office, from which network address."""

    user_id: str
    role: Role
    name: str = ""
    office_id: str | None = None
    office_name: str | None = None
    address: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Actor:
        """The inverse of :meth:`to_dict`; unknown keys are ignored."""
        return cls(**{key: data.get(key) for key in cls.__slots__ if data.get(key) is not None})  # type: ignore[arg-type]


def system(service: str) -> Actor:
    """A service that acts by itself (timers, consumed events)."""
    return Actor(user_id=f"service:{service}", role="system", name=service)
