"""``titular``: run the product on one machine, look into it, prove what it did."""

from __future__ import annotations

import click

from cli.audit import audit
from cli.backup.commands import backup, restore
from cli.check.command import check
from cli.demo.command import demo
from cli.doctor import doctor
from cli.events import events
from cli.media import media
from cli.up import up


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Notarised digital certificates by recorded videoconference."""


for command in (up, demo, audit, events, check, backup, restore, media, doctor):
    main.add_command(command)

if __name__ == "__main__":
    main()
