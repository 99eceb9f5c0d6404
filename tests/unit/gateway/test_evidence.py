"""The clerk is told what is wrong with sound and picture, in the room and before going on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from contracts import media
from contracts.errors import Unavailable
from gateway.evidence_labels import EVIDENCE
from services.media.model.evidence import LONGEST_SECONDS, PEOPLE
from tests.support import gateway_samples as samples
from tests.support.sample_gateway import SampleGateway

STARTED = f"/emissoes/{samples.named_id('emission-started')}/sala"
RECORDING_ID = samples.named_id("emission-recording")
ROOM = f"/emissoes/{RECORDING_ID}/sala"
SILENT = {"slot": "holder", "fault": "silence"}
HINT = "Não se ouve a pessoa há 20 segundos. Peça que ligue o microfone."


def evidence(**changes: Any) -> dict[str, Any]:
    return {
        "verdict": None,
        "reasons": [],
        "warnings": [],
        "people": [],
        "measured_seconds": 24.0,
        "both_seconds": 24.0,
        **changes,
    }


def recorded(gateway: SampleGateway, found: dict[str, Any] | None, **changes: Any) -> None:
    """The answer of media: one recording with that evidence."""

    def answer(data: dict[str, Any], _actor: object) -> dict[str, Any]:
        of = {
            "emission_id": data["emission_id"],
            "conference_id": samples.named_id("conference"),
            "office_id": samples.OFFICE["office_id"],
            "video": "done",
        }
        return {"videos": [samples.video(of, **{"evidence": found, **changes})]}

    gateway.caller.answers[media.GET_VIDEOS] = answer


def key_of(page: str) -> str:
    found = re.search(r'name="key_evidence" value="(\w+)"', page)
    assert found
    return found[1]


def test_the_room_says_what_is_wrong_and_what_to_do(gateway: SampleGateway) -> None:
    recorded(gateway, evidence(warnings=[SILENT]), state="recording", stopped_at=None)
    page = gateway.client("ana").get(ROOM).get_data(as_text=True)
    assert HINT in page
    assert 'role="status"' in page


def test_a_warning_comes_and_goes_without_reloading_the_room(gateway: SampleGateway) -> None:
    client = gateway.client("ana")
    recorded(gateway, None, state="recording", stopped_at=None)
    page = client.get(ROOM).get_data(as_text=True)
    assert HINT not in page
    recorded(gateway, evidence(warnings=[SILENT]), state="recording", stopped_at=None)
    part = client.get(f"{ROOM}/partes?key_evidence={key_of(page)}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert HINT in part
    again = client.get(f"{ROOM}/partes?key_evidence={key_of(part)}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "part-evidence" not in again
    recorded(gateway, evidence(), state="recording", stopped_at=None)
    over = client.get(f"{ROOM}/partes?key_evidence={key_of(part)}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'id="part-evidence"' in over
    assert HINT not in over


def test_where_media_does_not_answer_the_room_stays_as_it_is(gateway: SampleGateway) -> None:
    gateway.caller.answers[media.GET_VIDEOS] = Unavailable("no answer")
    client = gateway.client("ana")
    assert client.get(ROOM).status_code == 200
    part = client.get(f"{ROOM}/partes?key_evidence=before", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "part-evidence" not in part


def test_nobody_is_asked_before_anything_is_recorded(gateway: SampleGateway) -> None:
    gateway.client("ana").get(STARTED)
    assert media.GET_VIDEOS not in [asked.operation for asked in gateway.caller.asked]


@pytest.mark.parametrize("verdict", ["good", "doubtful", "poor"])
def test_the_verdict_stands_beside_the_video_with_its_reasons(gateway: SampleGateway, verdict: str) -> None:
    reasons = [{**SILENT, "seconds": 65.0}, {"slot": None, "fault": "alone", "seconds": 13.0}] if verdict != "good" else []
    recorded(gateway, evidence(verdict=verdict, reasons=reasons))
    page = gateway.client("ana").get(f"/emissoes/{samples.named_id('emission-completed')}").get_data(as_text=True)
    assert f'data-verdict="{verdict}"' in page
    assert ("Não se ouviu a pessoa: 1 min 05 s" in page) == (verdict != "good")


@pytest.mark.parametrize(("verdict", "warned"), [("good", False), ("doubtful", True), ("poor", True), (None, False)])
def test_who_is_about_to_go_on_is_warned_of_a_doubtful_recording(
    gateway: SampleGateway, verdict: str | None, warned: bool
) -> None:
    recorded(gateway, evidence(verdict=verdict))
    page = gateway.client("ana").get(f"/emissoes/{samples.named_id('emission-ended')}").get_data(as_text=True)
    before, _, after = page.partition('id="part-action"')
    assert ("Ver os motivos" in before) == warned
    assert "Continuar" in after


def test_a_video_that_was_not_judged_is_shown_all_the_same(gateway: SampleGateway) -> None:
    recorded(gateway, None)
    page = gateway.client("ana").get(f"/emissoes/{samples.named_id('emission-completed')}").get_data(as_text=True)
    assert "data-verdict" not in page
    assert "<video" in page


def test_every_warning_has_its_words() -> None:
    faults = [*LONGEST_SECONDS, "small_picture", "low_frame_rate", "offset"]
    assert set(EVIDENCE["evidence_warning"]) == {f"{slot} {fault}" for slot in PEOPLE for fault in faults}
