"""The mixed sound of a cell: ffmpeg's filter graph, and cutting AAC so that cells join without a seam."""

from __future__ import annotations

import math
from collections.abc import Iterator

from services.media.model.timeline import Plan

SAMPLE_RATE = 48_000
FRAME_SAMPLES = 1024
"""Of an AAC frame."""
BEFORE_FRAMES = 4
"""Encoded before the cell's beginning and thrown away, so that the encoder's state at the cut is the same on both sides."""
PRIMING_FRAMES = 1
"""What the encoder puts before everything."""
REST_SECONDS = 0.2
"""Silence at the end, so that the encoder lets go of the last frame."""
ADTS_HEADER = 7


def sound_graph(cell: Plan, first: int = 0) -> str:
    """Silence, with which every track is mixed at its place; it begins ``BEFORE_FRAMES`` before the cell.

    ``first``: the number of the first track among ffmpeg's inputs. The outcome is ``[mixed]``.
    """
    before = BEFORE_FRAMES * FRAME_SAMPLES / SAMPLE_RATE
    length = cell.duration + before + REST_SECONDS
    graph = [f"anullsrc=r={SAMPLE_RATE}:cl=mono:d={length:.3f}[silence]"]
    for number, one in enumerate(cell.sounds):
        at = one.at + before
        place = f"adelay={at * 1000:.3f}:all=1" if at >= 0 else f"atrim=start={-at:.6f},asetpts=PTS-STARTPTS"
        graph.append(
            f"[{first + number}:a]aresample={SAMPLE_RATE}:async=1:first_pts=0,aformat=channel_layouts=mono,{place}[sound{number}]"
        )
    mixed = "[silence]" + "".join(f"[sound{number}]" for number in range(len(cell.sounds)))
    graph.append(f"{mixed}amix=inputs={len(cell.sounds) + 1}:duration=first:normalize=0[mixed]")
    return ";".join(graph)


def own_frames(encoded: bytes, duration: float) -> bytes:
    """The ADTS frames (ISO/IEC 13818-7, 6.2) that belong to the cell itself, of ``duration`` seconds."""
    first = PRIMING_FRAMES + BEFORE_FRAMES
    wanted = math.ceil(round(duration * SAMPLE_RATE, 3) / FRAME_SAMPLES)
    return b"".join(list(_frames(encoded))[first : first + wanted])


def _frames(encoded: bytes) -> Iterator[bytes]:
    position = 0
    while position + ADTS_HEADER <= len(encoded):
        length = (encoded[position + 3] & 0x03) << 11 | encoded[position + 4] << 3 | encoded[position + 5] >> 5
        yield encoded[position : position + length]
        position += length
