"""How long the video is still waited for, on the emission's page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts import media
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

RECORDING = f"/emissoes/{samples.named_id('emission-recording')}"
ENDED = f"/emissoes/{samples.named_id('emission-ended')}"
LATE = "Nada se perde"


def progress(**changes: Any) -> dict[str, Any]:
    """A rendering that keeps up."""
    return {
        "behind_seconds": 11.4,
        "cells_waiting": 0,
        "machine_cells_waiting": 0,
        "recordings_ahead": 0,
        "ready_seconds": 4.2,
        **changes,
    }


def told(gateway: SampleGateway, state: str, found: dict[str, Any] | None, *earlier: dict[str, Any]) -> None:
    """The answer of media: a recording in that state with that progress, and earlier ones."""

    def answer(data: dict[str, Any], _actor: object) -> dict[str, Any]:
        of = {**samples.emission(), "emission_id": data["emission_id"], "video": "processing"}
        changes = {"state": state, "progress": found} | ({"stopped_at": None} if state == "recording" else {})
        return {"videos": [samples.video(of, **changes), *earlier]}

    gateway.caller.answers[media.GET_VIDEOS] = answer


def page(gateway: SampleGateway, address: str) -> str:
    shown = gateway.client("ana").get(address).get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", shown).split())


def test_a_recording_that_is_followed_says_how_far_and_how_long_after_its_end(gateway: SampleGateway) -> None:
    told(gateway, "recording", progress())
    shown = page(gateway, RECORDING)
    assert "Vídeo acompanhando a gravação, 12 s atrás. Pronto cerca de 5 s depois de encerrar." in shown
    assert LATE not in shown
    assert "sem gravação" not in shown


def test_one_that_is_far_behind_says_that_nothing_is_lost(gateway: SampleGateway) -> None:
    told(gateway, "recording", progress(behind_seconds=310.0, cells_waiting=19, ready_seconds=None))
    shown = page(gateway, RECORDING)
    assert f"O vídeo está 6 min atrás da gravação. {LATE}" in shown
    assert "depois de encerrar" not in shown


@pytest.mark.parametrize(
    ("ahead", "said"),
    [(0, "na frente"), (1, "Há 1 gravação na frente."), (2, "Há 2 gravações na frente.")],
    ids=["none", "one", "two"],
)
def test_after_the_end_it_says_when_it_is_ready_and_what_goes_first(gateway: SampleGateway, ahead: int, said: str) -> None:
    told(gateway, "processing", progress(recordings_ahead=ahead, ready_seconds=37.0))
    shown = page(gateway, ENDED)
    assert "Pronto em cerca de 37 s." in shown
    assert (said in shown) == (ahead > 0)
    assert shown.count("Não é preciso esperar: siga") == 1


def test_what_is_not_known_is_not_said(gateway: SampleGateway) -> None:
    told(gateway, "processing", progress(ready_seconds=None))
    shown = page(gateway, ENDED)
    assert "O vídeo está em processamento." in shown
    assert "Pronto em" not in shown


@pytest.mark.parametrize("state", ["recording", "processing"])
def test_a_media_service_that_says_nothing_of_it_is_understood(gateway: SampleGateway, state: str) -> None:
    told(gateway, state, None)
    shown = page(gateway, ENDED)
    assert "Vídeo acompanhando" not in shown
    assert ("O vídeo está em processamento." in shown) == (state == "processing")


def test_the_line_changes_by_itself_and_a_player_beside_it_stays(gateway: SampleGateway) -> None:
    # given an earlier recording in a player, and one that goes on
    earlier = samples.video({**samples.emission(), "video": "done"}, recording_id="earlier")
    told(gateway, "recording", progress(), earlier)
    client = gateway.client("ana")
    shown = client.get(RECORDING).get_data(as_text=True)
    assert shown.count('id="part-progress"') == 1
    keys = "&".join(f"{name}={key}" for name, key in re.findall(r'name="(key_\w+)" value="(\w+)"', shown))
    # when it has gone on
    told(gateway, "recording", progress(behind_seconds=14.0), earlier)
    parts = client.get(f"{RECORDING}/partes?{keys}", headers={"HX-Request": "true"}).get_data(as_text=True)
    # then only the line is exchanged
    assert 'id="part-progress" hx-swap-oob="true"' in parts
    assert "14 s atrás" in parts
    assert 'id="part-video"' not in parts
    told(gateway, "recording", progress(), earlier)
    assert client.get(f"{RECORDING}/partes?{keys}", headers={"HX-Request": "true"}).status_code == 204


def test_it_is_in_the_interfaces_answer(gateway: SampleGateway) -> None:
    told(gateway, "recording", progress())
    emission_id = samples.named_id("emission-recording")
    found = gateway.client("ana").get(f"/api/emissions/{emission_id}/videos").get_json()
    assert found["videos"][0]["progress"] == progress()
