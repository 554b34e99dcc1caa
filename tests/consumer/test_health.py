"""The health port: what it answers, and that nothing that asks it can harm the worker."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from consumer.condition import Condition, Owned
from consumer.health import PortUnusable, health_port
from consumer.settings import Settings
from operate.servers.process import free_port
from tests.laws.rig import FakeClock


class Asked:
    """A condition behind a port."""

    def __init__(self, condition: Condition, clock: FakeClock, port: int) -> None:
        self.condition = condition
        self.clock = clock
        self.port = port

    def get(self, path: str, method: str = "GET", host: str = "127.0.0.1") -> tuple[int, Any]:
        """Status, and the body as JSON where it is JSON."""
        connection = HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read()
            if response.headers["Content-Type"].startswith("application/json"):
                assert int(response.headers["Content-Length"]) == len(body)
                assert response.headers["Server"] == "tenure"
                return response.status, json.loads(body)
            return response.status, body
        finally:
            connection.close()


@pytest.fixture
def asked() -> Iterator[Asked]:
    clock, port = FakeClock(50.0), free_port()
    condition = Condition({"worker_id": "w1"}, limit=120.0, now=clock.monotonic)
    with health_port(Settings(health_port=port), condition):
        yield Asked(condition, clock, port)


def test_a_worker_that_serves_is_ready_and_alive(asked: Asked) -> None:
    asked.condition.owns(Owned(joined=True, partitions=(2,)))
    status, told = asked.get("/ready")
    assert (status, told["ready"], told["partitions"], told["why"]) == (200, True, [2], [])
    status, told = asked.get("/health")
    assert (status, told["alive"], told["worker_id"]) == (200, True, "w1")


def test_one_that_waits_is_alive_and_says_why_it_is_not_ready(asked: Asked) -> None:
    asked.condition.owns(Owned(joined=True, recovering=(0, 1)))
    asked.condition.waits("Redis", "Redis cannot be reached at 10.0.0.9:6379")
    status, told = asked.get("/ready")
    assert (status, told["ready"]) == (503, False)
    assert told["waiting"]["on"] == "Redis"
    assert told["why"][0].endswith("Redis cannot be reached at 10.0.0.9:6379")
    assert asked.get("/health")[0] == 200


def test_one_that_stands_still_says_so_itself(asked: Asked) -> None:
    asked.clock.now += 121
    status, told = asked.get("/health")
    assert (status, told["alive"], told["limit_seconds"]) == (503, False, 120.0)
    assert asked.get("/ready")[0] == 503


def test_a_query_is_ignored_and_another_path_is_told_the_right_ones(asked: Asked) -> None:
    assert asked.get("/health?from=probe")[0] == 200
    for path in ("/", "/healthz", "/ready/", "/../ready"):
        assert asked.get(path) == (404, {"error": "ask for /health or /ready"})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_it_can_only_be_asked(method: str, asked: Asked) -> None:
    assert asked.get("/ready", method)[0] == 501


def test_clients_that_stall_or_hang_up_keep_nobody_waiting(
    asked: Asked, capfd: pytest.CaptureFixture[str]
) -> None:
    stalled = [socket.create_connection(("127.0.0.1", asked.port), timeout=5) for _ in range(20)]
    for half in stalled:
        half.sendall(b"GET /rea")
    started = time.monotonic()
    assert asked.get("/health")[0] == 200
    assert time.monotonic() - started < 2
    for half in stalled:
        half.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
        half.close()
    assert asked.get("/health")[0] == 200
    assert capfd.readouterr().err == ""


def test_the_port_is_closed_when_the_worker_ends() -> None:
    settings = Settings(health_port=free_port())
    with health_port(settings, Condition()):
        socket.create_connection(("127.0.0.1", settings.health_port), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", settings.health_port), timeout=5)
    with health_port(settings, Condition()):
        pass


def test_a_port_that_is_taken_is_told_by_the_setting(asked: Asked) -> None:
    settings = Settings(health_port=asked.port)
    with (
        pytest.raises(PortUnusable, match="TENURE_HEALTH_PORT"),
        health_port(settings, Condition()),
    ):
        raise AssertionError("two workers on one port")


def test_an_address_that_is_not_this_machines_is_told_by_the_setting() -> None:
    settings = Settings(health_port=free_port(), health_host="192.0.2.1")
    with pytest.raises(PortUnusable, match=r"192\.0\.2\.1"), health_port(settings, Condition()):
        raise AssertionError("an address of nobody")


def test_it_is_off_by_default_and_then_nothing_is_listened_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TENURE_HEALTH_PORT", raising=False)
    monkeypatch.setattr("consumer.health._Server", None)
    assert Settings().health_port == 0
    assert Settings().health_host == "127.0.0.1"
    with health_port(Settings(), Condition()):
        pass


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_it_listens_on_ipv6_too() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    settings = Settings(health_port=free_port(), health_host="::1")
    with health_port(settings, Condition()):
        assert Asked(Condition(), FakeClock(), settings.health_port).get("/health", host="::1")[0]
