"""``python -m services.certification.rebuild``: make the read model anew from the events."""

from __future__ import annotations

import sys

from services.certification.application.projection import rebuild
from services.certification.wiring import build


def main() -> None:
    """Rebuild and say how many events there were."""
    sys.stdout.write(f"{rebuild(build().ports)} events followed\n")


if __name__ == "__main__":
    main()
