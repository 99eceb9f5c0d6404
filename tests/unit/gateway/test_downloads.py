"""Videos and documents: ranges, names, kinds."""

from __future__ import annotations

import itertools

import pytest

from contracts.media import GET_VIDEOS
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

COMPLETED = samples.named_id("emission-completed")
VIDEO = f"/emissoes/{COMPLETED}/videos/{samples.named_id(f'recording-{COMPLETED}')}/playable"
CONTENT = bytes(range(250)) * 4


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [(None, 200, 0, 1000), ("bytes=0-", 206, 0, 1000), ("bytes=10-19", 206, 10, 20), ("bytes=-100", 206, 900, 1000)],
)
def test_a_player_gets_the_range_it_asks_for(
    gateway: SampleGateway, asked: str | None, status: int, start: int, stop: int
) -> None:
    answer = gateway.client("ana").get(VIDEO, headers={"Range": asked} if asked else {})
    assert answer.status_code == status
    assert answer.data == CONTENT[start:stop]
    assert answer.headers["Content-Length"] == str(stop - start)
    if status == 206:
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/1000"


@pytest.fixture
def streamed(gateway: SampleGateway) -> SampleGateway:
    """The recording has just ended: its video is three objects still."""
    borders = (0, 100, 700, 1000)
    parts = [
        gateway.objects.put("cells", f"cell-{number}", CONTENT[start:stop], "video/mp4")
        for number, (start, stop) in enumerate(itertools.pairwise(borders))
    ]
    stream = {"duration_seconds": 9.5, "width": 1280, "height": 480, "size": 1000, "parts": parts}
    found = samples.video(samples.emission("completed"), state="processing", playable=None, original=None, stream=stream)
    gateway.caller.answers[GET_VIDEOS] = lambda _data, _actor: {"videos": [found]}
    return gateway


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [(None, 0, 1000), ("bytes=0-99", 0, 100), ("bytes=99-700", 99, 701), ("bytes=150-160", 150, 161), ("bytes=-1", 999, 1000)],
)
def test_a_video_can_be_watched_before_it_is_one_object(
    streamed: SampleGateway, asked: str | None, start: int, stop: int
) -> None:
    answer = streamed.client("ana").get(VIDEO, headers={"Range": asked} if asked else {})
    assert answer.data == CONTENT[start:stop]
    assert answer.headers["Content-Length"] == str(stop - start)
    if asked:
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/1000"


def test_the_page_shows_a_video_that_is_not_one_object_yet(streamed: SampleGateway) -> None:
    page = streamed.client("ana").get(f"/emissoes/{COMPLETED}").text
    assert VIDEO in page
    assert "Já pode ser assistido" in page


def test_a_range_behind_the_end_is_refused(gateway: SampleGateway) -> None:
    answer = gateway.client("ana").get(VIDEO, headers={"Range": "bytes=5000-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */1000"


def test_a_download_has_a_sensible_name(gateway: SampleGateway) -> None:
    disposition = gateway.client("ana").get(f"{VIDEO}?baixar=1").headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename=videoconferencia-000123.2026.11.20")
    assert disposition.rstrip('"').endswith(".mp4")


@pytest.mark.parametrize(("kind", "start"), [("termo", b"%PDF"), ("certificado", b"-----BEGIN"), ("cadeia", b"-----BEGIN")])
def test_documents(gateway: SampleGateway, kind: str, start: bytes) -> None:
    answer = gateway.client("davi").get(f"/emissoes/{COMPLETED}/documentos/{kind}")
    assert answer.status_code == 200
    assert answer.data.startswith(start)


def test_an_unknown_recording_is_not_found(gateway: SampleGateway) -> None:
    assert gateway.client("ana").get(VIDEO.replace(samples.named_id(f"recording-{COMPLETED}"), "x")).status_code == 404


PAGE = VIDEO.removesuffix("/playable")


def test_the_page_of_a_recording_shows_what_is_missing_what_happened_and_who_has_seen_it(gateway: SampleGateway) -> None:
    gap = {"slot": "holder", "begins": 60.0, "ends": 90.0, "reason": "connection_lost"}
    found = samples.video(samples.emission("completed", video="done"), gaps=[gap])
    gateway.caller.answers[GET_VIDEOS] = lambda _data, _actor: {"videos": [found]}
    davi = gateway.client("davi")
    before = davi.get(PAGE).text
    assert "a conexão foi interrompida" in before
    assert 'data-seek="60.0"' in before
    assert "Ninguém ainda" in before
    davi.get(VIDEO, headers={"Range": "bytes=0-99"})
    davi.get(VIDEO, headers={"Range": "bytes=500-"})
    davi.get(f"{VIDEO}?baixar=1")
    assert "2 vezes" in davi.get(PAGE).text
    assert gateway.ledger.names().count("RecordingViewed") == 2


def test_nobody_is_noted_for_a_recording_that_he_may_not_see(gateway: SampleGateway) -> None:
    stranger = gateway.client("rui")
    for address in (PAGE, VIDEO):
        assert stranger.get(address).status_code in {403, 404}
    assert "RecordingViewed" not in gateway.ledger.names()
