"""ffmpeg's filter graph of the side-by-side picture: who is seen where, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from services.media.model.timeline import FRAME_RATE, Plan, Slot

BACKGROUND = "0x20242c"
EMPTY_TILE = "0x2c323c"
TILE_MARGIN = 12
SIDES: tuple[Slot, Slot] = ("clerk", "holder")


@dataclass(frozen=True, slots=True)
class _Layer:
    """A picture to be laid over those before it: its label in the graph, and left, top, width and height."""

    label: str
    place: tuple[int, int, int, int]
    enable: str = ""


def picture_graph(plan: Plan, rate: int = FRAME_RATE) -> str:
    """ffmpeg's filter graph: two tiles, in which each piece is shown while it lasts; ``rate`` pictures a second.

    While a screen is shared it is shown large, with both faces small beside it.
    The tracks keep their own times, moved by the offset: resetting them to zero would lose a tile whenever its graph is rebuilt.
    """
    if any(one.slot == "screen" for one in plan.pictures):
        return _graph_with_screen(plan, rate)
    graph = [filters for slot in SIDES for filters in _tile(slot, plan, rate)]
    return ";".join([*graph, "[clerk][holder]hstack,format=yuv420p[out]"])


def _tile(slot: Slot, plan: Plan, rate: int) -> list[str]:
    """The filters of one side; the outcome is ``[<slot>]``. Who is there all the time needs nothing to be laid under."""
    pieces = [(number, one) for number, one in enumerate(plan.pictures) if one.slot == slot]
    width, height = plan.tile_width, plan.tile_height
    number, one = pieces[0] if len(pieces) == 1 else (0, None)
    if one and one.at < 1 / FRAME_RATE and one.until > plan.duration - 1 / FRAME_RATE:
        # Begun before the piece and cut at the cell: begun at either of them, one of a single picture would have none.
        begun = f"fps={rate}:start_time={min(0, math.floor(one.at)) - 1}:eof_action=pass"
        steady = f"{begun},tpad=stop_mode=clone:stop={rate + 1},trim=start_pts=0"
        return [f"[{number}:v]setpts=PTS+{one.at:.6f}/TB,{steady},{_fitted(width, height)}[{slot}]"]
    under = f"{slot}under"
    empty = _box(_inner((0, 0, width, height)), EMPTY_TILE)
    graph = [f"color=c={BACKGROUND}:s={width}x{height}:r={rate}:d={_length(plan):.3f},{empty}[{under}0]"]
    for number, one in pieces:
        graph.append(f"[{number}:v]setpts=PTS+{one.at:.6f}/TB[large{number}]")
    layers = [_Layer(f"large{number}", (0, 0, width, height)) for number, _ in pieces]
    return graph + _laid_over(layers, under, slot)


def _graph_with_screen(plan: Plan, rate: int) -> str:
    tiles = ",".join(_box(_inner(_tile_place(slot, plan)), EMPTY_TILE) for slot in SIDES)
    shares = [one for one in plan.pictures if one.slot == "screen"]
    while_shared = "+".join(f"between(t,{one.at:.3f},{one.until:.3f})" for one in shares)
    graph = [f"color=c={BACKGROUND}:s={plan.width}x{plan.height}:r={rate}:d={_length(plan):.3f},{tiles}[under0]"]
    side_by_side: list[_Layer] = []
    beside_screen: list[_Layer] = []
    for number, one in enumerate(plan.pictures):
        moved = f"[{number}:v]setpts=PTS+{one.at:.6f}/TB"
        if one.slot == "screen":
            graph.append(f"{moved}[screen{number}]")
            beside_screen.append(_Layer(f"screen{number}", _screen_place(plan)))
        else:
            graph.append(f"{moved},split[large{number}][small{number}]")
            side_by_side.append(_Layer(f"large{number}", _tile_place(one.slot, plan)))
            beside_screen.append(_Layer(f"small{number}", _small_place(one.slot, plan), while_shared))
    graph += _laid_over(side_by_side, "under", "faces")
    whole = (0, 0, plan.width, plan.height)
    empty = [_inner(_small_place(slot, plan)) for slot in SIDES]
    boxes = [_box(whole, BACKGROUND), *(_box(place, EMPTY_TILE) for place in empty)]
    cover = ",".join(f"{box}:enable='{while_shared}'" for box in boxes)
    graph.append(f"[faces]{cover}[over0]")
    graph += _laid_over(beside_screen, "over", "all")
    return ";".join([*graph, "[all]format=yuv420p[out]"])


def _length(plan: Plan) -> float:
    """Of what is laid under everything: a little longer than needed."""
    return plan.frames / FRAME_RATE + 1


def _fitted(width: int, height: int) -> str:
    return f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:(ow-iw)/2:(oh-ih)/2,setsar=1"


def _laid_over(layers: Sequence[_Layer], under: str, result: str) -> list[str]:
    """Filters that lay the layers over ``[<under>0]`` in order; the outcome is ``[<result>]``."""
    filters: list[str] = []
    for number, layer in enumerate(layers):
        x, y, width, height = layer.place
        enable = f":enable='{layer.enable}'" if layer.enable else ""
        filters.append(f"[{layer.label}]{_fitted(width, height)}[{under}piece{number}]")
        filters.append(f"[{under}{number}][{under}piece{number}]overlay={x}:{y}:eof_action=pass{enable}[{under}{number + 1}]")
    filters.append(f"[{under}{len(layers)}]null[{result}]")
    return filters


Place = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""


def _box(place: Place, color: str) -> str:
    x, y, width, height = place
    return f"drawbox=x={x}:y={y}:w={width}:h={height}:color={color}:t=fill"


def _inner(place: Place) -> Place:
    x, y, width, height = place
    return x + TILE_MARGIN, y + TILE_MARGIN, width - 2 * TILE_MARGIN, height - 2 * TILE_MARGIN


def _tile_place(slot: Slot, plan: Plan) -> Place:
    """Clerk left, holder right."""
    return (0 if slot == "clerk" else plan.tile_width), 0, plan.tile_width, plan.tile_height


def _small_place(slot: Slot, plan: Plan) -> Place:
    """In the left column: clerk above, holder below."""
    width, height = plan.tile_width // 2, plan.tile_height // 2
    return 0, (0 if slot == "clerk" else height), width, height


def _screen_place(plan: Plan) -> Place:
    """All that the left column leaves."""
    column = plan.tile_width // 2
    return column, 0, plan.width - column, plan.height
