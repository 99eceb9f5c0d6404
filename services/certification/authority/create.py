"""``python -m services.certification.authority.create``: create the authority's keys and certificates, once."""

from __future__ import annotations

import sys

from chassis.clock import now
from chassis.settings import load_or_exit
from services.certification.authority import files
from services.certification.authority.certificates import Addresses
from services.certification.authority.keys import custody_of, or_exit
from services.certification.authority.settings import AuthoritySettings


def main() -> None:
    """Create what is not there yet and say where it is.

    The status responder's files and, where the root's key is there, the root's revocation list are made anew past half their
    life. Both are missing in older folders.
    """
    settings = load_or_exit(AuthoritySettings.read)
    with or_exit():
        folder, custody = settings.folder, custody_of(settings)
        created = not files.exists(folder)
        files.create(folder, custody, Addresses(settings.public_url), now())
        files.make_root_list(folder, custody, now())
        files.responder(folder, custody, files.load_issuer(folder, "issuing", custody), now())
    sys.stdout.write(f"{'created' if created else 'already there'}: {folder}\n")


if __name__ == "__main__":
    main()
