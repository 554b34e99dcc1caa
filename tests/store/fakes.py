"""Servers that misbehave on purpose, on ports of their own."""

import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a port of its own: `serve` gets each connection on a thread of its own."""
    threads: list[threading.Thread] = []
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                serve(connection)

        def accept() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connections.append(connection)
                threads.append(threading.Thread(target=serve_one, args=(connection,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for connection in connections:
                with suppress(OSError):  # its thread may have closed it
                    connection.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def answering(reply: str) -> Callable[[socket.socket], None]:
    """Serves connections that answer every command with one reply."""

    def serve(connection: socket.socket) -> None:
        while received := connection.recv(1 << 20):
            # One reply for each command: each begins with an array header.
            commands = len(re.findall(rb"(?:^|\r\n)\*\d+\r\n", received))
            connection.sendall(f"{reply}\r\n".encode() * commands)

    return serve


class Cutter:
    """Stands before Redis and, when told to, lets a script through and cuts off its reply."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 6379)
        self.cuts = 0

    def serve(self, connection: socket.socket) -> None:
        cutting = False
        with socket.create_connection(self._server) as server:
            while True:
                readable, _, _ = select.select([connection, server], [], [])
                for source in readable:
                    received = source.recv(1 << 20)
                    if not received:
                        return
                    if source is connection:
                        cutting = cutting or (self.cuts > 0 and b"EVALSHA" in received)
                        server.sendall(received)
                    elif cutting:
                        self.cuts -= 1
                        return
                    else:
                        connection.sendall(received)
