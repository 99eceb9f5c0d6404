"""What the simulation is fed with: measured service times (rewritten by ``--measure``) and stated assumptions."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MEASURED = FOLDER / "measured.json"
ASSUMPTIONS = FOLDER / "assumptions.toml"
SERVICES = ("registry", "certification", "conference", "media", "notify")
PHASES = ("register", "start", "meet", "confirm", "certify")


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures by name, each as ``measured.json`` holds it: value, unit, how."""

    figures: Mapping[str, float]
    operating_point: Mapping[str, float] = field(default_factory=dict)
    """What a load showed on the machine of the measurements; see :mod:`bench.scale.operating_point`."""

    @classmethod
    def read(cls, path: Path = MEASURED) -> Measured:
        """From the file."""
        held: dict[str, Any] = json.loads(path.read_text())
        figures = {name: float(one["value"]) for name, one in held["figures"].items()}
        return cls(figures, held.get("operating_point", {}))

    def __getitem__(self, name: str) -> float:
        return self.figures[name]

    def get(self, name: str) -> float:
        """The figure, or 0 where nothing of the kind was seen."""
        return self.figures.get(name, 0.0)

    def cpu(self, kind: str, program: str) -> float:
        """Processor seconds of a program for one emission's phase, or for one look."""
        return self.get(f"cpu.{kind}.{program}")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The sections of ``assumptions.toml``."""

    nation: Mapping[str, float]
    emission: Mapping[str, float]
    pages: Mapping[str, float]
    product: Mapping[str, float]
    targets: Mapping[str, float]
    machines: Mapping[str, float]
    opens: float
    weights: tuple[float, ...]
    sign_in_spread: float
    """Seconds."""

    @classmethod
    def read(cls, path: Path = ASSUMPTIONS) -> Assumptions:
        """From the file."""
        held = tomllib.loads(path.read_text())
        day = held.pop("day")
        return cls(
            **held,
            opens=float(day["opens"]),
            weights=tuple(map(float, day["weights"])),
            sign_in_spread=float(day["sign_in_spread_minutes"]) * 60,
        )
