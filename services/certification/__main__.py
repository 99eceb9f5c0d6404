"""``python -m services.certification``: run the service."""

from chassis import green  # noqa: F401, I001 - must come before everything else

from chassis.runner import run
from services.certification.service import CertificationService
from services.certification.settings import settings
from services.certification.wiring import build

if __name__ == "__main__":
    run(CertificationService, settings().process, build().checks)
