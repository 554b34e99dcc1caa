"""The proxy misbehaves as it is told, and no other way."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.live_faults.proxy import Proxy, Route


class Echo(socketserver.BaseRequestHandler):
    """Says what it hears, after its own name."""

    def handle(self) -> None:
        while heard := self.request.recv(1024):
            self.request.sendall(self.server.name + heard)  # type: ignore[attr-defined]


@contextmanager
def server(name: bytes) -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as made:
        made.daemon_threads = True
        made.name = name  # type: ignore[attr-defined]
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made.server_address[1]
        made.shutdown()
        thread.join()


@pytest.fixture
def route() -> Iterator[Route]:
    proxy = Proxy()
    with server(b"a:") as port:
        yield proxy.route(port)
        proxy.close()


def connected(route: Route) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", route.port), timeout=5)
    connection.settimeout(0.3)
    return connection


def asked(connection: socket.socket, words: bytes) -> bytes | None:
    """The answer; None if none comes; nothing if the connection is over."""
    try:
        connection.sendall(words)
        return connection.recv(1024)
    except TimeoutError:
        return None
    except OSError:
        return b""


def test_it_forwards(route: Route) -> None:
    with connected(route) as connection:
        assert asked(connection, b"one") == b"a:one"
        assert asked(connection, b"two") == b"a:two"


def test_what_was_stalled_arrives_later(route: Route) -> None:
    with connected(route) as connection:
        assert asked(connection, b"one") == b"a:one"
        route.stall()
        assert asked(connection, b"two") is None
        route.flow()
        connection.settimeout(5)
        assert connection.recv(1024) == b"a:two"


def test_what_was_dropped_never_arrives_and_the_connection_is_over(route: Route) -> None:
    with connected(route) as connection:
        route.drop()
        assert asked(connection, b"one") is None
        route.flow()
        assert asked(connection, b"two") == b""
    with connected(route) as connection:
        assert asked(connection, b"three") == b"a:three"


def test_a_cut_ends_what_is_open_and_lets_new_ones_in(route: Route) -> None:
    with connected(route) as connection:
        assert asked(connection, b"one") == b"a:one"
        route.cut()
        assert asked(connection, b"two") == b""
    with connected(route) as connection:
        assert asked(connection, b"three") == b"a:three"


def test_who_refuses_lets_nobody_in_until_told(route: Route) -> None:
    route.refuse()
    with connected(route) as connection:
        assert asked(connection, b"one") == b""
    route.flow()
    with connected(route) as connection:
        assert asked(connection, b"two") == b"a:two"


def test_pointed_elsewhere_the_address_stays_and_the_server_is_another(route: Route) -> None:
    with connected(route) as connection, server(b"b:") as other:
        assert asked(connection, b"one") == b"a:one"
        route.point_to(other)
        assert asked(connection, b"two") == b""
        with connected(route) as anew:
            assert asked(anew, b"three") == b"b:three"


def test_nobody_behind_it_is_nobody(route: Route) -> None:
    route.point_to(9)
    with connected(route) as connection:
        assert asked(connection, b"one") == b""
