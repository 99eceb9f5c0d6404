"""A wire that can be cut, silenced or slowed: TCP through loopback proxies of our own, one for each service and dependency."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

from deploy.local.process import free_ports

BLOCK = 1 << 16


@dataclass
class Wire:
    """The way from one service to one dependency."""

    name: str
    port: int
    target: int
    passing: asyncio.Event = field(default_factory=asyncio.Event)
    refusing: bool = False
    delay: float = 0.0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)


class Proxies:
    """All wires; they run on a thread of their own."""

    def __init__(self) -> None:
        self.wires: dict[str, Wire] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def add(self, name: str, target: int) -> int:
        """A new wire to a port on loopback; returns the port to use instead."""
        (port,) = free_ports(1)
        self._run(self._listen(Wire(name, port, target)))
        return port

    def silence(self, name: str) -> None:
        """Nothing passes and nothing is said, as when a cable is pulled."""
        self._run(self._set(name, passing=False))

    def reset(self, name: str) -> None:
        """Connections are broken and new ones refused, as when a host goes down."""
        self._run(self._set(name, passing=False, refusing=True))

    def slow(self, name: str, seconds: float) -> None:
        """Each request waits so long before it goes on."""
        self._run(self._set(name, delay=seconds))

    def heal(self, name: str) -> None:
        """As if nothing had been."""
        self._run(self._set(name))

    def close(self) -> None:
        """End all."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _listen(self, wire: Wire) -> None:
        wire.passing.set()
        self.wires[wire.name] = wire
        await asyncio.start_server(lambda reader, writer: self._serve(wire, reader, writer), "127.0.0.1", wire.port)

    async def _set(self, name: str, passing: bool = True, refusing: bool = False, delay: float = 0.0) -> None:
        wire = self.wires[name]
        wire.refusing, wire.delay = refusing, delay
        if passing:
            wire.passing.set()
        else:
            wire.passing.clear()
        if refusing:
            for writer in list(wire.writers):
                writer.transport.abort()

    async def _serve(self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if wire.refusing:
            writer.transport.abort()
            return
        await wire.passing.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", wire.target)
        except OSError:
            writer.transport.abort()
            return
        with self._known(wire, writer, far_writer):
            there = asyncio.create_task(_pump(wire, reader, far_writer, slowed=True))
            back = asyncio.create_task(_pump(wire, far_reader, writer, slowed=False))
            await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            for one in (there, back):
                one.cancel()
            await asyncio.gather(there, back, return_exceptions=True)

    @contextlib.contextmanager
    def _known(self, wire: Wire, *writers: asyncio.StreamWriter) -> Iterator[None]:
        wire.writers.update(writers)
        try:
            yield
        finally:
            wire.writers.difference_update(writers)
            for writer in writers:
                writer.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


async def _pump(wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slowed: bool) -> None:
    with contextlib.suppress(OSError):
        while block := await reader.read(BLOCK):
            if slowed and wire.delay:
                await asyncio.sleep(wire.delay)
            await wire.passing.wait()
            writer.write(block)
            await writer.drain()
