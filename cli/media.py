"""``titular media``: the pipeline on one's own files, and the proof of what it made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from chassis.callers import PooledCaller
from cli.console import console
from cli.running import local_auditor
from contracts.certification import GET_HISTORY
from contracts.errors import TitularError
from contracts.media import GET_VIDEOS
from deploy.local import stack
from deploy.local.configuration import Configuration, default_data, read
from deploy.local.process import ROOT


@click.group()
def media() -> None:
    """From recorded tracks to video."""


@media.command()
@click.argument("emission")
@click.option("--data", type=click.Path(path_type=Path), default=default_data, help="Folder of the stack's data.")
def verify(emission: str, data: Path) -> None:
    """Recompute the seals of an EMISSION's recordings from what is stored, and compare them with its history.

    The stack must run. Ends with status 1 where anything is not as it was sealed.
    """
    try:
        configuration = read(data)
        noted, videos = _told(configuration, emission)
    except FileNotFoundError as error:
        raise click.ClickException(f"no stack has been started on {data}; `make up` starts one") from error
    except TitularError as error:
        raise click.ClickException(f"it cannot be asked, is the stack running? {error.message}") from error
    sealed = [video for video in videos if video["seal"]]
    if not sealed:
        raise click.ClickException("no recording of this emission is sealed")
    env = {**os.environ, **stack.environment(configuration)}
    status = 0
    for video in sealed:
        recording_id = video["recording_id"]
        console.print(f"recording {recording_id}", highlight=False)
        if recording_id not in noted:
            console.print("the history holds no seal of it", style="red")
            status = 1
            continue
        argv = (sys.executable, "-m", "services.media.verify", video["seal"]["key"], "--head", noted[recording_id])
        status |= subprocess.run(argv, cwd=ROOT, env=env, check=False).returncode
    raise SystemExit(status)


def _told(configuration: Configuration, emission_id: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The head by recording, as the history holds it; and the recordings, as media knows them."""
    caller = PooledCaller(configuration.broker_url, size=1)
    try:
        history = caller(GET_HISTORY, {"emission_id": emission_id}, actor=local_auditor())
        videos = caller(GET_VIDEOS, {"emission_id": emission_id}, actor=local_auditor())["videos"]
    finally:
        caller.close()
    facts = [entry["data"] for entry in history["entries"] if entry["type"] == "VideoNoted"]
    return {fact["recording_id"]: fact["seal_head"] for fact in facts if fact.get("seal_head")}, videos


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
    env = {**os.environ, "PYTHONWARNINGS": "ignore"}
    raise SystemExit(subprocess.run((*argv, *options), cwd=ROOT, env=env, check=False).returncode)
