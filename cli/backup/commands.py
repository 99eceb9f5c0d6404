"""``titular backup`` and ``titular restore``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from cli.backup import restore as restoring
from cli.backup.manifest import BackupFailed
from cli.backup.restore import verify
from cli.backup.take import take
from cli.check.command import check_running, show
from cli.console import console
from cli.running import started
from deploy.local.configuration import default_data
from deploy.local.freeze import LIMIT_SECONDS
from deploy.local.process import StartFailed

FOLDER = click.Path(path_type=Path, file_okay=False)


def _say(text: str) -> None:
    console.print(f"  {text}", style="dim", markup=False)


@click.command()
@click.option("--to", "series", type=FOLDER, required=True, help="Folder that holds the backups; each gets a folder of its own.")
@click.option("--data", type=FOLDER, default=default_data, help="Folder of the stack's data.")
@click.option("--base", type=FOLDER, help="Earlier backup whose unchanged files are shared (default: the newest in --to).")
@click.option("--longest-freeze", type=float, default=LIMIT_SECONDS, show_default=True, help="Seconds after which to give up.")
def backup(series: Path, data: Path, base: Path | None, longest_freeze: float) -> None:
    """Copy all stores as they are at one instant, whether the stack runs or not.

    A running stack stands still for a moment. The copy holds keys, passwords and personal data: keep it as you keep those.
    """
    begun = time.monotonic()
    try:
        taken = take(data.absolute(), series.absolute(), base.absolute() if base else None, _say, longest_freeze)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from error
    described = taken.manifest
    counts = ", ".join(f"{number} {name}" for name, number in described.counts.items())
    console.print(f"Backup: {taken.folder}", style="bold green", markup=False)
    console.print(f"  as of {described.taken_at:%Y-%m-%d %H:%M:%S.%f}Z: {counts}", markup=False)
    shared = f", the rest is shared with {described.base}" if described.base else ""
    console.print(
        f"  {len(described.files)} files, {described.size / 1e6:.1f} MB; {taken.copied_bytes / 1e6:.1f} MB copied{shared}"
    )
    console.print(f"  stood still {described.frozen_seconds:.2f} s, all in all {time.monotonic() - begun:.1f} s")
    console.print("  It holds keys, passwords and personal data; readable by its owner only.", style="yellow")


@click.command()
@click.argument("backup", type=FOLDER)
@click.option("--data", type=FOLDER, default=default_data, help="Folder to restore to.")
@click.option("--replace", is_flag=True, help="Move what is in the folder aside (it is not deleted).")
@click.option("--verify-only", is_flag=True, help="Only compare every file with the manifest.")
@click.option("--no-check", is_flag=True, help="Do not start the stack to check what was restored.")
def restore(backup: Path, data: Path, replace: bool, verify_only: bool, no_check: bool) -> None:
    """Restore a backup, start the stack on it, check the whole, and stop the stack."""
    begun = time.monotonic()
    try:
        if verify_only:
            manifest = verify(backup.absolute())
            console.print(f"Whole: {len(manifest.files)} files, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S}Z", style="green")
            return
        done = restoring.restore(backup.absolute(), data.absolute(), replace, _say)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from error
    phases = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in done.seconds.items())
    console.print(f"Restored to {data} as of {done.manifest.taken_at:%Y-%m-%d %H:%M:%S.%f}Z ({phases})", style="bold green")
    if done.aside:
        console.print(f"  what was there is now {done.aside}", markup=False)
    if no_check:
        return
    try:
        with started(data.absolute(), quiet=True) as running:
            _say(f"serves again {time.monotonic() - begun:.1f} s after the command began")
            report = check_running(running.configuration)
    except StartFailed as error:
        raise click.ClickException(f"the restored stack does not start: {error}") from error
    show(report)
    raise SystemExit(0 if report.whole else 1)
