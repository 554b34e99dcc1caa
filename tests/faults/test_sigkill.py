"""A worker that is killed, wherever it is, neither loses nor doubles anything."""

from __future__ import annotations

import queue
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from operate.simulate.records import FeedRecord
from statemachine.policy_file import default_policy
from tests.live.feeds import lives, pause
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.live.process import WorkerProcess
from tests.live.reference import check
from tests.servers import KafkaUsed, RedisUsed

KILLS = 20
SMALL_BATCHES = {"batch_records": 400, "sweep_customers": 8}
TINY_SWEEPS = {"batch_records": 4_000, "sweep_customers": 3}
"""Everything sent is read in a few batches, and several partitions then sweep on side by side."""

pytestmark = pytest.mark.slow


@pytest.mark.timeout(400)
def test_killed_twenty_times_at_random_every_change_is_said_exactly_once(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    """100,000 events are fed while the worker is killed and started again twenty times."""
    dice = random.Random(20)
    with deployed(real_kafka, real_redis.url, tmp_path, **SMALL_BATCHES) as deployment:
        feed = _slices(deployment, plans=4, customers=270, days=300, cuts=5)
        assert sum(map(len, feed)) > 100_000
        tails: list[list[int]] = []
        with _fed(deployment, feed) as slices:
            for _ in range(KILLS):
                worker = deployment.worker("w1")
                _serving(worker)
                slices.put(1)
                worker_time = dice.uniform(0.05, 2.0)
                threading.Event().wait(worker_time)
                worker.kill()
                tails.append([len(deployment.journal(p)) for p in range(PARTITIONS)])
            slices.put(len(feed))
            deployment.worker("w1")
        deployment.settle()
        check(deployment, default_policy())
        assert _kills_around_timers(deployment, tails) >= 3
        assert len({tuple(tail) for tail in tails}) > KILLS // 2


POINTS = [
    "begin:3",
    "sent:2",
    "ending:2",
    "committed:3",
    "history:1",
    "committed:2",
    "again:1",
    "half:2",
    "again:1",
    "read:2",
    "took:1",
    "took:3",
    "written:2",
    "sent:2 alone",
    "committed:1 alone",
    "half:1 alone",
    "written:1 alone",
]
"""In this order: what one leaves behind is what the next recovers from."""


@pytest.mark.timeout(400)
def test_killed_at_every_point_of_a_batch_every_change_is_said_exactly_once(
    real_kafka: KafkaUsed, real_redis: RedisUsed, tmp_path: Path
) -> None:
    with deployed(real_kafka, real_redis.url, tmp_path, **TINY_SWEEPS) as deployment:
        feed = _slices(deployment, plans=len(POINTS), customers=60, days=90, cuts=1)
        with _fed(deployment, feed) as slices:
            for point in POINTS:
                slices.put(2)
                fault, _, alone = point.partition(" ")
                options = {"FAULT": fault} | ({"FAULT_ALONE": "1"} if alone else {})
                worker = deployment.worker("w1", **options)
                assert worker.wait(40) == -9, f"{point}: {worker.last_words()}"
            slices.put(len(feed))
            deployment.worker("w1")
        deployment.settle()
        check(deployment, default_policy())


def _slices(
    deployment: Deployment, *, plans: int, customers: int, days: int, cuts: int
) -> list[list[FeedRecord]]:
    """Simulated lives in slices, and after each plan a pause in which nobody does anything."""
    topics = (deployment.accounts, deployment.transactions)
    slices: list[list[FeedRecord]] = []
    for number in range(plans):
        records = lives(topics, number, customers, days, rest=400)
        length = len(records) // cuts + 1
        slices += [records[begin : begin + length] for begin in range(0, len(records), length)]
        slices.append(list(pause(topics, records[-1], days=300)))
    return slices


@contextmanager
def _fed(
    deployment: Deployment, feed: Sequence[Sequence[FeedRecord]]
) -> Iterator[queue.Queue[int]]:
    """The feed sends so many slices as it is told to; leaving waits for all that were told."""
    told: queue.Queue[int] = queue.Queue()
    left = iter(feed)
    failures: list[Exception] = []

    def run() -> None:
        while count := told.get():
            for _, part in zip(range(count), left, strict=False):
                try:
                    deployment.send(part)
                except Exception as failure:  # noqa: BLE001 - told to the test below
                    failures.append(failure)

    feeder = threading.Thread(target=run, daemon=True)
    feeder.start()
    yield told
    told.put(0)
    feeder.join(120)
    assert not failures
    assert next(left, None) is None


def _serving(worker: WorkerProcess) -> None:
    """Wait until it has recovered its partitions."""

    def recovered() -> bool:
        if worker.ended_by_itself:
            raise AssertionError(worker.last_words())
        return len(worker.lines("partition recovered")) >= PARTITIONS

    until("the worker serves", recovered)


def _kills_around_timers(deployment: Deployment, tails: Sequence[Sequence[int]]) -> int:
    """Kills after which some partition's last batch, or its next one, was of timers only."""
    found = 0
    for tail in tails:
        for partition, length in enumerate(tail):
            journal = deployment.journal(partition)
            around = journal[max(0, length - 1) : length + 1]
            if any(batch.inputs == 0 for batch in around):
                found += 1
                break
    return found
