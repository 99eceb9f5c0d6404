"""Videos and documents: ranges, names, kinds."""

from __future__ import annotations

import pytest

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
