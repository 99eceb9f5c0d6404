"""Runs janus-pp-rec, ffmpeg and ffprobe in a folder of intermediate files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.media.model.timeline import Appearance, Piece
from services.media.tracks import write_cut

MESSAGE_LIMIT = 400


class ToolFailed(Exception):
    """A program failed; the text says which and what it wrote last."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where intermediate files lie, and how many processor threads a program may use."""

    folder: Path
    threads: int
    timeout_seconds: float
    converted: dict[tuple[str, int, int], Path] = field(default_factory=dict)

    def run(self, *argv: str, folder: Path | None = None) -> str:
        """Run a program to its end, in a folder if it matters; returns what it wrote to standard output."""
        try:
            done = subprocess.run(
                argv,
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ToolFailed(f"{argv[0]} did not end within {self.timeout_seconds:.0f} s") from error
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip()[-MESSAGE_LIMIT:]
            raise ToolFailed(f"{argv[0]} ended with status {done.returncode}: {last}")
        return done.stdout

    def ffmpeg(self, *arguments: str, folder: Path | None = None) -> None:
        """Run ffmpeg quietly, in a folder if it matters; it overwrites."""
        self.run("ffmpeg", "-nostdin", "-y", "-v", "error", *arguments, folder=folder)

    def media_of(self, one: Appearance, piece: Piece) -> Path:
        """The piece as WebM (VP8) or Ogg (Opus), made once; its time 0 is the piece's begin."""
        key = (one.track.path, piece.start, piece.end)
        if key not in self.converted:
            name = f"{len(self.converted):04d}"
            cut = self.folder / f"{name}.mjr"
            write_cut(one.track, piece.start, piece.end, cut)
            target = self.folder / (f"{name}.webm" if one.track.kind == "video" else f"{name}.opus")
            self.run("janus-pp-rec", "-d", "2", str(cut), str(target))
            cut.unlink()
            self.converted[key] = target
        return self.converted[key]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a finished file really is. ``codecs`` of its streams in order."""

    duration_seconds: float
    width: int
    height: int
    codecs: tuple[str, ...]


def measure(shop: Workshop, path: Path) -> Measured:
    """Look at a file by ffprobe."""
    entries = "format=duration:stream=codec_name,width,height"
    found: dict[str, Any] = json.loads(shop.run("ffprobe", "-v", "error", "-show_entries", entries, "-of", "json", str(path)))
    streams: Sequence[dict[str, Any]] = found["streams"]
    sizes = [(stream["width"], stream["height"]) for stream in streams if "width" in stream]
    width, height = sizes[0] if sizes else (0, 0)
    return Measured(float(found["format"]["duration"]), width, height, tuple(stream["codec_name"] for stream in streams))
