"""A camera and microphone that flash and beep at the same instants, and how far apart these come out in a video."""

from __future__ import annotations

import math
import subprocess
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support import browsers

SOUND_RATE = 8000
WINDOW = 80
"""Samples for which a tone's power is taken: 10 ms."""
HOP = 40
PICTURE_RATE = 24
LIT_SECONDS = 0.3
EDGE_SECONDS = 0.5
"""So near to the ends a flash or a beep may be cut."""

SOURCE = """
navigator.mediaDevices.getUserMedia = async () => {
  const sound = new AudioContext();
  await sound.resume();
  const tone = sound.createOscillator(), gain = sound.createGain(), out = sound.createMediaStreamDestination();
  tone.frequency.value = %(tone)f;
  gain.gain.value = 0;
  tone.connect(gain).connect(out);
  tone.start();
  const begin = sound.currentTime + 0.5;
  for (let n = 0; n < 200; n += 1) {
    gain.gain.setValueAtTime(0.4, begin + n * %(period)f);
    gain.gain.setValueAtTime(0, begin + n * %(period)f + %(lit)f);
  }
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 480;
  const pen = canvas.getContext("2d");
  setInterval(() => {
    const now = sound.currentTime - begin;
    pen.fillStyle = now >= 0 && now %% %(period)f < %(lit)f ? "white" : "black";
    pen.fillRect(0, 0, 640, 480);
    pen.fillStyle = "#606060";
    pen.fillRect((now * 100) %% 600, 440, 40, 40);
  }, 1000 / 60);
  const stream = canvas.captureStream(30);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  return stream;
};
"""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Of one person: seconds from flash to flash, and the beep's tone in Hz."""

    period: float
    tone: float


def flashing_page(browser: Browser, rhythm: Rhythm) -> Page:
    """A page whose camera and microphone flash and beep."""
    page = browsers.new_page(browser)
    page.add_init_script(SOURCE % {"tone": rhythm.tone, "period": rhythm.period, "lit": LIT_SECONDS})
    return page


def offsets(video: Path, tile: tuple[int, int, int], rhythm: Rhythm) -> list[float]:
    """For each flash in a tile (left, width, height): seconds by which it comes after its beep (negative: before it)."""
    lit = flashes(video, tile)
    heard = beeps(video, rhythm.tone)
    found = []
    for moment in lit:
        nearest = min(heard, key=lambda beep: abs(beep - moment), default=None)
        if nearest is not None and abs(nearest - moment) < rhythm.period / 2:
            found.append(moment - nearest)
    return found


def flashes(video: Path, tile: tuple[int, int, int]) -> list[float]:
    """When a tile became light."""
    left, width, height = tile
    picture = f"crop={width}:{height}:{left}:0,fps={PICTURE_RATE},scale=4:4:flags=area,format=gray"
    raw = _decoded(video, "-an", "-vf", picture, "-f", "rawvideo")
    light = [sum(raw[at : at + 16]) / 16 for at in range(0, len(raw), 16)]
    return _rises(light, 128.0, 1 / PICTURE_RATE)


def beeps(video: Path, tone: float) -> list[float]:
    """When a tone began."""
    samples = array("h", _decoded(video, "-vn", "-ac", "1", "-ar", str(SOUND_RATE), "-f", "s16le"))
    powers = [_power(samples[at : at + WINDOW], tone) for at in range(0, len(samples) - WINDOW, HOP)]
    return _rises(powers, max(powers, default=0.0) / 4, HOP / SOUND_RATE, WINDOW / 2 / SOUND_RATE)


def _decoded(video: Path, *options: str) -> bytes:
    return subprocess.run(("ffmpeg", "-v", "error", "-i", str(video), *options, "-"), check=True, capture_output=True).stdout


def _rises(values: Sequence[float], limit: float, step: float, offset: float = 0.0) -> list[float]:
    """Moments at which the values go over the limit and have been under it; those at the ends are left out."""
    length = len(values) * step
    found = [n * step + offset for n in range(1, len(values)) if values[n] > limit >= values[n - 1]]
    apart = [moment for n, moment in enumerate(found) if n == 0 or moment - found[n - 1] > LIT_SECONDS / 2]
    return [moment for moment in apart if EDGE_SECONDS < moment < length - EDGE_SECONDS]


def _power(samples: Sequence[int], tone: float) -> float:
    """Goertzel's: the power of one tone."""
    turn = 2 * math.cos(2 * math.pi * tone / SOUND_RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + turn * last - before
    return last * last + before * before - turn * last * before
