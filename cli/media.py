"""``titular media``: the pipeline from tracks to video, on one's own files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from deploy.local.process import ROOT


@click.group()
def media() -> None:
    """From recorded tracks to video."""


@media.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), help="Where the files end up (default: FOLDER/video).")
@click.option("--threads", default=2, show_default=True, help="Processor threads of an encoder.")
@click.option("--quiet-seconds", default=30.0, show_default=True, help="A track that was never closed has ended after so long.")
def process(folder: Path, output: Path | None, threads: int, quiet_seconds: float) -> None:
    """Make the video of a FOLDER of track files (Janus .mjr), finished or still growing.

    Growing ones are followed: the video is ready moments after they are closed.
    """
    # The service's own code, in a process of its own: the command line does not import services.
    argv = (sys.executable, "-m", "services.media.process", str(folder.resolve()), str((output or folder / "video").resolve()))
    options = ("--threads", str(threads), "--quiet-seconds", str(quiet_seconds))
    raise SystemExit(subprocess.run((*argv, *options), cwd=ROOT, check=False).returncode)
