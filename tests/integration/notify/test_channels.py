"""Both channels against a real mail server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from deploy.local.process import free_ports
from services.notify.application import DeliveryDelayed, DeliveryRefused
from services.notify.channels import EmailChannel, SmsChannel, SmtpServer
from tests.support.engines import Inbox
from tests.support.waiting import until

pytestmark = pytest.mark.integration
MESSAGE: dict[str, Any] = {
    "message_id": "m1",
    "emission_id": "e1",
    "purpose": "invitation",
    "channel": "email",
    "address": "maria@example.com",
    "address_masked": "m***@example.com",
    "holder_name": "Maria <b>Souza</b>",
    "office_name": "1º Tabelionato\r\nBcc: x@example.com",
    "link": "http://localhost/certificado/#abc",
    "code": None,
    "expires_at": datetime(2026, 11, 23, 12, tzinfo=UTC),
}


def server(port: int) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, "", "", "none", "nao-responda@titular.local")


def received(inbox: Inbox, address: str) -> dict[str, Any] | None:
    mails: list[dict[str, Any]] = requests.get(f"{inbox.web_url}/api/email", timeout=5).json()
    return next((mail for mail in mails if mail["to"][0]["address"] == address), None)


def test_an_invitation_arrives_in_portuguese_with_its_link(inbox: Inbox) -> None:
    EmailChannel(server(inbox.smtp_port)).send({**MESSAGE, "office_name": "1º Tabelionato de Campinas"})
    mail = until(lambda: received(inbox, "maria@example.com"))
    assert "Emita seu certificado digital" in mail["subject"]
    assert MESSAGE["link"] in mail["text"]
    assert "23/11/2026 às 09:00" in mail["text"]
    assert "<b>Souza</b>" not in mail["html"]


def test_a_notice_before_the_end_says_until_when_and_has_no_link(inbox: Inbox) -> None:
    notice = {**MESSAGE, "purpose": "renewal", "link": None, "address": "rita@example.com", "office_name": "1º Tabelionato"}
    EmailChannel(server(inbox.smtp_port)).send(notice)
    mail = until(lambda: received(inbox, "rita@example.com"))
    assert "Seu certificado digital vence em breve" in mail["subject"]
    for form in (mail["text"], mail["html"]):
        assert "23/11/2026 às 09:00" in form
        assert "peça um certificado novo" in form
        assert "http" not in form


def test_a_header_cannot_be_injected(inbox: Inbox) -> None:
    with pytest.raises(DeliveryRefused):
        EmailChannel(server(inbox.smtp_port)).send(MESSAGE)
    with pytest.raises(DeliveryRefused):
        EmailChannel(server(inbox.smtp_port)).send({**MESSAGE, "office_name": "x", "address": "a@b.c\r\nBcc: d@e.f"})


def test_a_server_that_is_away_is_worth_another_try() -> None:
    (port,) = free_ports(1)
    with pytest.raises(DeliveryDelayed):
        EmailChannel(server(port)).send({**MESSAGE, "office_name": "x"})


def test_a_code_arrives_by_sms(inbox: Inbox) -> None:
    address = f"mailto://127.0.0.1:{inbox.smtp_port}?from=sms@titular.local&to={{number}}@sms.localhost"
    SmsChannel(address).send(
        {**MESSAGE, "purpose": "code", "code": "042137", "address": "5519987651234", "office_name": "1º Tabelionato"}
    )
    mail = until(lambda: received(inbox, "5519987651234@sms.localhost"))
    assert mail["text"].startswith("042137")


def test_a_number_of_other_characters_is_refused() -> None:
    with pytest.raises(DeliveryRefused):
        SmsChannel("mailto://127.0.0.1?to={number}@x").send({**MESSAGE, "address": "1&to=eve@example.com"})
