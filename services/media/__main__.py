"""``python -m services.media``."""

from chassis import green  # noqa: F401 - must come before everything else
from chassis.runner import run
from services.media import wiring
from services.media.service import MediaService

if __name__ == "__main__":
    wired = wiring.build()
    run(MediaService, wired.settings.process, wired.checks)
