"""The operators' pages: warnings, queues, unhandled events, the record, stuck emissions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from contracts.certification import AWAITED, LIST_STUCK
from contracts.errors import Unavailable
from contracts.operation import EVENTS
from gateway.labels import LABELS
from gateway.metrics import DeadLetterCollector
from gateway.security.access import EXTENSION
from tests.support import gateway_samples as samples
from tests.support.memory_letters import MemoryDeadLetters
from tests.support.sample_gateway import SampleGateway

LETTER, BYTES = samples.dead_letters()
PAGE = f"/operacoes/nao-tratados/{LETTER.queue}"


class Silent(MemoryDeadLetters):
    """A broker that does not answer."""

    def depths(self) -> list[object]:  # type: ignore[override]
        raise Unavailable("the broker does not answer")

    def letters(self, queue: str | None = None, limit: int = 1) -> list[object]:  # type: ignore[override]
        raise Unavailable("the broker does not answer")


def text(gateway: SampleGateway, path: str, user_id: str = "olga") -> str:
    return gateway.client(user_id).get(path).get_data(as_text=True)


def without_broker(gateway: SampleGateway) -> None:
    gateway.app.extensions[EXTENSION] = replace(gateway.app.extensions[EXTENSION], dead_letters=Silent())


def test_the_first_page_warns_of_unhandled_events_and_stuck_emissions(gateway: SampleGateway) -> None:
    for path in ("/operacoes/", "/operacoes/avisos"):
        page = text(gateway, path)
        assert "2 eventos não puderam ser tratados." in page
        assert "2 emissões estão paradas." in page
    gateway.dead_letters.lying.clear()
    gateway.caller.answers[LIST_STUCK] = lambda _d, _a: {"emissions": [], "checked_at": samples.NOW}
    assert "notice" not in text(gateway, "/operacoes/avisos")


def test_what_cannot_be_told_is_said_so(gateway: SampleGateway) -> None:
    gateway.caller.answers[LIST_STUCK] = Unavailable("certification does not answer")
    assert "Não é possível dizer agora" in text(gateway, "/operacoes/")
    without_broker(gateway)
    assert gateway.client("olga").get("/operacoes/").status_code == 200
    assert gateway.client("olga").get("/operacoes/nao-tratados").status_code == 503


def test_queues_point_at_what_is_unhandled(gateway: SampleGateway) -> None:
    page = text(gateway, "/operacoes/filas")
    assert f'href="{PAGE}"' in page


def test_the_list_names_each_consumer_with_count_oldest_and_error(gateway: SampleGateway) -> None:
    page = text(gateway, "/operacoes/nao-tratados")
    assert "not_found: no room" in page
    assert "unreadable: DecodeError" in page
    assert "20/11/2026 às 11:30" in page


def test_a_letter_is_shown_whole_with_its_trace(gateway: SampleGateway) -> None:
    page = text(gateway, f"{PAGE}/{LETTER.id}")
    assert "a1" * 16 in page
    assert "not_found: no room" in page
    assert "&#34;specversion&#34;: &#34;1.0&#34;" in page
    broken = text(gateway, f"/operacoes/nao-tratados/{BYTES.queue}/{BYTES.id}")
    assert "00000000  00 ff 7b 6e" in broken


@pytest.mark.parametrize("path", ["/operacoes/nao-tratados/amq.something", f"{PAGE}/another", f"{PAGE}/descartar?carta=another"])
def test_what_does_not_lie_there_is_not_found(gateway: SampleGateway, path: str) -> None:
    assert gateway.client("olga").get(path).status_code == 404


def test_a_letter_is_given_back_and_the_act_recorded_with_its_reason(gateway: SampleGateway) -> None:
    client = gateway.client("olga")
    answer = gateway.post(client, f"{PAGE}/devolver", {"letter_id": LETTER.id, "reason": "sala restaurada"})
    assert answer.headers["Location"] == "/operacoes/nao-tratados?devolvidos=1"
    assert gateway.dead_letters.returned == [LETTER]
    name, data, actor = gateway.ledger.recorded[-1]
    assert (name, data["letter_id"], data["reason"]) == ("DeadLetterRetried", LETTER.id, "sala restaurada")
    assert actor is not None
    assert actor.user_id == "olga"
    again = gateway.post(client, f"{PAGE}/devolver", {"letter_id": LETTER.id})
    assert "Nada foi devolvido" in client.get(again.headers["Location"]).get_data(as_text=True)


def test_all_of_a_queue_are_given_back(gateway: SampleGateway) -> None:
    answer = gateway.post(gateway.client("alice"), f"{PAGE}/devolver")
    assert answer.headers["Location"] == "/operacoes/nao-tratados?devolvidos=1"
    assert gateway.dead_letters.lying == [BYTES]


def test_discarding_asks_once_more_and_needs_a_reason(gateway: SampleGateway) -> None:
    client = gateway.client("olga")
    asked = client.get(f"{PAGE}/descartar?carta={LETTER.id}").get_data(as_text=True)
    assert "Descartar este evento?" in asked
    assert "Descartar 1 evento?" in client.get(f"{PAGE}/descartar").get_data(as_text=True)
    for reason in ("", "  ", "ab", "x" * 501):
        answer = gateway.post(client, f"{PAGE}/descartar", {"letter_id": LETTER.id, "reason": reason})
        assert answer.status_code == 422
        assert 'id="reason-problem"' in answer.get_data(as_text=True)
    assert "SignedIn" in gateway.ledger.names()
    assert len(gateway.dead_letters.lying) == 2
    assert "DeadLetterDiscarded" not in gateway.ledger.names()


@pytest.mark.parametrize("act", ["devolver", "descartar"])
def test_nothing_is_done_without_the_sessions_token(gateway: SampleGateway, act: str) -> None:
    form = {"letter_id": LETTER.id, "reason": "sem token"}
    assert gateway.client("olga").post(f"{PAGE}/{act}", data=form).status_code == 422
    assert gateway.post(gateway.client("ana"), f"{PAGE}/{act}", form).status_code == 403
    assert len(gateway.dead_letters.lying) == 2


def test_a_discarded_letter_stays_readable_for_operators_and_auditors(gateway: SampleGateway) -> None:
    client = gateway.client("olga")
    for letter in (LETTER, BYTES):
        form = {"letter_id": letter.id, "reason": "a emissão foi cancelada"}
        answer = gateway.post(client, f"/operacoes/nao-tratados/{letter.queue}/descartar", form)
        assert answer.headers["Location"] == "/operacoes/nao-tratados?descartados=1"
    assert gateway.dead_letters.lying == []
    for user_id in ("olga", "davi"):
        page = text(gateway, "/operacoes/registro", user_id)
        assert page.count("a emissão foi cancelada") == 2
        assert "&#34;specversion&#34;: &#34;1.0&#34;" in page
        assert "00000000  00 ff 7b 6e" in page


def test_a_stuck_emission_says_what_it_waits_for_and_what_to_do(gateway: SampleGateway) -> None:
    page = text(gateway, "/operacoes/paradas")
    assert "A sala não foi aberta." in page
    assert "(ConferenceOpened), do serviço Conferência, desde 20/11/2026 10:50:00." in page
    assert "Veja se o serviço de conferência" in page
    assert f'href="{PAGE}/{LETTER.id}"' in page


def test_the_same_for_programs_in_the_readers_language(gateway: SampleGateway) -> None:
    client = gateway.client("olga")
    first, second = client.get("/api/emissions/stuck").get_json()["emissions"]
    assert first["waits"][0]["cause"] == "A sala não foi aberta"
    assert [letter["id"] for letter in first["dead_letters"]] == [LETTER.id]
    assert [wait["what"] for wait in second["waits"]] == ["video", "delivery"]
    gateway.post(client, "/idioma", {"language": "en"})
    assert client.get("/api/emissions/stuck").get_json()["emissions"][0]["waits"][0]["cause"] == "The room was not opened"
    without_broker(gateway)
    assert client.get("/api/emissions/stuck").get_json()["letters_known"] is False


def test_every_wait_and_every_event_has_words() -> None:
    assert set(LABELS["awaited"]) == set(LABELS["next_step"]) == set(AWAITED)
    assert {name for _source, name in EVENTS if _source == "gateway"} <= set(LABELS["event"])


def test_prometheus_sees_the_unhandled_events_and_no_zero_where_nobody_knows() -> None:
    registry = CollectorRegistry()
    registry.register(DeadLetterCollector(MemoryDeadLetters([LETTER])))
    assert f'titular_dead_letters{{queue="{LETTER.queue}"}} 1.0' in generate_latest(registry).decode()
    silent = CollectorRegistry()
    silent.register(DeadLetterCollector(Silent()))
    assert "titular_dead_letters{" not in generate_latest(silent).decode()
