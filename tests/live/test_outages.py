"""Kafka or Redis is away for a while: the worker waits, says why, stays small, and goes on.

TENURE_TEST_OUTAGE=600    seconds for which each of them is away (8 unless told)
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from operate.exits import Exit
from operate.servers import ApacheKafka, RedisServer
from operate.simulate.records import FeedRecord
from statemachine.policy_file import default_policy
from tests.live.feeds import lives
from tests.live.harness import Deployment, deployed, until
from tests.live.probe import Probe, standing_still, started
from tests.live.process import WorkerProcess
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

SECONDS = float(os.environ.get("TENURE_TEST_OUTAGE", "8"))
MOST_GROWTH = 16.0
"""MB by which a worker may grow while it waits: nothing in its waiting needs any."""
MOST_FILES = 100
"""By so many open files: attempts to connect that failed, until they are tidied up."""
BACK = 20.0
"""Seconds from a server's return until the worker is ready again. It looks every 15 s at the
most, half of that or more at random, and then recovers."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 150)]


class Outage:
    """A worker watched while a server is away: how large it is, and what it says."""

    def __init__(self, deployment: Deployment, worker: WorkerProcess, probe: Probe) -> None:
        self.deployment, self.worker, self.probe = deployment, worker, probe
        self.sizes: list[float] = []
        self.files: list[int] = []

    def goes_on(self, server: str, meanwhile: Callable[[], None]) -> None:
        """For SECONDS: after a moment the worker is unready for this reason, and stays so."""
        begun = time.monotonic()
        self.look()
        until(f"the worker misses {server}", lambda: self.probe.waits_for(server))
        code, words = self.probe.command()
        assert code == Exit.NOT_READY
        assert f"\n  waiting for {server}, " in words
        while time.monotonic() < begun + SECONDS:
            self.look()
            assert self.worker.runs, self.worker.last_words()
            assert not self.probe.is_ready()
            meanwhile()
            time.sleep(1)

    def look(self) -> None:
        """How large it is now; first as the server goes away."""
        self.sizes.append(self.worker.memory())
        self.files.append(self.worker.open_files())

    def is_over(self, restart: Callable[[], None]) -> float:
        """Start the server; seconds until the worker is ready again by itself."""
        restart()
        begun = time.monotonic()
        until("the worker is ready again", self.probe.is_ready)
        return time.monotonic() - begun

    def tell(self, server: str, back: float) -> None:
        """What was measured, for the record, and whether it is within bounds."""
        growth = max(self.sizes) - self.sizes[0]
        told = {
            "away": server,
            "seconds": SECONDS,
            "memory_mb": [round(size, 1) for size in (self.sizes[0], max(self.sizes))],
            "open_files": [self.files[0], max(self.files)],
            "ready_after_seconds": round(back, 1),
            "waits_told": len(self.worker.lines("waiting")),
            "recoveries": len(self.worker.lines("partition recovered")),
        }
        print(json.dumps(told))
        assert growth < MOST_GROWTH, told
        assert max(self.files) - self.files[0] < MOST_FILES, told
        assert back < BACK, told

    def nothing_is_lost(self) -> None:
        """Everything sent is consumed by the process that waited; all equals the reference."""
        self.deployment.settle()
        check(self.deployment, default_policy())
        assert len(self.deployment.workers) == 1
        assert self.worker.stop() == 0


def warmed_up(deployment: Deployment) -> Outage:
    """A worker that has seen as much as it will be sent later, so that its size is its own."""
    outage = Outage(deployment, *started(deployment))
    deployment.send(feed(deployment, 0))
    deployment.settle()
    return outage


def feed(deployment: Deployment, number: int) -> list[FeedRecord]:
    """A year of many customers, some 20,000 records."""
    return lives((deployment.accounts, deployment.transactions), number, 150, 365, 5)


def test_kafka_is_away_and_the_worker_waits_small_and_goes_on_by_itself(
    own_kafka: ApacheKafka, redis: RedisServer, tmp_path: Path
) -> None:
    used = KafkaUsed(own_kafka.bootstrap, "apache")
    with deployed(used, redis.url, tmp_path) as deployment:
        outage = warmed_up(deployment)
        # First it stands still: nobody answers, and no connection breaks.
        with standing_still(own_kafka):
            until("the worker misses Kafka", lambda: outage.probe.waits_for("Kafka"))
        until("the worker is ready again", outage.probe.is_ready)
        deployment.let_go()
        own_kafka.kill()
        outage.goes_on("Kafka", lambda: None)
        back = outage.is_over(own_kafka.start)
        deployment.send(feed(deployment, 1))
        outage.nothing_is_lost()
        outage.tell("Kafka", back)


def test_redis_is_away_while_the_feed_goes_on_and_the_worker_waits_small(
    real_kafka: KafkaUsed, real_redis: RedisUsed, redis: RedisServer, tmp_path: Path
) -> None:
    """The backlog stays in Kafka: a worker that cannot remember reads nothing."""
    with deployed(real_kafka, redis.url, tmp_path) as deployment:
        outage = warmed_up(deployment)
        backlog = iter(feed(deployment, 1))
        redis.kill()
        outage.goes_on("Redis", lambda: deployment.send(islice(backlog, 1_000)))
        deployment.send(backlog)
        back = outage.is_over(redis.start)
        outage.nothing_is_lost()
        outage.tell("Redis", back)
