"""``python -m services.notify``."""

from chassis import green  # noqa: F401 - must come before everything else
from chassis.runner import run
from services.notify import wiring
from services.notify.service import NotifyService

if __name__ == "__main__":
    wired = wiring.build()
    run(NotifyService, wired.settings.process, wired.checks)
