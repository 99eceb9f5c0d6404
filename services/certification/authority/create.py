"""``python -m services.certification.authority.create``: create the authority's keys and certificates, once."""

from __future__ import annotations

import sys

from chassis.clock import now
from chassis.settings import load_or_exit
from services.certification.authority import files
from services.certification.authority.certificates import Addresses
from services.certification.authority.settings import AuthoritySettings


def main() -> None:
    """Create what is not there yet and say where it is."""
    settings = load_or_exit(AuthoritySettings.read)
    created = not files.exists(settings.folder)
    files.create(settings.folder, settings.passphrase, Addresses(settings.public_url), now())
    sys.stdout.write(f"{'created' if created else 'already there'}: {settings.folder}\n")


if __name__ == "__main__":
    main()
