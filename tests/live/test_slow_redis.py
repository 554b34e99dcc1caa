"""A Redis that answers late: records wait in Kafka, not in the worker, and nobody is expelled."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from statemachine.policy_file import default_policy
from tests.live.feeds import lives
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.probe import started
from tests.live.reference import check
from tests.live.slow import slow
from tests.servers import KafkaUsed, RedisUsed

pytestmark = pytest.mark.slow

LATE = 0.3
"""Seconds by which each answer is late: a batch of four partitions asks some ten times."""
SECONDS = 6.0
MOST_GROWTH = 64.0
"""MB above its size at rest: what the client fetches ahead, 2 MB of each topic partition as bytes,
and the records that wait in hand."""
FLAT = 4.0
"""MB by which it grows after that."""


def lag(deployment: Deployment) -> int:
    """Records sent and not consumed."""
    waiting = 0
    for partition, ends in deployment.ends().items():
        journal = deployment.journal(partition)
        done = journal[-1].to_offsets if journal else {}
        waiting += sum(end - done.get(topic, 0) for topic, end in ends.items())
    return waiting


def test_records_wait_in_kafka_while_redis_is_slow_and_the_group_stays_as_it_is(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    options = {"batch_records": 800, "buffer_records": 1_000}
    with (
        slow(real_redis.url) as way,
        deployed(real_kafka, real_redis.url, tmp_path, **options) as deployment,
    ):
        topics = (deployment.accounts, deployment.transactions)
        worker, probe = started(deployment, redis_url=way.url)
        deployment.send(lives(topics, 0, 50, 180, 5))
        deployment.settle()
        assert worker.lines("slow store") == []
        before = worker.memory()

        way.delay = LATE
        deployment.send(lives(topics, 1, 150, 240, 5))
        until("the worker says that Redis is slow", lambda: bool(worker.lines("slow store")))
        sizes, lags = [before], []
        ends_at = time.monotonic() + SECONDS
        while time.monotonic() < ends_at:
            sizes.append(worker.memory())
            lags.append(lag(deployment))
            assert probe.is_ready(), probe.ready()
            time.sleep(1)
        assert max(sizes) - before < MOST_GROWTH, sizes
        half = len(sizes) // 2
        assert max(sizes[half:]) - max(sizes[:half]) < FLAT, sizes
        assert min(lags) > 5_000, lags
        assert lags[-1] < lags[0], "it works on, slowly"
        assert worker.lines("slow store")[0]["remedy"].startswith("look at Redis's load")

        way.delay = 0.0
        deployment.settle()
        check(deployment, default_policy())
        assert worker.lines("store in time again")
        # Nobody was expelled, nothing was in doubt, nobody was waited for.
        assert len(worker.lines("partition recovered")) == PARTITIONS
        assert worker.lines("recovering") == worker.lines("waiting") == []
        print({"mb": [round(size) for size in sizes], "lag": [lags[0], lags[-1]]})
