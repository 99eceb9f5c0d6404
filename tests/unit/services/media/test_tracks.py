"""Reading track files."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.media.tracks import (
    UnreadableTrack,
    read_folder,
    read_track,
    rtp_payload,
    unwrap,
    vp8_picture_size,
    write_cut,
)
from tests.support.tracks import EPOCH, FIXTURES, rtp, vp8, write_track


def sound(seconds: float, begin: float = 0.0) -> list[tuple[float, float, bytes]]:
    return [(begin + n * 0.02, begin + n * 0.02, b"x") for n in range(round(seconds * 50))]


def test_a_real_recording_is_read_as_what_it_is() -> None:
    tracks = read_folder(FIXTURES / "two-people")
    assert sorted((track.participant_id, track.kind) for track in tracks) == [
        ("clerk-8e537c", "audio"),
        ("clerk-8e537c", "video"),
        ("holder-ed1dce", "audio"),
        ("holder-ed1dce", "video"),
    ]
    for track in tracks:
        (stretch,) = track.stretches
        whole = stretch.whole
        assert whole.ends_at - whole.begins_at == pytest.approx(10.0, abs=0.15)
        assert (whole.width, whole.height) == ((640, 480) if track.kind == "video" else (0, 0))
        assert whole.end == Path(track.path).stat().st_size


def test_a_killed_recorders_files_are_read_up_to_the_torn_packet() -> None:
    tracks = read_folder(FIXTURES / "recorder-killed")
    assert len(tracks) == 4
    for track in tracks:
        size = Path(track.path).stat().st_size
        assert size - 2000 < track.stretches[0].whole.end < size


def test_three_stays_are_three_tracks_of_each_kind() -> None:
    tracks = read_folder(FIXTURES / "three-stays")
    begins = sorted(track.stretches[0].whole.begins_at for track in tracks if track.kind == "video")
    assert begins[1] - begins[0] == pytest.approx(19.6, abs=0.1)
    assert begins[2] - begins[1] == pytest.approx(22.4, abs=0.1)


def test_a_track_without_packets_is_left_out(tmp_path: Path) -> None:
    write_track(tmp_path, "clerk-1", "audio", [])
    (tmp_path / "videoroom-room-user-clerk-2-1-audio-0.mjr.tmp").write_bytes(b"MJR0")
    header = b'{"t":"a","c":"opus","s":1}'
    unsent = b"MJR00002" + len(header).to_bytes(2, "big") + header
    (tmp_path / "videoroom-room-user-clerk-3-1-audio-0.mjr").write_bytes(unsent)
    assert read_folder(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("videoroom-room-user-clerk-1-1-audio-0.mjr", b"something else altogether"),
        ("other.mjr", b""),
        ("videoroom-room-user-clerk-1-1-video-0.mjr", b'MJR00002\x00\x1b{"t":"v","c":"av1","u":123}'),
    ],
)
def test_a_file_that_is_no_known_track_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableTrack, match=name.replace(".", r"\.")):
        read_track(path)


def test_a_screen_is_told_from_its_participant(tmp_path: Path) -> None:
    path = write_track(tmp_path, "clerk-00aa11-screen", "video", [(0, 0, vp8(1280, 720)), (0.1, 0.1, vp8())])
    track = read_track(path)
    assert track is not None
    assert (track.participant_id, track.screen) == ("clerk-00aa11", True)


def test_a_torn_packet_and_a_broken_one_end_the_track(tmp_path: Path) -> None:
    whole = write_track(tmp_path, "clerk-1", "audio", sound(1))
    expected = whole.stat().st_size
    for number, torn in enumerate((b"ME", b"MEET\x00\x00\x00\x00\x01\x00abc", b"JUNKJUNKJUNKJUNK")):
        track = read_track(write_track(tmp_path, f"clerk-{number}", "audio", sound(1), torn=torn))
        assert track is not None
        assert track.stretches[0].whole.end == expected


def test_rtp_time_runs_on_when_it_wraps() -> None:
    assert unwrap(0xFFFFFFF0, 0x10) == 0x100000010
    assert unwrap(0x100000010, 0xFFFFFFF0) == 0xFFFFFFF0
    assert unwrap(100, 200) == 200


def test_payloads_are_found_behind_extensions_and_before_padding() -> None:
    plain = rtp(0, b"payload")
    assert rtp_payload(plain) == b"payload"
    extended = bytes([0x90]) + plain[1:12] + b"\xbe\xde\x00\x01" + b"ABCD" + b"payload"
    assert rtp_payload(extended) == b"payload"
    padded = bytes([0xA0]) + plain[1:12] + b"payload" + b"\x00\x00\x03"
    assert rtp_payload(padded) == b"payload"


def test_only_the_first_packet_of_a_key_frame_tells_the_pictures_size() -> None:
    assert vp8_picture_size(vp8(1280, 720)) == (1280, 720)
    assert vp8_picture_size(vp8()) is None
    assert vp8_picture_size(b"\x00" + vp8(640, 480)[1:]) is None  # a later packet of the frame
    assert vp8_picture_size(b"") is None
    with_picture_id = b"\x90\x80\x81\x23" + vp8(640, 480)[1:]
    assert vp8_picture_size(with_picture_id) == (640, 480)


def test_a_cut_is_a_track_of_its_own(tmp_path: Path) -> None:
    source = write_track(tmp_path, "clerk-1", "audio", [*sound(1), *sound(1, begin=5)])
    track = read_track(source)
    assert track is not None
    second = track.stretches[1].whole
    target = tmp_path / "videoroom-cut-user-clerk-1-1-audio-0.mjr"
    write_cut(track, second.start, second.end, target)
    cut = read_track(target)
    assert cut is not None
    assert cut.stretches[0].whole.begins_at == pytest.approx(EPOCH + 5)
    assert cut.stretches[0].whole.ends_at == pytest.approx(second.ends_at)
