"""The health port of a worker on real servers, while Redis goes away and comes back."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from operate.cli import app
from operate.exits import Exit
from operate.servers import LocalRedis
from operate.servers.process import free_port
from statemachine.policy_file import default_policy
from tests.live.feeds import lives
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.process import WorkerProcess
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

pytestmark = pytest.mark.slow

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

    def waits_for_redis(self) -> bool:
        """Whether it is unready for that reason."""
        told = self.ready()
        if told is None or told["ready"] or told["waiting"] is None:
            return False
        assert told["waiting"]["on"] == "Redis", told
        assert any(why.startswith("waiting for Redis, ") for why in told["why"])
        return True

    def command(self) -> tuple[int, str]:
        """`tenure health`, as a container's health check: code, and what it wrote."""
        result = CliRunner().invoke(app, ["health", "--url", f"http://127.0.0.1:{self.port}"])
        return result.exit_code, result.output


@pytest.fixture
def redis() -> Iterator[LocalRedis]:
    """A Redis of this test's own, to be stopped."""
    with LocalRedis(append_only=True) as server:
        yield server


def started(deployment: Deployment) -> tuple[WorkerProcess, Probe]:
    port = free_port()
    worker, probe = deployment.worker("w1", health_port=port), Probe(port)
    until("the worker is ready", probe.is_ready)
    return worker, probe


def test_redis_goes_away_and_the_worker_says_why_it_is_not_ready_until_it_is_back(
    real_kafka: KafkaUsed, real_redis: RedisUsed, redis: LocalRedis, tmp_path: Path
) -> None:
    """It stands still, then ends and is started again; in between the worker lives all the time."""
    with deployed(real_kafka, redis.url, tmp_path) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        worker, probe = started(deployment)
        code, words = probe.command()
        assert code == Exit.DONE
        assert words.startswith("w1 is ready: serves partitions 0 1 2 3\n")
        deployment.send(lives(topics, 0, 30, 60, 0))
        deployment.settle()
        told = probe.ready()
        assert told is not None
        assert told["last_batch_seconds"] < 60
        assert told["policy_digest"] == default_policy().digest

        assert redis.pid is not None
        os.kill(redis.pid, signal.SIGSTOP)
        try:
            until("the worker misses Redis that stands still", probe.waits_for_redis)
            code, words = probe.command()
            assert code == Exit.NOT_READY
            assert "\n  waiting for Redis, " in words
        finally:
            os.kill(redis.pid, signal.SIGCONT)
        until("the worker is ready again", probe.is_ready)

        redis.kill()
        until("the worker misses Redis that is gone", probe.waits_for_redis)
        deployment.send(lives(topics, 1, 30, 60, 5))
        redis.start()
        until("the worker is ready again", probe.is_ready)
        deployment.settle()
        check(deployment, default_policy())
        assert worker.lines("waiting")[0]["on"] == "Redis"

        assert worker.stop() == 0
        assert probe.get("/ready") is None
        code, words = probe.command()
        assert code == Exit.WORLD
        assert words.startswith(f"tenure: no worker answers at 127.0.0.1 port {probe.port}")


def test_a_feed_in_doubt_is_named_and_the_worker_is_ready_all_the_same(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    options = {"idle_clock": "wall", "feed_stale_after": 3, "feed_settle": 1}
    with deployed(real_kafka, real_redis.url, tmp_path, **options) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        feed = iter(lives(topics, 0, 150, 200, 0))
        worker, probe = started(deployment)

        def doubted() -> list[str]:
            told = probe.ready()
            assert told is not None
            assert told["ready"]
            return [one["topic"] for one in told["feeds_in_doubt"]]

        def speaks(*names: str) -> None:
            """The next record of each of these topics."""
            for name in names:
                deployment.send([next(record for record in feed if record.topic == name)])

        def only_transactions_are_doubted() -> bool:
            speaks(deployment.accounts)
            return doubted() == [deployment.transactions]

        def nothing_is_doubted() -> bool:
            speaks(*topics)
            return doubted() == []

        until("nothing is doubted any more", nothing_is_doubted)
        until("the silent topic alone is doubted", only_transactions_are_doubted)
        until("nothing is doubted any more", nothing_is_doubted)
        warned = [
            (line["event"], line["topic"])
            for line in worker.lines()
            if line.get("level") == "warning" and "topic" in line
        ]
        assert warned[-2:] == [
            ("feed in doubt", deployment.transactions),
            ("feed believed again", deployment.transactions),
        ]
