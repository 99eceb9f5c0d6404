"""The preserved original and the poster of a planned video. The video itself: :mod:`services.media.cell_rendering`."""

from __future__ import annotations

from pathlib import Path

from services.media.model.timeline import Plan
from services.media.workshop import Workshop


def render_original(plan: Plan, shop: Workshop, target: Path) -> None:
    """All tracks in one Matroska file, as they were received: nothing is encoded anew. Offsets are those of the plan."""
    inputs: list[str] = []
    maps: list[str] = []
    for number, one in enumerate(plan.originals):
        inputs += ["-itsoffset", f"{one.at:.6f}", "-i", str(shop.media_of(one, one.piece))]
        title = f"{one.track.participant_id}{' screen' if one.slot == 'screen' else ''} {one.track.kind}"
        maps += ["-map", f"{number}:0", f"-metadata:s:{number}", f"title={title}"]
    shop.ffmpeg(*inputs, *maps, "-c", "copy", "-f", "matroska", str(target))


def render_poster(plan: Plan, shop: Workshop, playable: Path, target: Path) -> None:
    """One picture of the video as JPEG."""
    shop.ffmpeg("-ss", f"{plan.poster_at:.3f}", "-i", str(playable), "-frames:v", "1", "-q:v", "4", "-f", "mjpeg", str(target))
