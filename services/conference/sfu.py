"""Janus' video room behind its HTTP API. See :class:`services.conference.application.ports.Sfu`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from chassis.logs import get_logger
from contracts.errors import Unavailable
from services.conference.application.ports import Access, RoomGone

logger = get_logger(__name__)
PLUGIN = "janus.plugin.videoroom"
TIMEOUT_SECONDS = 5.0
CHECK_SECONDS = 2.0
KEEP_ALIVE_SECONDS = 20.0
"""Janus drops a session that is silent for 60 s."""

# Error numbers of janus.c (gateway) and janus_videoroom.c (plugin).
SESSION_NOT_FOUND, HANDLE_NOT_FOUND = 458, 459
NO_SUCH_ROOM, ROOM_EXISTS, NO_SUCH_FEED = 426, 427, 428


@dataclass(frozen=True, slots=True)
class JanusSettings:
    """Where Janus is, its secrets, and the folder (as Janus sees it) under which it records."""

    url: str
    api_secret: str
    token_secret: str
    admin_key: str
    recordings: Path
    room_secret: str
    bitrate: int = 1_500_000


class JanusRefused(Exception):
    """Janus answered with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class JanusSfu:
    """One session and one handle for all rooms; both are made anew when Janus has lost them."""

    def __init__(self, settings: JanusSettings) -> None:
        self._settings = settings
        self._http = requests.Session()
        self._lock = threading.Lock()
        self._path: str | None = None
        self._last_use = 0.0

    def create_room(self, room: str, recording: bool) -> bool:
        """See the port."""
        try:
            self._ask(self._room_options(room) | {"request": "create", "record": recording})
        except JanusRefused as error:
            if error.code == ROOM_EXISTS:
                return False
            raise Unavailable("the room could not be made", room=room) from error
        return True

    def start_recording(self, room: str) -> None:
        """See the port."""
        self._ask_room(room, {"request": "enable_recording", "record": True})

    def stop_recording(self, room: str) -> None:
        """See the port. Janus answers after it has closed the files."""
        self._ask_room(room, {"request": "enable_recording", "record": False})

    def participants(self, room: str) -> frozenset[str]:
        """See the port."""
        answer = self._ask_room(room, {"request": "listparticipants"})
        return frozenset(str(one["id"]) for one in answer["participants"])

    def kick(self, room: str, participant_id: str) -> None:
        """See the port."""
        self._ask_room(room, {"request": "kick", "id": participant_id}, NO_SUCH_FEED)

    def destroy_room(self, room: str) -> None:
        """See the port."""
        try:
            self._ask_room(room, {"request": "destroy", "permanent": False})
        except RoomGone:
            logger.info("the room was gone already", conference_id=room)

    def access(self, room: str, until: datetime) -> Access:
        """See the port. Janus asks for the first token on every message, for the second at each join."""
        return Access(self._sign(until, "janus", PLUGIN), self._sign(until, PLUGIN, f"room={room}"))

    def keep_alive(self) -> None:
        """Use the session if nothing else has for a while."""
        if self._path and time.monotonic() - self._last_use > KEEP_ALIVE_SECONDS:
            self._ask({"request": "exists", "room": ""})

    def check(self) -> None:
        """See the port (also for health)."""
        try:
            self._http.get(f"{self._settings.url}/info", timeout=CHECK_SECONDS).raise_for_status()
        except requests.RequestException as error:
            raise Unavailable("the SFU does not answer") from error

    def rooms(self) -> frozenset[str]:
        """All rooms that there are."""
        try:
            answer = self._ask({"request": "list", "admin_key": self._settings.admin_key})
        except JanusRefused as error:
            raise Unavailable("the SFU refuses", reason=str(error.code)) from error
        return frozenset(str(one["room"]) for one in answer["list"])

    def _room_options(self, room: str) -> dict[str, Any]:
        return {
            "room": room,
            "permanent": False,
            "is_private": True,
            "admin_key": self._settings.admin_key,
            "secret": self._secret(room),
            "signed_tokens": True,
            "require_pvtid": True,
            # Closed pages hold their places until Janus notices, so there are more than people.
            "publishers": 12,
            "bitrate": self._settings.bitrate,
            "bitrate_cap": True,
            "fir_freq": 10,
            "audiocodec": "opus",
            "videocodec": "vp8",
            "opus_fec": True,
            "audiolevel_ext": True,
            "audiolevel_event": False,
            # Browsers then turn the picture themselves, and track files need no turning.
            "videoorient_ext": False,
            "playoutdelay_ext": False,
            "transport_wide_cc_ext": True,
            "rec_dir": str(self._settings.recordings / room),
            "lock_record": True,
            "notify_joining": True,
        }

    def _secret(self, room: str) -> str:
        """Browsers reach the same plugin: only who knows this may change the room."""
        return hmac.new(self._settings.room_secret.encode(), f"titular/room/1:{room}".encode(), hashlib.sha256).hexdigest()

    def _sign(self, until: datetime, realm: str, *descriptors: str) -> str:
        """Janus' signed token: ``expiry,realm,descriptors:base64(HMAC-SHA1)``."""
        text = ",".join([str(int(until.timestamp())), realm, *descriptors])
        mac = hmac.new(self._settings.token_secret.encode(), text.encode(), hashlib.sha1).digest()
        return f"{text}:{base64.b64encode(mac).decode()}"

    def _ask_room(self, room: str, body: dict[str, Any], *tolerated: int) -> dict[str, Any]:
        try:
            return self._ask({**body, "room": room, "secret": self._secret(room)})
        except JanusRefused as error:
            if error.code == NO_SUCH_ROOM:
                raise RoomGone("the SFU does not know the room", room=room) from error
            if error.code in tolerated:
                return {}
            raise Unavailable("the SFU refuses", room=room, reason=str(error.code)) from error

    def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send a request to the plugin; a session that Janus has lost is made anew once."""
        try:
            return self._message(self._session(), body)
        except JanusRefused as error:
            if error.code not in {SESSION_NOT_FOUND, HANDLE_NOT_FOUND}:
                raise
            logger.info("the SFU's session was lost")
        self._path = None
        return self._message(self._session(), body)

    def _message(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._post(path, janus="message", body=body)
        data: dict[str, Any] = answer["plugindata"]["data"]
        if "error_code" in data:
            raise JanusRefused(data["error_code"], str(data.get("error")))
        return data

    def _session(self) -> str:
        with self._lock:
            if self._path is None:
                session = f"/{self._post('', janus='create')['data']['id']}"
                self._path = f"{session}/{self._post(session, janus='attach', plugin=PLUGIN)['data']['id']}"
            return self._path

    def _post(self, path: str, **message: Any) -> dict[str, Any]:
        message |= {"transaction": secrets.token_hex(8), "apisecret": self._settings.api_secret}
        try:
            response = self._http.post(self._settings.url + path, json=message, timeout=TIMEOUT_SECONDS)
            response.raise_for_status()
            answer: dict[str, Any] = response.json()
        except (requests.RequestException, ValueError) as error:
            raise Unavailable("the SFU does not answer") from error
        self._last_use = time.monotonic()
        if answer.get("janus") == "error":
            raise JanusRefused(answer["error"]["code"], str(answer["error"].get("reason")))
        return answer
