"""The outside world's mail server: takes e-mail (and SMS sent as mail), remembers all of it, and counts."""

from __future__ import annotations

import email
import re
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True, slots=True)
class Received:
    """One message as it came in."""

    address: str
    text: str
    message_id: str


class Receiver:
    """Listens for SMTP on loopback until closed."""

    def __init__(self, port: int) -> None:
        self._received: dict[str, list[Received]] = defaultdict(list)
        self._news = threading.Condition()
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self._controller.start()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one message."""
        parsed = email.message_from_bytes(envelope.content)
        text, message_id = _plain_text(parsed), str(parsed["Message-ID"])
        with self._news:
            for address in envelope.rcpt_tos:
                self._received[address].append(Received(address, text, message_id))
            self._news.notify_all()
        return "250 taken"

    def newest(self, address: str, pattern: str, seconds: float) -> str:
        """Wait for a message to an address whose text matches; returns the first group of the newest; :class:`TimeoutError`."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for one in reversed(self._received[address]):
                    found = re.search(pattern, one.text)
                    if found:
                        return found.group(1)
                left = deadline - time.monotonic()
                if left <= 0 or not self._news.wait(left):
                    raise TimeoutError(f"no message to {address} within {seconds:.0f} s")

    def to(self, address: str) -> list[Received]:
        """All that came for an address."""
        with self._news:
            return list(self._received[address])

    def close(self) -> None:
        """Stop listening."""
        self._controller.stop()


def _plain_text(message: Message) -> str:
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            return content.decode() if isinstance(content, bytes) else str(content)
    return ""
