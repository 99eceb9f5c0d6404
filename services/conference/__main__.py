"""``python -m services.conference``."""

from chassis import green  # noqa: F401 - must come before everything else
from chassis.runner import run
from services.conference import wiring
from services.conference.service import ConferenceService

if __name__ == "__main__":
    wired = wiring.build()
    run(ConferenceService, wired.settings.process, wired.checks)
