"""How service and worker talk over a socket: JSON objects, each after its length in four bytes."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

LIMIT = 64 * 1024 * 1024
_LENGTH = struct.Struct(">I")


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send one object."""
    body = json.dumps(message).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def receive(connection: socket.socket) -> dict[str, Any]:
    """Receive one object; raises :class:`EOFError` where the other side has gone."""
    (length,) = _LENGTH.unpack(_read(connection, _LENGTH.size))
    if length > LIMIT:
        raise ValueError("a frame is too long")
    message: dict[str, Any] = json.loads(_read(connection, length))
    return message


def _read(connection: socket.socket, length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        part = connection.recv(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
