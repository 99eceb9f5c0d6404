"""Renders cells, keeps them in a folder by what they show, and joins them to a video."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from services.media import fragments, measuring, picture, sound
from services.media.model import cells
from services.media.model.findings import CellFindings, findings_from
from services.media.model.quality import Step
from services.media.model.timeline import FRAME_RATE, Appearance, Plan
from services.media.workshop import ToolFailed, Workshop

logger = logging.getLogger(__name__)
PRESETS = ("veryfast", "superfast")
"""x264's, the better first. Their streams have the same parameters, so that cells of both can be joined."""
SPARSE_RATE = FRAME_RATE // 2
"""Pictures a second where every other one is left out; each stays twice as long."""
QUICK_ABOVE_PIXELS = 640 * 480
CELL_TIMEOUT_SECONDS = 300.0
FINDINGS = ".findings"
PICTURE, WHOLE_SOUND, SOUND = "picture.mp4", "whole.aac", "sound.aac"


@dataclass(frozen=True, slots=True)
class Cell:
    """A rendered cell: the fragment, and the initialisation that its decoder needs (of all cells the same).

    It begins at ``begins_at`` (seconds since the epoch) and lasts ``frames`` pictures of the full rate. ``took`` seconds to be
    rendered; None where it was there already.
    """

    number: int
    fragment: Path
    initialisation: Path
    frames: int
    begins_at: float
    took: float | None = None

    @property
    def ends_at(self) -> float:
        """Seconds since the epoch."""
        return self.begins_at + self.frames / FRAME_RATE

    @property
    def name(self) -> str:
        """Its number and what it shows."""
        return self.fragment.stem


class CellFolder:
    """Rendered cells. What a cell shows decides its name, so that one whose media came late is simply made anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, plan: Plan, number: int) -> Cell | None:
        """The cell of a whole video's plan, if it is there."""
        cell = self._files(cells.cell(plan, number), number)
        return cell if cell.fragment.exists() else None

    def names(self) -> set[str]:
        """Of all cells that are there."""
        return {fragment.stem for fragment in self._folder.glob("*.m4s")}

    def make(self, plan: Plan, number: int, threads: int = 1, step: Step = Step.FINE) -> Cell:
        """The cell, rendered and measured where it is not there yet; several ``threads`` are quicker and cost more.

        That it cannot be measured is no failure.

        Raises :class:`services.media.workshop.ToolFailed`, OSError.
        """
        found = self.find(plan, number)
        if found:
            return found
        began = time.monotonic()
        shown = cells.cell(plan, number)
        target = self._files(shown, number)
        shop = self._workshop(number, threads)
        scratch = shop.folder
        try:
            _render(shown, shop, step)
            initialisation, fragment = fragments.split(_joined(shop))
            target.initialisation.write_bytes(initialisation)
            (scratch / "fragment").write_bytes(fragments.placed(fragment, number * cells.CELL_FRAMES))
            (scratch / "fragment").replace(target.fragment)  # last: a cell with a fragment is whole
            _measure(shown, number, shop, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return replace(target, took=time.monotonic() - began)

    def _workshop(self, number: int, threads: int) -> Workshop:
        scratch = self._folder / f"{number:05d}.tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        return Workshop(scratch, threads, CELL_TIMEOUT_SECONDS)

    def _files(self, shown: Plan, number: int) -> Cell:
        name = f"{number:05d}-{cells.fingerprint(shown)}"
        return Cell(number, self._folder / f"{name}.m4s", self._folder / f"{name}.init", shown.frames, shown.begins_at)


def findings_of(cell: Cell) -> CellFindings | None:
    """What was found in a cell; None where it was not measured."""
    try:
        return findings_from(json.loads(cell.fragment.with_suffix(FINDINGS).read_text()))
    except FileNotFoundError:
        return None


def _measure(shown: Plan, number: int, shop: Workshop, target: Cell) -> None:
    try:
        found = measuring.measure_cell(shown, number, shop.folder)
        fresh = shop.folder / "findings"
        fresh.write_text(json.dumps(asdict(found)))
        fresh.replace(target.fragment.with_suffix(FINDINGS))
    except Exception as error:  # whatever it is: the video matters more than what is said of it
        logger.warning("cell %s was not measured: %s", target.name, error)


def head_of(joined: Sequence[Cell]) -> bytes:
    """What stands before the fragments of these cells in one MP4: initialisation and index.

    Raises :class:`services.media.workshop.ToolFailed` where their decoders would differ.
    """
    initialisation = joined[0].initialisation.read_bytes()
    wanted = fragments.parameters(initialisation)
    for cell in joined:
        if fragments.parameters(cell.initialisation.read_bytes()) != wanted:
            raise ToolFailed(f"cell {cell.name} does not fit the first one")
    sizes = [cell.fragment.stat().st_size for cell in joined]
    return initialisation + fragments.index(sizes, [cell.frames for cell in joined])


def join(joined: Sequence[Cell], target: Path) -> None:
    """All cells in one MP4: nothing is encoded or read again, only put in a row."""
    with target.open("wb") as file:
        file.write(head_of(joined))
        for cell in joined:
            with cell.fragment.open("rb") as fragment:
                shutil.copyfileobj(fragment, file)


def _joined(shop: Workshop) -> bytes:
    """Picture and sound of a cell as an MP4 with one fragment."""
    target = shop.folder / "cell.mp4"
    streams = ("-i", str(shop.folder / PICTURE), "-i", str(shop.folder / SOUND), "-map", "0:v", "-map", "1:a")
    fragmented = "+empty_moov+default_base_moof+frag_custom+skip_trailer"
    copying = ("-c", "copy", "-bsf:a", "aac_adtstoasc", "-movflags", fragmented)
    shop.ffmpeg(*streams, *copying, "-video_track_timescale", str(fragments.PICTURE_SCALE), "-f", "mp4", str(target))
    return target.read_bytes()


def _render(cell: Plan, shop: Workshop, step: Step) -> None:
    """Picture and sound; measured meanwhile, unless the measuring is what fails."""
    try:
        _render_streams(cell, shop, step, measured=True)
    except ToolFailed as error:
        logger.warning("a cell is rendered without being measured: %s", error)
        _render_streams(cell, shop, step, measured=False)
    (shop.folder / SOUND).write_bytes(sound.own_frames((shop.folder / WHOLE_SOUND).read_bytes(), cell.duration))


def _render_streams(cell: Plan, shop: Workshop, step: Step, *, measured: bool) -> None:
    """In one run: to begin a program costs as much as the sound."""
    decoding = ("-threads", str(shop.threads))
    inputs = [argument for one in cell.pictures for argument in (*decoding, "-i", _input(one, shop))]
    inputs += [argument for one in cell.sounds for argument in ("-i", _input(one, shop))]
    # Whole pairs only: a picture of half a pair would make the cell last too long.
    rate = SPARSE_RATE if step is Step.SPARSE and cell.frames % 2 == 0 else FRAME_RATE
    seen, heard = picture.picture_graph(cell, rate), sound.sound_graph(cell, first=len(cell.pictures))
    noting: list[str] = []
    if measured:
        seen, looking = measuring.beside(seen, cell.pictures, 0, "video")
        heard, listening = measuring.beside(heard, cell.sounds, len(cell.pictures), "audio")
        noting = [*looking, *listening]
    shop.ffmpeg(
        *("-filter_complex_threads", "1"),
        *(*inputs, "-filter_complex", f"{seen};{heard}"),
        *(*_picture_encoding(cell, rate, step), "-threads", str(shop.threads), "-f", "mp4", PICTURE),
        *("-map", "[mixed]", "-c:a", "aac", "-b:a", "96k", "-f", "adts", WHOLE_SOUND),
        *noting,
        folder=shop.folder,
    )


def _input(one: Appearance, shop: Workshop) -> str:
    return str(shop.media_of(one, one.piece).resolve())


def _picture_encoding(cell: Plan, rate: int, step: Step) -> tuple[str, ...]:
    preset = PRESETS[step > Step.FINE or cell.tile_width * cell.tile_height > QUICK_ABOVE_PIXELS]
    pictures = ("-map", "[out]", "-frames:v", str(cell.frames * rate // FRAME_RATE))
    quality = ("-c:v", "libx264", "-preset", preset, "-crf", "23", "-bf", "0", "-g", str(4 * rate))
    # Times in pictures of the full rate, or the parameters of a sparse stream would differ.
    times = ("-enc_time_base", f"1:{FRAME_RATE}", "-fps_mode", "vfr", "-video_track_timescale", str(fragments.PICTURE_SCALE))
    return (*pictures, *quality, *times)
