"""A real log through a real worker: produced to Kafka, folded, and read back as a subscriber would.

The worker is `tenure run`, a process told by its environment. It runs until its journal says that
every record is consumed and everybody due is swept, and is stopped with SIGTERM.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from consumer.kafka.topics import wanted_topics
from consumer.service import keeper_for
from consumer.settings import Settings
from operate.simulate.broker import send
from schemas.outputs import JournalRecord
from statemachine.customer import Customer
from tests.real_logs.logs import RealLog
from tests.real_logs.telling import Topics
from tests.servers import KafkaUsed, unique

PARTITIONS = 4
_PATIENCE_SECONDS = 300.0
_STOP_SECONDS = 30.0
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Lived:
    """What a subscriber sees afterwards, and what Redis holds."""

    bodies: dict[str, list[bytes]]
    """The bodies on the topic of changes, per customer (the key), in order."""
    stages: dict[str, bytes]
    """The last word on each customer on the compacted topic."""
    states: dict[str, Customer]
    dead_letters: int
    inputs: int
    """Records that the journal accounts for."""


def live(kafka: KafkaUsed, redis_url: str, log: RealLog) -> Lived:
    """Run a worker over the log on topics of its own, and return what came of it.

    The replay of the log is worked out meanwhile, on the other core.
    """
    options = _options(kafka, redis_url, log)
    settings = Settings(**options)
    _create_topics(kafka, settings)
    send(kafka.bootstrap, log.feed(Topics(*settings.topics)), PARTITIONS)
    keeper = keeper_for(settings)
    try:
        with _worker(options) as worker:
            log.work_out()
            inputs = _wait_until_all_is_done(settings, worker)
        with _reader(settings) as reader:
            changes = list(_read(reader, settings.stage_changes_topic))
            stages = list(_read(reader, settings.stages_topic))
            dead = sum(1 for _ in _read(reader, settings.dead_letters_topic))
        states = {
            name: customer
            for partition in range(PARTITIONS)
            for name, customer in keeper.everybody(partition)
        }
    finally:
        keeper.forget(range(PARTITIONS))
    bodies: dict[str, list[bytes]] = {}
    for record in changes:
        bodies.setdefault(record.key.decode(), []).append(record.value)
    last = {record.key.decode(): record.value for record in stages}
    return Lived(bodies, last, states, dead, inputs)


def _options(kafka: KafkaUsed, redis_url: str, log: RealLog) -> dict[str, Any]:
    name = unique(f"real-log-{log.name}")
    return {
        "deployment": name,
        "worker_id": f"{name}-worker",
        "kafka_bootstrap_servers": kafka.bootstrap,
        "redis_url": redis_url,
        "input_topics": f"{name}.accounts,{name}.transactions",
        "stage_changes_topic": f"{name}.stage-changes",
        "stages_topic": f"{name}.stages",
        "dead_letters_topic": f"{name}.dead-letters",
        "journal_topic": f"{name}.journal",
        "policies_topic": f"{name}.policies",
        "policy_file": str(log.policy_file),
        "idle_clock": "event",
        "log_level": "warning",
    }


def _create_topics(kafka: KafkaUsed, settings: Settings) -> None:
    by_config: dict[tuple[tuple[str, str], ...], dict[str, int]] = {}
    for topic in wanted_topics(settings, PARTITIONS, 1):
        same = by_config.setdefault(tuple(sorted(topic.configs.items())), {})
        same[topic.name] = topic.partitions
    for configs, topics in by_config.items():
        kafka.create_topics(topics, dict(configs))


@dataclass(frozen=True, slots=True)
class _Worker:
    """The process, and what it says."""

    process: subprocess.Popen[bytes]
    log: Any

    def check(self) -> None:
        """Raise if it has died."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the worker ended by itself: {self.said()}")

    def said(self) -> str:
        """Its log so far."""
        self.log.seek(0)
        return str(self.log.read().decode())


@contextmanager
def _worker(options: Mapping[str, str]) -> Iterator[_Worker]:
    """A worker, stopped on leaving; it must end well."""
    told = {f"TENURE_{name.upper()}": value for name, value in options.items()}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "operate.cli", "run"],
            cwd=_ROOT,
            env={**os.environ, **told},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        worker = _Worker(process, log)
        try:
            yield worker
            process.terminate()
            status = process.wait(timeout=_STOP_SECONDS)
        finally:
            process.kill()
            process.wait()
        if status != 0:
            raise RuntimeError(f"the worker ended with status {status}: {worker.said()}")


def _wait_until_all_is_done(settings: Settings, worker: _Worker) -> int:
    """Follow the journal to the batches that end each partition; how many inputs it tells of."""
    with _reader(settings) as reader:
        ends = {
            partition: {
                topic: end
                for (topic, number), end in _ends(reader, settings.topics).items()
                if number == partition
            }
            for partition in range(PARTITIONS)
        }
        journal = _places(settings.journal_topic)
        reader.assign(journal)
        reader.seek_to_beginning(*journal)
        waiting, inputs = set(ends), 0
        patience = time.monotonic() + _PATIENCE_SECONDS
        while waiting:
            worker.check()
            if time.monotonic() > patience:
                raise TimeoutError(f"the worker has not done partitions {sorted(waiting)}")
            for records in reader.poll(timeout_ms=200).values():
                for record in records:
                    batch = JournalRecord.model_validate_json(record.value)
                    inputs += batch.inputs
                    if batch.to_offsets == ends[batch.partition] and batch.sweep_complete:
                        waiting.discard(batch.partition)
        return inputs


@contextmanager
def _reader(settings: Settings) -> Iterator[Any]:
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=None,
        isolation_level="read_committed",
        auto_offset_reset="none",
        enable_auto_commit=False,
        metrics_enabled=False,
    )
    try:
        yield consumer
    finally:
        consumer.close(autocommit=False)


def _places(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, partition) for partition in range(PARTITIONS)]


def _ends(reader: Any, topics: tuple[str, ...]) -> Mapping[TopicPartition, int]:
    found: Mapping[TopicPartition, int] = reader.end_offsets(
        [place for topic in topics for place in _places(topic)]
    )
    return found


def _read(reader: Any, topic: str) -> Iterator[Any]:
    """Every committed record of a topic, up to its end as it is now."""
    places = _places(topic)
    reader.assign(places)
    reader.seek_to_beginning(*places)
    ends = _ends(reader, (topic,))
    patience = time.monotonic() + _PATIENCE_SECONDS
    while any(reader.position(place) < ends[place] for place in places):
        if time.monotonic() > patience:
            raise TimeoutError(f"{topic} does not give what lies before its end")
        for records in reader.poll(timeout_ms=200).values():
            yield from records
