"""A Redis that answers late: a TCP proxy before it, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from operate.servers.process import HOST

_CHUNK = 1 << 18


class SlowRedis:
    """`url` leads to the server; what it answers is passed on after `delay` seconds."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or HOST, parts.port or 6379)
        self._listener = socket.create_server((HOST, 0))
        self._open: list[socket.socket] = [self._listener]
        self.delay = 0.0
        self.url = f"redis://{HOST}:{self._listener.getsockname()[1]}{parts.path}"
        threading.Thread(target=self._take, daemon=True).start()

    def close(self) -> None:
        """Close the port and every connection."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._open += (client, server)
                for source, target, late in ((client, server, False), (server, client, True)):
                    pump = threading.Thread(
                        target=self._pump, args=(source, target), kwargs={"late": late}, daemon=True
                    )
                    pump.start()

    def _pump(self, source: socket.socket, target: socket.socket, *, late: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if late and self.delay:
                    time.sleep(self.delay)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def slow(url: str) -> Iterator[SlowRedis]:
    """A way to this Redis that can be made slow."""
    proxy = SlowRedis(url)
    try:
        yield proxy
    finally:
        proxy.close()
