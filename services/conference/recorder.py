"""``python -m services.conference.recorder``: the track watcher beside an SFU instance; ``… drain``: before that is stopped."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow.validate import Length, Range

from chassis import logs
from chassis.settings import load_or_exit
from services.conference import draining
from services.conference.sfu import JanusSettings, JanusSfu
from services.conference.tracks import TrackFolder
from services.conference.watcher import SERVICE, WatcherApplication, server

DRAIN_SECONDS = 7200.0
logger = logs.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """What the watcher needs to be told."""

    host: str
    port: int
    recordings: Path
    api_secret: str
    log_level: str

    @classmethod
    def read(cls, env: Any) -> RecorderSettings:
        """See the service's README."""
        return cls(
            host=env.str("RECORDER_HOST", "127.0.0.1"),
            port=env.int("RECORDER_PORT", 8090, validate=Range(min=1, max=65_535)),
            recordings=env.path("RECORDINGS"),
            api_secret=env.str("SFU_API_SECRET", validate=Length(min=16)),
            log_level=env.str("LOG_LEVEL", "INFO").upper(),
        )


def read_sfu(env: Any) -> JanusSettings:
    """The instance beside, to be asked for its rooms."""
    return JanusSettings(
        url=env.str("SFU_URL", "http://127.0.0.1:8088/janus").rstrip("/"),
        api_secret=env.str("SFU_API_SECRET", validate=Length(min=16)),
        token_secret="",
        admin_key=env.str("SFU_ADMIN_KEY", validate=Length(min=16)),
        recordings=env.path("RECORDINGS"),
        room_secret="",
    )


def watch() -> int:
    """Serve until told to stop."""
    settings = load_or_exit(RecorderSettings.read)
    logs.configure(SERVICE, settings.log_level)
    application = WatcherApplication(TrackFolder(settings.recordings), settings.api_secret)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with server(settings.host, settings.port, application) as listening:
        draining.begin_anew(settings.recordings)
        logger.info("track watcher ready", port=settings.port)
        listening.serve_forever()
    return 0


def drain(seconds: float) -> int:
    """Wait until the instance can be stopped; 0 either way, since it will be stopped."""
    sfu = load_or_exit(read_sfu)
    draining.drain(sfu.recordings, JanusSfu(sfu).rooms, seconds, lambda said: print(said, flush=True))
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m services.conference.recorder", description=__doc__)
    acts = parser.add_subparsers(dest="act")
    draining_act = acts.add_parser("drain", help="take no more rooms, and wait until none is left")
    draining_act.add_argument("--seconds", type=float, default=DRAIN_SECONDS, help="for how long at most (default: %(default)g)")
    chosen = parser.parse_args(arguments)
    return drain(chosen.seconds) if chosen.act == "drain" else watch()


if __name__ == "__main__":
    sys.exit(main())
