"""E-mail by SMTP, SMS by any provider that Apprise knows."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import apprise

from services.notify.application import DeliveryDelayed, DeliveryRefused
from services.notify.texts import render

SUBJECTS = {
    "invitation": "Emita seu certificado digital",
    "code": "Seu código de verificação",
    "contact": "Código para ler em voz alta na videoconferência",
    "renewal": "Seu certificado digital vence em breve",
}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where e-mail is handed over. ``security``: none, starttls or tls."""

    host: str
    port: int
    user: str
    password: str
    security: str
    sender: str


class EmailChannel:
    """Plain text and HTML by SMTP. See :class:`services.notify.application.Channel`."""

    def __init__(self, server: SmtpServer, timeout: float = 20.0) -> None:
        self._server = server
        self._timeout = timeout

    def send(self, message: Mapping[str, Any]) -> None:
        """See :class:`services.notify.application.Channel`."""
        try:
            mail = self._compose(message)
        except (ValueError, IndexError) as error:
            raise DeliveryRefused("the address is not an e-mail address") from error
        try:
            with self._connect() as smtp:
                smtp.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            if 500 <= code < 600:
                raise DeliveryRefused(f"the server refused the address ({code})") from error
            raise DeliveryDelayed(f"the server put the message off ({code})") from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryDelayed(f"the server answered {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryDelayed(f"the mail server does not answer ({type(error).__name__})") from error

    def _compose(self, message: Mapping[str, Any]) -> EmailMessage:
        purpose = message["purpose"]
        office = str(message.get("office_name") or "Cartório")
        mail = EmailMessage()
        mail["Subject"] = f"{SUBJECTS[purpose]} - {office}"
        mail["From"] = Address(office, addr_spec=self._server.sender)
        mail["To"] = Address(addr_spec=message["address"])
        # The same for each attempt, so that a mailbox recognises a message that was sent twice.
        mail["Message-ID"] = f"<{message['message_id']}@{self._server.sender.rsplit('@', 1)[1]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(render(f"{purpose}_email.txt", message))
        mail.add_alternative(render(f"{purpose}_email.html", message), subtype="html")
        return mail

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        kind = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
        smtp = kind(server.host, server.port, timeout=self._timeout)
        if server.security == "starttls":
            smtp.starttls()
        if server.user:
            smtp.login(server.user, server.password)
        return smtp


class SmsChannel:
    """One short text by the provider of an Apprise address in which ``{number}`` stands for the mobile's number."""

    def __init__(self, address: str) -> None:
        self._address = address

    def send(self, message: Mapping[str, Any]) -> None:
        """See :class:`services.notify.application.Channel`."""
        number = str(message["address"])
        if not number.isdigit():
            raise DeliveryRefused("the number has other characters than digits")
        sender = apprise.Apprise()
        if not sender.add(self._address.format(number=number)):
            raise DeliveryDelayed("the SMS provider's address is not understood")
        text = render(f"{message['purpose']}_sms.txt", message)
        if not sender.notify(body=text, title=""):
            raise DeliveryDelayed("the SMS provider did not take the message")
