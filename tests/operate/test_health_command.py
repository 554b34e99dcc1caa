"""`tenure health`: what a worker says of itself, in words, as JSON and as an exit code."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from consumer.condition import Condition, Owned
from consumer.health import PortUnusable, health_port
from consumer.settings import Settings
from operate.exits import Exit
from operate.servers.process import free_port
from tests.operate.conftest import Tenure
from tests.store.fakes import listening

ABOUT = {"worker_id": "w1", "deployment": "live", "policy_version": 3, "policy_digest": "abc123"}


class Worker:
    """Its condition, and the port where it tells it."""

    def __init__(self, condition: Condition, port: int) -> None:
        self.condition = condition
        self.port = str(port)
        self.env = {"TENURE_HEALTH_PORT": self.port}


@pytest.fixture
def worker() -> Iterator[Worker]:
    condition, port = Condition(ABOUT), free_port()
    with health_port(Settings(health_port=port), condition):
        yield Worker(condition, port)


def test_a_worker_that_serves_is_told_in_words_and_the_code_is_0(
    tenure: Tenure, worker: Worker
) -> None:
    worker.condition.owns(Owned(True, (0, 3), (), {3: "200 of the last 1000 records are bad"}))
    worker.condition.feeds({"tenure.accounts": "stale"})
    worker.condition.batch()
    result = tenure("health", env=worker.env)
    assert result.exit_code == Exit.DONE
    assert result.stdout.splitlines() == [
        "w1 is ready: serves partitions 0 3",
        (
            "  partition 3 is held: 200 of the last 1000 records are bad; repair the feed; look at"
            " the dead letters; then let the partition go on with 'tenure accept-bad 3'"
        ),
        (
            "  feed in doubt for 0 s: tenure.accounts: it does not grow any more; nobody is called"
            " silent meanwhile"
        ),
        "  last batch 0 s ago; deployment live; policy abc123",
    ]


def test_one_that_does_not_serve_says_why_and_the_code_is_its_own(
    tenure: Tenure, worker: Worker
) -> None:
    worker.condition.owns(Owned(True, (), (0, 3)))
    worker.condition.waits("Redis", "Redis cannot be reached at h:1 [x]")
    result = tenure("health", env=worker.env)
    assert result.exit_code == Exit.NOT_READY
    assert result.stdout.splitlines() == [
        "w1 is not ready: has no partition in order",
        "  waiting for Redis, 0 s: Redis cannot be reached at h:1 [x]",
        "  recovering partitions: 0, 3",
        "  last batch never; deployment live; policy abc123",
    ]
    assert result.stderr == ""


@pytest.mark.parametrize("joined", [True, False])
def test_for_scripts_it_is_what_the_port_says(joined: bool, tenure: Tenure, worker: Worker) -> None:
    worker.condition.owns(Owned(joined=joined))
    result = tenure("health", "--json", "--url", f"http://127.0.0.1:{worker.port}/")
    assert result.exit_code == (Exit.DONE if joined else Exit.NOT_READY)
    told = json.loads(result.stdout)
    assert told["ready"] == told["joined"] == joined
    assert told["policy_digest"] == "abc123"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1", "::1"])
def test_a_worker_that_listens_everywhere_is_asked_on_this_machine(
    host: str, tenure: Tenure
) -> None:
    settings = Settings(health_port=free_port(), health_host=host)
    env = {"TENURE_HEALTH_PORT": str(settings.health_port), "TENURE_HEALTH_HOST": host}
    condition = Condition(ABOUT)
    condition.owns(Owned(joined=True))
    with ExitStack() as stack:
        try:
            stack.enter_context(health_port(settings, condition))
        except PortUnusable:
            if ":" in host:
                pytest.skip("this machine has no IPv6")
            raise
        assert tenure("health", env=env).exit_code == Exit.DONE


def test_nobody_there_is_told_in_one_line(tenure: Tenure) -> None:
    port = free_port()
    result = tenure("health", env={"TENURE_HEALTH_PORT": str(port)})
    assert result.exit_code == Exit.WORLD
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"tenure: no worker answers at 127.0.0.1 port {port}: Connection refus")


@pytest.mark.parametrize(
    "answer", ["HTTP/1.0 200 OK\r\n\r\nhello", 'HTTP/1.0 200 OK\r\n\r\n{"a": 1}', "+PONG"]
)
def test_somebody_else_there_is_told_in_one_line(answer: str, tenure: Tenure) -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(4_096)
        connection.sendall(answer.encode())

    with listening(serve) as port:
        result = tenure("health", "--url", f"http://127.0.0.1:{port}")
    assert result.exit_code == Exit.WORLD
    (line,) = result.stderr.splitlines()
    assert line.endswith("is not a worker of Tenure: correct the address")


def test_without_a_port_it_is_told_how_to_name_one(tenure: Tenure) -> None:
    result = tenure("health")
    assert result.exit_code == Exit.GIVEN
    (line,) = result.stderr.splitlines()
    assert line.startswith("tenure: setting health_port: no port to ask")


@pytest.mark.parametrize(
    "url",
    [
        "worker-1:8088",
        "https://w:8088",
        "http://w",
        "http://w:x",
        "http://w:8088/ready",
        "http://[",
    ],
)
def test_a_url_that_is_none_is_told(url: str, tenure: Tenure) -> None:
    result = tenure("health", "--url", url)
    assert result.exit_code == Exit.GIVEN
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"tenure: --url {url}: expected http://HOST:PORT")


def test_a_worker_whose_port_is_taken_says_so_and_does_not_start(
    tenure: Tenure, worker: Worker
) -> None:
    result = tenure("run", "--worker-id", "w2", "--health-port", worker.port)
    assert result.exit_code == Exit.GIVEN
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"tenure: setting health_port: 127.0.0.1 port {worker.port} cannot be l")
    assert "TENURE_HEALTH_PORT" in line
