"""A TCP proxy that can misbehave as networks and load balancers do.

Each route listens on a port of its own and forwards to a target that can be exchanged, as a
virtual address is after a failover. A route can

    cut          close every connection, and take new ones as before
    refuse       close every connection, and every new one at once
    stall        forward nothing in either direction; what was sent arrives when it flows again
    drop         throw away what the server answers; nobody is told
    flow         forward again. What was dropped left broken connections behind: they are cut

All routes are served by one thread with an event loop of its own; every method may be called from
any thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from operate.servers.process import HOST, free_port

Mode = Literal["flow", "stall", "drop", "refuse"]

_CHUNK = 1 << 16
_T = TypeVar("_T")


@dataclass(eq=False)
class _Connection:
    """One client's connection, and ours to the server."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        for writer in self.writers:
            # What waits to be sent is thrown away, as by a machine that is gone.
            writer.transport.abort()


class Route:
    """One listening port and its target. Made by `Proxy.route`."""

    def __init__(self, proxy: Proxy, port: int, target: int) -> None:
        self.port = port
        self._proxy = proxy
        self._target = target
        self._mode: Mode = "flow"
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """`host:port` for clients."""
        return f"{HOST}:{self.port}"

    def point_to(self, port: int) -> None:
        """Another server from now on; old connections are cut."""
        self._target = port
        self.cut()

    def cut(self) -> None:
        """Close every connection, losing what was on its way."""
        self._proxy.call(self._cut())

    def stall(self) -> None:
        """Forward nothing until `flow`."""
        self._proxy.call(self._become("stall"))

    def drop(self) -> None:
        """Throw away every answer until `flow`."""
        self._proxy.call(self._become("drop"))

    def refuse(self) -> None:
        """Nobody is there until `flow`."""
        self._proxy.call(self._become("refuse"))

    def flow(self) -> None:
        """Forward as usual."""
        self._proxy.call(self._become("flow"))

    async def _become(self, mode: Mode) -> None:
        before, self._mode = self._mode, mode
        if mode == "refuse" or before == "drop":
            await self._cut()
        if mode == "stall":
            self._flowing.clear()
        else:
            self._flowing.set()

    async def _cut(self) -> None:
        for connection in list(self._connections):
            connection.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accepted, HOST, self.port)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection([writer])
        self._connections.add(connection)
        try:
            if self._mode == "refuse":
                return
            with suppress(OSError):
                there, back = await asyncio.open_connection(HOST, self._target)
                connection.writers.append(back)
                connection.tasks = [
                    asyncio.create_task(self._forward(reader, back, answers=False)),
                    asyncio.create_task(self._forward(there, writer, answers=True)),
                ]
                # Whichever side ends, the other has nobody to talk to.
                await asyncio.wait(connection.tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connection.close()
            self._connections.discard(connection)

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError, asyncio.CancelledError):
            while part := await reader.read(_CHUNK):
                await self._flowing.wait()
                if answers and self._mode == "drop":
                    continue
                writer.write(part)
                await writer.drain()


class Proxy:
    """All routes, and the thread that serves them. `close` ends both."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._routes: list[Route] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()

    def route(self, target: int, port: int | None = None) -> Route:
        """Listen on `port` (default: a free one), and forward to the local port `target`."""
        route = Route(self, port or free_port(), target)
        self.call(route._listen())
        self._routes.append(route)
        return route

    def call(self, doing: Coroutine[Any, Any, _T]) -> _T:
        """Do it on the proxy's thread, and wait for it."""
        future: Future[_T] = asyncio.run_coroutine_threadsafe(doing, self._loop)
        return future.result(10)

    def close(self) -> None:
        """Cut everything and stop."""
        self.call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        for route in self._routes:
            if route._server is not None:
                route._server.close()
            await route._cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if tasks:
            await asyncio.wait(tasks, timeout=5)
