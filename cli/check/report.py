"""What a check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

AREAS = (
    *("histories", "read model", "conferences", "registrations", "videos", "certificates and terms", "objects"),
    *("uses of keys", "documents", "track files", "outboxes", "queues"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing or not as it should be, and of which emission."""

    area: str
    what: str
    emission_id: str | None = None


@dataclass(slots=True)
class Report:
    """How much was looked at, and what was wrong."""

    checked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(AREAS, 0))
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return not self.findings

    def count(self, area: str, number: int = 1) -> None:
        """That many things of an area were looked at."""
        self.checked[area] += number

    def miss(self, area: str, what: str, emission_id: str | None = None) -> None:
        """Something is wrong."""
        finding = Finding(area, what, emission_id)
        if finding not in self.findings:
            self.findings.append(finding)

    def wrong(self, area: str) -> int:
        """How many findings an area has."""
        return sum(finding.area == area for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"whole": self.whole, **asdict(self)}
