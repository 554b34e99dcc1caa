"""A worker's health port, asked as an orchestrator asks it; and a server that stands still."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from typer.testing import CliRunner

from operate.cli import app
from operate.servers.process import Server, free_port
from tests.live.harness import PARTITIONS, Deployment, until
from tests.live.process import WorkerProcess

ALL = list(range(PARTITIONS))


class Probe:
    """Asks a worker's port as an orchestrator does."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[tuple[bool, str]] = []
        """Every change of readiness, with its reasons."""

    def get(self, path: str) -> tuple[int, dict[str, Any]] | None:
        """Status and answer; None if nobody listens."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (ConnectionRefusedError, ConnectionResetError):
            return None
        finally:
            connection.close()

    def ready(self) -> dict[str, Any] | None:
        """What /ready says; that its status agrees, and that the worker lives, is checked."""
        answer, alive = self.get("/ready"), self.get("/health")
        if answer is None or alive is None:
            return None
        status, told = answer
        assert status == (200 if told["ready"] else 503)
        assert alive[0] == 200, alive
        return told

    def is_ready(self) -> bool:
        """Whether it serves everything."""
        told = self.ready()
        return told is not None and told["ready"] and told["partitions"] == ALL

    def waits_for(self, server: str) -> bool:
        """Whether it is unready for that reason."""
        told = self.ready()
        if told is None or told["ready"] or told["waiting"] is None:
            return False
        assert told["waiting"]["on"] == server, told
        assert any(why.startswith(f"waiting for {server}, ") for why in told["why"])
        return True

    def command(self) -> tuple[int, str]:
        """`tenure health`, as a container's health check: code, and what it wrote."""
        result = CliRunner().invoke(app, ["health", "--url", f"http://127.0.0.1:{self.port}"])
        return result.exit_code, result.output


@contextmanager
def standing_still(server: Server) -> Iterator[None]:
    """The server's process is stopped: connections stay open, and nobody answers."""
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def started(deployment: Deployment, **options: Any) -> tuple[WorkerProcess, Probe]:
    """A worker with a health port, once it is ready."""
    port = free_port()
    worker, probe = deployment.worker("w1", health_port=port, **options), Probe(port)
    until("the worker is ready", probe.is_ready)
    return worker, probe
