"""The local inbox, read as a holder reads it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import requests


class Inbox:
    """E-mail and SMS that were caught. ``authority``: the root certificate that vouches for its address."""

    def __init__(self, url: str, authority: Path | None = None) -> None:
        self._url = url
        self._verify: bool | str = str(authority) if authority else True

    def newest(self, address: str, pattern: str, seconds: float = 30, ignore: str = "") -> str:
        """Wait for a message to an address whose text matches; returns the first group. ``ignore``: an older match."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for mail in reversed(self._mails()):
                if address in {one["address"] for one in mail["to"]}:
                    found = re.search(pattern, mail.get("text") or "")
                    if found and found.group(1) != ignore:
                        return found.group(1)
            time.sleep(0.2)  # the inbox has no way to be waited upon
        raise TimeoutError(f"no message to {address} within {seconds:.0f} s")

    def _mails(self) -> list[dict[str, Any]]:
        mails: list[dict[str, Any]] = requests.get(f"{self._url}/api/email", timeout=5, verify=self._verify).json()
        return mails
