"""The two loops that `make bench` compares, over the same records, in turn."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition

from consumer.execute import Rules
from consumer.kafka.history import KafkaHistory
from consumer.kafka.policies import publish_policy
from consumer.kafka.publisher import KafkaPublisher
from consumer.kafka.source import KafkaSource
from consumer.kafka.topics import create_topics
from consumer.ports import Ports
from consumer.report import Reporter
from consumer.service import SystemClock, keeper_for, tune_garbage_collection
from consumer.settings import InputTopic, Settings
from consumer.worker import Worker
from operate.simulate import Plan, simulate
from operate.simulate.broker import send
from operate.simulate.records import FeedRecord
from statemachine.policy_file import default_policy

PARTITIONS = 4
_EVENTS_PER_CUSTOMER_DAY = 0.42


@dataclass(frozen=True, slots=True)
class Round:
    """Events per second of the loops, one right after the other."""

    bare: float
    """kafka-python's poll loop as it comes."""
    tuned: float
    """The same with the worker's fetch settings."""
    worker: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was run over, and how fast, round by round.

    The ratios are medians of the rounds': what else the machine does strikes single ones.
    """

    events: int
    changes: int
    rounds: tuple[Round, ...]

    @property
    def ratio(self) -> float:
        """The worker's share of what the client's bare loop does."""
        return median(one.worker / one.bare for one in self.rounds)

    @property
    def ratio_to_tuned(self) -> float:
        """The worker's share of what the client can do at its best."""
        return median(one.worker / one.tuned for one in self.rounds)


def measure(bootstrap: str, redis_url: str, events: int, rounds: int) -> Measured:
    """Fill a topic with `events` simulated records, and run both loops over it in turn."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    topic = f"{name}.events"
    done: list[Round] = []
    changes = total = 0
    for number in range(rounds):
        settings = _settings(bootstrap, redis_url, f"{name}-{number}", topic)
        create_topics(settings, PARTITIONS, 1)
        if not number:
            total = send(bootstrap, _records(topic, events), PARTITIONS).records
        bare = _polled(settings)
        tuned = _polled(
            settings,
            max_poll_records=settings.batch_records,
            max_partition_fetch_bytes=2_097_152,
            metrics_enabled=False,
        )
        worker, changes = _worker(settings)
        done.append(Round(bare, tuned, worker))
    return Measured(total, changes, tuple(done))


def _settings(bootstrap: str, redis_url: str, deployment: str, topic: str) -> Settings:
    """A deployment of its own on the one topic."""
    return Settings(
        deployment=deployment,
        worker_id="bench",
        kafka_bootstrap_servers=bootstrap,
        redis_url=redis_url,  # type: ignore[arg-type]  # pydantic makes it a secret
        input_topics=(InputTopic(name=topic),),
        idle_clock="event",
        log_level="warning",
    )


def _records(topic: str, events: int) -> Iterator[FeedRecord]:
    """A year of as many customers as give about this many records, on one topic."""
    customers = max(100, int(events / (365 * _EVENTS_PER_CUSTOMER_DAY)))
    plan = Plan(customers=customers, days=365, seed=7)
    facts = (record for record in simulate(plan) if not record.to_every_partition)
    for record in islice(facts, events):
        yield record._replace(topic=topic)


def _polled(settings: Settings, **tuned: Any) -> float:
    """kafka-python's own poll loop, doing nothing with the records; committed ones, as ours."""
    places = [TopicPartition(settings.topics[0], number) for number in range(PARTITIONS)]
    consumer = KafkaConsumer(
        **settings.kafka(),
        group_id=None,
        isolation_level="read_committed",
        auto_offset_reset="none",
        enable_auto_commit=False,
        **tuned,
    )
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    total = sum(consumer.end_offsets(places).values())
    seen = 0
    begun = time.perf_counter()
    while seen < total:
        seen += sum(map(len, consumer.poll(timeout_ms=1_000).values()))
    spent = time.perf_counter() - begun
    consumer.close()
    return float(total / spent)


def _worker(settings: Settings) -> tuple[float, int]:
    """The worker itself, from its first batch to the end of the topics."""
    policy = default_policy()
    publish_policy(settings, policy)
    history = KafkaHistory(settings)
    source = KafkaSource(settings, history)
    publisher = KafkaPublisher(settings, source)
    rules = Rules(policy, PARTITIONS, settings.partitioner)
    log = structlog.get_logger()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    keeper = keeper_for(settings)
    worker = Worker(
        settings,
        rules,
        Ports(source, publisher, history, keeper, SystemClock(), Reporter(log)),
    )
    tune_garbage_collection()
    while not worker.partitions:
        worker.step(0.1)
    ends = source.ends(range(PARTITIONS))
    total = sum(ends.values())
    done = sum(sum(p.next_offsets.values()) for p in worker.partitions.values())
    begun = time.perf_counter()
    already = done
    while done < total:
        worker.step(0.5)
        done = sum(sum(p.next_offsets.values()) for p in worker.partitions.values())
    spent = time.perf_counter() - begun
    changes = _count(settings)
    publisher.close()
    source.close()
    return (total - already) / spent, changes


def _count(settings: Settings) -> int:
    """How many changes were published."""
    places = [TopicPartition(settings.stage_changes_topic, n) for n in range(PARTITIONS)]
    consumer = KafkaConsumer(**settings.kafka(), group_id=None, isolation_level="read_committed")
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    seen = 0
    while found := consumer.poll(timeout_ms=2_000):
        seen += sum(map(len, found.values()))
    consumer.close()
    return seen
