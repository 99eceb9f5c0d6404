"""Turns planned tracks into files by ``janus-pp-rec`` and ``ffmpeg``: the preserved original, the playable video, the poster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.media.model.timeline import FRAME_RATE, Appearance, Piece, Plan
from services.media.tracks import write_cut

SAMPLE_RATE = 48_000
BACKGROUND = "0x20242c"
EMPTY_TILE = "0x2c323c"
TILE_MARGIN = 12
QUICK_ABOVE_PIXELS = 640 * 480
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

    def run(self, *argv: str) -> str:
        """Run a program to its end; returns what it wrote to standard output."""
        try:
            done = subprocess.run(
                argv, capture_output=True, text=True, errors="replace", timeout=self.timeout_seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ToolFailed(f"{argv[0]} did not end within {self.timeout_seconds:.0f} s") from error
        if done.returncode != 0:
            last = (done.stderr or done.stdout).strip()[-MESSAGE_LIMIT:]
            raise ToolFailed(f"{argv[0]} ended with status {done.returncode}: {last}")
        return done.stdout

    def ffmpeg(self, *arguments: str) -> None:
        """Run ffmpeg quietly; it overwrites."""
        self.run("ffmpeg", "-nostdin", "-y", "-v", "error", *arguments)

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


def render_original(plan: Plan, shop: Workshop, target: Path) -> None:
    """All tracks in one Matroska file, as they were received: nothing is encoded anew. Offsets are those of the plan."""
    inputs: list[str] = []
    maps: list[str] = []
    for number, one in enumerate(plan.originals):
        inputs += ["-itsoffset", f"{one.at:.6f}", "-i", str(shop.media_of(one, one.piece))]
        title = f"{one.track.participant_id}{' screen' if one.slot == 'screen' else ''} {one.track.kind}"
        maps += ["-map", f"{number}:0", f"-metadata:s:{number}", f"title={title}"]
    shop.ffmpeg(*inputs, *maps, "-c", "copy", "-f", "matroska", str(target))


def render_playable(plan: Plan, shop: Workshop, target: Path) -> None:
    """The side-by-side MP4 (H.264, AAC), its index at the front so that it plays while it loads."""
    picture, sound = shop.folder / "picture.mp4", shop.folder / "sound.m4a"
    _render_picture(plan, shop, picture)
    _render_sound(plan, shop, sound)
    streams = ("-i", str(picture), "-i", str(sound), "-map", "0:v", "-map", "1:a", "-c", "copy")
    shop.ffmpeg(*streams, "-movflags", "+faststart", "-f", "mp4", str(target))


def _render_picture(plan: Plan, shop: Workshop, target: Path) -> None:
    inputs = [argument for one in plan.pictures for argument in ("-i", str(shop.media_of(one, one.piece)))]
    preset = "superfast" if plan.tile_width * plan.tile_height > QUICK_ABOVE_PIXELS else "veryfast"
    encoding = ("-c:v", "libx264", "-preset", preset, "-crf", "23", "-g", str(4 * FRAME_RATE), "-threads", str(shop.threads))
    shop.ffmpeg(
        *("-filter_complex_threads", "1"),
        *inputs,
        *("-filter_complex", picture_graph(plan), "-map", "[out]", "-frames:v", str(plan.frames)),
        *encoding,
        *("-video_track_timescale", "12288", "-f", "mp4", str(target)),
    )


@dataclass(frozen=True, slots=True)
class _Layer:
    """A picture to be laid over those before it: its label in the graph, and left, top, width and height."""

    label: str
    place: tuple[int, int, int, int]
    enable: str = ""


def picture_graph(plan: Plan) -> str:
    """ffmpeg's filter graph: two empty tiles, over which each piece is laid while it lasts.

    While a screen is shared it is shown large, with both faces small beside it.
    The tracks keep their own times, moved by the offset: resetting them to zero would lose a tile whenever its graph is rebuilt.
    """
    length = plan.frames / FRAME_RATE + 1
    tiles = ",".join(_empty_tile(x, plan) for x in (0, plan.tile_width))
    shares = [one for one in plan.pictures if one.slot == "screen"]
    while_shared = "+".join(f"between(t,{one.at:.3f},{one.until:.3f})" for one in shares)
    graph = [f"color=c={BACKGROUND}:s={plan.width}x{plan.height}:r={FRAME_RATE}:d={length:.3f},{tiles}[under0]"]
    side_by_side: list[_Layer] = []
    beside_screen: list[_Layer] = []
    for number, one in enumerate(plan.pictures):
        moved = f"[{number}:v]setpts=PTS+{one.at:.6f}/TB"
        if one.slot == "screen":
            graph.append(f"{moved}[screen{number}]")
            beside_screen.append(_Layer(f"screen{number}", _screen_place(plan)))
        elif shares:
            graph.append(f"{moved},split[large{number}][small{number}]")
            side_by_side.append(_Layer(f"large{number}", _tile_place(one, plan)))
            beside_screen.append(_Layer(f"small{number}", _small_place(one, plan), while_shared))
        else:
            graph.append(f"{moved}[large{number}]")
            side_by_side.append(_Layer(f"large{number}", _tile_place(one, plan)))
    graph += _laid_over(side_by_side, "under", "faces")
    if shares:
        cover = f"drawbox=x=0:y=0:w=iw:h=ih:color={BACKGROUND}:t=fill:enable='{while_shared}'"
        graph.append(f"[faces]{cover}[over0]")
        graph += _laid_over(beside_screen, "over", "all")
    graph.append(f"[{'all' if shares else 'faces'}]format=yuv420p[out]")
    return ";".join(graph)


def _laid_over(layers: Sequence[_Layer], under: str, result: str) -> list[str]:
    """Filters that lay the layers over ``[<under>0]`` in order; the outcome is ``[<result>]``."""
    filters: list[str] = []
    for number, layer in enumerate(layers):
        x, y, width, height = layer.place
        enable = f":enable='{layer.enable}'" if layer.enable else ""
        filters.append(
            f"[{layer.label}]scale={width}:{height}:force_original_aspect_ratio=decrease,"
            f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1[{under}piece{number}]"
        )
        filters.append(f"[{under}{number}][{under}piece{number}]overlay={x}:{y}:eof_action=pass{enable}[{under}{number + 1}]")
    filters.append(f"[{under}{len(layers)}]null[{result}]")
    return filters


def _empty_tile(x: int, plan: Plan) -> str:
    width, height = plan.tile_width - 2 * TILE_MARGIN, plan.tile_height - 2 * TILE_MARGIN
    return f"drawbox=x={x + TILE_MARGIN}:y={TILE_MARGIN}:w={width}:h={height}:color={EMPTY_TILE}:t=fill"


def _tile_place(one: Appearance, plan: Plan) -> tuple[int, int, int, int]:
    """Clerk left, holder right."""
    return (0 if one.slot == "clerk" else plan.tile_width), 0, plan.tile_width, plan.tile_height


def _small_place(one: Appearance, plan: Plan) -> tuple[int, int, int, int]:
    """In the left column: clerk above, holder below."""
    width, height = plan.tile_width // 2, plan.tile_height // 2
    return 0, (0 if one.slot == "clerk" else height), width, height


def _screen_place(plan: Plan) -> tuple[int, int, int, int]:
    """All that the left column leaves."""
    column = plan.tile_width // 2
    return column, 0, plan.width - column, plan.height


def _render_sound(plan: Plan, shop: Workshop, target: Path) -> None:
    inputs = [argument for one in plan.sounds for argument in ("-i", str(shop.media_of(one, one.piece)))]
    shop.ffmpeg(
        *inputs,
        *("-filter_complex", sound_graph(plan), "-map", "[out]"),
        *("-c:a", "aac", "-b:a", "96k", "-f", "mp4", str(target)),
    )


def sound_graph(plan: Plan) -> str:
    """ffmpeg's filter graph: silence of the video's length, with which every track is mixed at its place."""
    length = plan.frames / FRAME_RATE
    graph = [f"anullsrc=r={SAMPLE_RATE}:cl=mono:d={length:.3f}[silence]"]
    for number, one in enumerate(plan.sounds):
        graph.append(
            f"[{number}:a]aresample={SAMPLE_RATE}:async=1:first_pts=0,aformat=channel_layouts=mono,"
            f"adelay={one.at * 1000:.3f}:all=1[sound{number}]"
        )
    mixed = "[silence]" + "".join(f"[sound{number}]" for number in range(len(plan.sounds)))
    graph.append(f"{mixed}amix=inputs={len(plan.sounds) + 1}:duration=first:normalize=0[out]")
    return ";".join(graph)


def render_poster(plan: Plan, shop: Workshop, playable: Path, target: Path) -> None:
    """One picture of the video as JPEG."""
    shop.ffmpeg("-ss", f"{plan.poster_at:.3f}", "-i", str(playable), "-frames:v", "1", "-q:v", "4", "-f", "mjpeg", str(target))


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
