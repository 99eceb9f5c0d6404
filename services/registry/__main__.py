"""``python -m services.registry``."""

from chassis import green  # noqa: F401 - must come before everything else
from chassis.runner import run
from services.registry import wiring
from services.registry.service import RegistryService

if __name__ == "__main__":
    wired = wiring.build()
    run(RegistryService, wired.settings.process, wired.checks)
