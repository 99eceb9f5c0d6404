"""Results on the local disk until the store has them. See :class:`services.notify.application.Unsaved`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from services.notify.model import Message

MOMENTS = ("queued_at", "updated_at")


class ResultFiles:
    """One small file for each result, there only for the moment between the channel's word and the store's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, message_id: str) -> Message | None:
        """See the port."""
        try:
            kept = json.loads(self._path(message_id).read_text())
        except FileNotFoundError:
            return None
        return Message(**{**kept, **{name: datetime.fromisoformat(kept[name]) for name in MOMENTS}})

    def keep(self, message: Message) -> None:
        """See the port. Whole or not at all: written aside, flushed to disk, renamed."""
        path = self._path(message.message_id)
        fresh = path.with_suffix(".new")
        content = {**asdict(message), **{name: getattr(message, name).isoformat() for name in MOMENTS}}
        with fresh.open("w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def forget(self, message_id: str) -> None:
        """See the port."""
        self._path(message_id).unlink(missing_ok=True)

    def _path(self, message_id: str) -> Path:
        return self._folder / f"{message_id}.json"
