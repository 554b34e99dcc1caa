"""One deployment on real servers: its topics, its worker processes, and what they wrote.

records      the inputs as they lie on their topics
published    what a read_committed subscriber sees
journal      the committed batches of a partition
settled      wait until everything sent is consumed, swept and remembered
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from consumer.kafka.topics import wanted_topics
from consumer.partitioner import partition_of
from consumer.records import InputRecord
from consumer.settings import InputTopic, Settings
from operate.simulate.broker import produce
from operate.simulate.records import FeedRecord
from schemas.outputs import JournalRecord
from store.port import Keeper
from store.redis_keeper import open_keeper
from tests.live.process import WorkerProcess
from tests.servers import KafkaUsed, unique

PARTITIONS = 4
PATIENCE = 90.0
_NAMES = ("accounts", "transactions", "stage-changes", "stages", "dead-letters", "journal")


def until(what: str, holds: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """Wait until `holds` does; fail, naming `what`, if it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.05)


class Deployment:
    """Topics under names of their own, and settings to match; `options` are further settings."""

    def __init__(self, kafka: KafkaUsed, redis_url: str, folder: Path, **options: Any) -> None:
        self.kafka = kafka
        self.folder = folder
        prefix = unique("live")
        topics = {name: f"{prefix}.{name}" for name in (*_NAMES, "policies")}
        self.accounts, self.transactions = topics["accounts"], topics["transactions"]
        self._given: dict[str, Any] = {
            "deployment": prefix,
            "kafka_bootstrap_servers": kafka.bootstrap,
            "redis_url": redis_url,
            "stage_changes_topic": topics["stage-changes"],
            "stages_topic": topics["stages"],
            "dead_letters_topic": topics["dead-letters"],
            "journal_topic": topics["journal"],
            "policies_topic": topics["policies"],
            "idle_clock": "event",
            "session_timeout": 6,
            "expected_customers_per_partition": 2_000,
            **options,
        }
        self.settings = Settings(
            worker_id="tests",
            input_topics=(InputTopic(name=self.accounts), InputTopic(name=self.transactions)),
            **self._given,
        )
        self._keeper = open_keeper(redis_url, prefix)
        self.keeper: Keeper = self._keeper
        self.workers: list[WorkerProcess] = []
        self._producer: Any = None
        self._reader: Any = None
        self._journals: dict[int, list[JournalRecord]] = {}
        self._journal_reader: Any = None

    # What it is made of.

    def create_topics(self) -> None:
        """As the product wants them; deleted at the end of the run."""
        alike: dict[tuple[tuple[str, str], ...], dict[str, int]] = defaultdict(dict)
        for topic in wanted_topics(self.settings, PARTITIONS, 1):
            alike[tuple(sorted(topic.configs.items()))][topic.name] = topic.partitions
        for configs, partitions in alike.items():
            self.kafka.create_topics(partitions, dict(configs))

    def worker(self, worker_id: str, **options: Any) -> WorkerProcess:
        """Start a worker process; `options` are settings, or faults in capitals."""
        log = self.folder / f"{worker_id}-{len(self.workers) + 1}.log"
        process = WorkerProcess(self.environment(worker_id, **options), log)
        self.workers.append(process)
        return process

    def environment(self, worker_id: str, **options: Any) -> dict[str, str]:
        """What a worker is told; see `worker`."""
        given = {**self._given, "worker_id": worker_id, **options}
        environment = {name: text for name, text in os.environ.items() if "TENURE_" not in name}
        for name, value in given.items():
            environment[name if name.isupper() else f"TENURE_{name.upper()}"] = str(value)
        environment["TENURE_INPUT_TOPICS"] = ",".join(self.settings.topics)
        return environment

    # In.

    def send(self, records: Iterable[FeedRecord]) -> None:
        """The feed in its order, every record acknowledged."""
        produce(self.producer(), records, PARTITIONS)

    def send_raw(self, records: Iterable[InputRecord]) -> None:
        """Records exactly as they are, on the partitions that they name; offsets do not count."""
        answers = [
            self.producer().send(
                record.topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=record.partition,
                timestamp_ms=record.timestamp_ms,
            )
            for record in records
        ]
        for answer in answers:
            answer.get(timeout=60)

    def place(self, customer_id: str) -> int:
        """The partition of a customer."""
        return partition_of(customer_id.encode(), PARTITIONS, "murmur2")

    def producer(self) -> Any:
        """The feed's own producer."""
        if self._producer is None:
            self._producer = KafkaProducer(
                bootstrap_servers=self.kafka.bootstrap,
                acks="all",
                linger_ms=20,
                batch_size=256 * 1024,
                max_request_size=8 * 1024 * 1024,
                metrics_enabled=False,
            )
        return self._producer

    # Out.

    def records(self) -> dict[int, dict[str, list[InputRecord]]]:
        """The inputs by partition and topic, in offset order."""
        found: dict[int, dict[str, list[InputRecord]]] = {
            partition: {topic: [] for topic in self.settings.topics}
            for partition in range(PARTITIONS)
        }
        for topic in self.settings.topics:
            for record in self.published(topic):
                found[record.partition][topic].append(
                    InputRecord(
                        record.topic,
                        record.partition,
                        record.offset,
                        record.timestamp,
                        record.key,
                        record.value,
                        record.headers,
                    )
                )
        return found

    def published(self, topic: str) -> list[Any]:
        """Everything that a read_committed subscriber sees by now, by partition and offset."""
        if self._reader is None:
            self._reader = self._consumer()
        count = 1 if topic == self.settings.policies_topic else PARTITIONS
        places = [TopicPartition(topic, partition) for partition in range(count)]
        self._reader.assign(places)
        self._reader.seek_to_beginning(*places)
        found = list(_drain(self._reader, places))
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def journal(self, partition: int) -> list[JournalRecord]:
        """The committed batches of a partition by now."""
        self._follow_journal()
        return self._journals[partition]

    def _follow_journal(self) -> None:
        places = [
            TopicPartition(self.settings.journal_topic, partition)
            for partition in range(PARTITIONS)
        ]
        if self._journal_reader is None:
            self._journal_reader = self._consumer()
            self._journal_reader.assign(places)
            self._journal_reader.seek_to_beginning(*places)
            self._journals = {partition: [] for partition in range(PARTITIONS)}
        for record in _drain(self._journal_reader, places):
            self._journals[record.partition].append(JournalRecord.model_validate_json(record.value))

    def ends(self) -> dict[int, dict[str, int]]:
        """The ends of the inputs by partition and topic."""
        places = [
            TopicPartition(topic, partition)
            for topic in self.settings.topics
            for partition in range(PARTITIONS)
        ]
        if self._reader is None:
            self._reader = self._consumer()
        ends: Mapping[TopicPartition, int] = self._reader.end_offsets(places)
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for place, end in ends.items():
            found[place.partition][place.topic] = end
        return found

    def is_settled(self, partitions: Sequence[int] = range(PARTITIONS)) -> bool:
        """Whether everything sent is consumed, swept and remembered."""
        ends = self.ends()
        for partition in partitions:
            if not any(ends[partition].values()):
                continue
            journal = self.journal(partition)
            if not journal or journal[-1].to_offsets != ends[partition]:
                return False
            record = self.keeper.look(partition)[1]
            if record is None or record.position.nonce != journal[-1].nonce:
                return False
            clock = record.clock
            if clock is not None and any(due <= clock for due, _ in self.keeper.timers(partition)):
                return False
        return True

    def settle(self, seconds: float = PATIENCE) -> None:
        """Wait for it; a worker that ends meanwhile fails the test with its last words."""

        def settled() -> bool:
            for worker in self.workers:
                if worker.ended_by_itself:
                    raise AssertionError(f"a worker ended: {worker.last_words()}")
            return self.is_settled()

        until("everything consumed, swept and remembered", settled, seconds=seconds)

    def let_go(self) -> None:
        """Close the tests' own connections to Kafka; they are made again when needed."""
        for client in (self._producer, self._reader, self._journal_reader):
            if client is not None:
                client.close()
        self._producer = self._reader = self._journal_reader = None

    def close(self) -> None:
        """Kill what still runs, and let go of the servers."""
        for worker in self.workers:
            worker.kill()
        self.let_go()
        self.keeper.forget(range(PARTITIONS))
        self._keeper.close()

    def _consumer(self) -> Any:
        return KafkaConsumer(
            bootstrap_servers=self.kafka.bootstrap,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            metrics_enabled=False,
            retry_backoff_ms=5,
        )


@contextmanager
def deployed(
    kafka: KafkaUsed, redis_url: str, folder: Path, **options: Any
) -> Iterator[Deployment]:
    """A deployment with its topics; its workers are killed and its keys removed at the end."""
    deployment = Deployment(kafka, redis_url, folder, **options)
    try:
        deployment.create_topics()
        yield deployment
    finally:
        deployment.close()


def _drain(consumer: Any, places: Sequence[TopicPartition]) -> Iterator[Any]:
    """Records up to the last stable offsets as they are now."""
    ends = consumer.end_offsets(list(places))
    deadline = time.monotonic() + PATIENCE
    while any(consumer.position(place) < ends[place] for place in places):
        for records in consumer.poll(timeout_ms=100).values():
            yield from records
        if time.monotonic() > deadline:
            raise AssertionError(f"{places[0].topic} cannot be read to its end")
