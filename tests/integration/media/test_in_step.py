"""Sound and picture come out together: people who flash and beep at the same instant, measured in the finished video."""

from __future__ import annotations

import statistics
import subprocess
from pathlib import Path

import pytest

from contracts.conference import END_CONFERENCE, START_CONFERENCE, START_RECORDING
from tests.integration.media.test_from_room_to_video import House, house
from tests.support.flashes import LIT_SECONDS, Rhythm, flashes, flashing_page, offsets
from tests.support.rooms import browser_in_rooms
from tests.support.waiting import until

__all__ = ["house"]
pytestmark = pytest.mark.integration
ALLOWED_SECONDS = 0.080
RECORDED_SECONDS = 30
LEFT, RIGHT = (0, 640, 480), (640, 640, 480)
CLERK, HOLDER = Rhythm(1.5, 1000), Rhythm(1.9, 1800)


def clip(path: Path, late: float) -> Path:
    """Twelve seconds in which the left half flashes ``late`` seconds after the beeps."""
    lit = f"lt(mod(t+{CLERK.period}-{late},{CLERK.period}),{LIT_SECONDS})"
    picture = f"color=black:s=1280x480:r=24,drawbox=x=0:y=0:w=640:h=480:color=white:t=fill:enable='{lit}'"
    sound = f"aevalsrc='0.4*sin(2*PI*{CLERK.tone}*t)*lt(mod(t,{CLERK.period}),{LIT_SECONDS})':s=48000"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound)
    subprocess.run(("ffmpeg", "-v", "error", *inputs, "-t", "12", "-c:v", "libx264", "-c:a", "aac", str(path)), check=True)
    return path


@pytest.mark.parametrize("late", [-0.15, 0.0, 0.15])
def test_a_known_offset_is_measured(tmp_path: Path, late: float) -> None:
    # given a clip whose picture is late, or early, by so much
    video = clip(tmp_path / "clip.mp4", late)

    # when it is measured
    found = offsets(video, LEFT, CLERK)

    # then that is found, to a picture's length
    assert len(found) >= 6
    assert all(abs(offset - late) < 1.5 / 24 for offset in found), found
    assert flashes(video, RIGHT) == []


def test_both_people_stay_in_step_over_the_whole_meeting(house: House, tmp_path: Path) -> None:
    # given two people in a room who flash and beep in rhythms of their own
    clerk = house.clerk
    with browser_in_rooms() as (browser, address):
        conference = clerk.opened()
        pages = {}
        for role, rhythm in (("clerk", CLERK), ("holder", HOLDER)):
            page = pages[role] = flashing_page(browser, rhythm)
            page.goto(address)
            access = clerk.clerk_access(conference) if role == "clerk" else clerk.holder_access(conference)
            page.evaluate("access => window.join(access)", dict(access))
            if role == "clerk":
                clerk.command(START_CONFERENCE, conference)
        # when they are recorded
        clerk.command(START_RECORDING, conference)
        until(lambda: clerk.conference(conference["emission_id"])["recording"] == "on", what="the light")
        pages["clerk"].wait_for_timeout(RECORDED_SECONDS * 1000)
        clerk.command(END_CONFERENCE, conference)
    emission_id = conference["emission_id"]
    video = until(lambda: [one for one in house.videos(emission_id) if one["state"] == "done"], 90, "the video")[0]
    stored = video["playable"]
    path = tmp_path / "playable.mp4"
    path.write_bytes(house.objects.get(stored["bucket"], stored["key"]))

    # then each person's flashes and beeps come out together, from the beginning to the end
    for who, tile, rhythm in (("clerk", LEFT, CLERK), ("holder", RIGHT, HOLDER)):
        found = offsets(path, tile, rhythm)
        assert len(found) >= RECORDED_SECONDS / rhythm.period * 0.7, f"{who}: {len(found)} flashes were found"
        assert max(map(abs, found)) <= ALLOWED_SECONDS, f"{who}: {[round(offset, 3) for offset in found]}"
        assert abs(statistics.fmean(found[:5]) - statistics.fmean(found[-5:])) < 0.03, f"{who} drifts"
