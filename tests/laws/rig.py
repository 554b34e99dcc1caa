"""The real worker on the broker and the store in memory, moved step by step by a test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from consumer.execute import Rules
from consumer.memory_log import MemoryHistory, MemoryLog, MemoryPublisher, MemorySource
from consumer.partitioner import partition_of
from consumer.ports import Ports
from consumer.report import Reporter
from consumer.settings import Settings
from consumer.worker import Worker
from schemas.base import rfc3339
from statemachine.customer import Customer
from statemachine.policy import Policy
from store.memory_keeper import MemoryKeeper

ACCOUNTS, TRANSACTIONS = "tenure.accounts", "tenure.transactions"


class Silent:
    """A log nobody reads."""

    def info(self, event: str, **fields: object) -> None: ...

    def warning(self, event: str, **fields: object) -> None: ...


@dataclass
class FakeClock:
    """Time as the test says."""

    now: float = 0.0
    wall_at_zero: int = 0

    def wall(self) -> int:
        return self.wall_at_zero + int(self.now * 1000)

    def monotonic(self) -> float:
        return self.now


@dataclass
class Rig:
    """One deployment: a log, a keeper, and as many workers as the test wants."""

    policy: Policy
    partitions: int = 1
    batch_records: int = 4_000
    sweep_customers: int = 2_000
    options: dict[str, Any] = field(default_factory=dict)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.log = MemoryLog((ACCOUNTS, TRANSACTIONS), self.partitions)
        self.log.policies[self.policy.digest] = self.policy.canonical()
        self.keeper = MemoryKeeper()
        self.workers: dict[str, Worker] = {}

    def start(self, name: str = "w1") -> Worker:
        """A worker joins; under a name that was there, it is a restart after a crash."""
        settings = Settings(
            worker_id=name,
            batch_records=self.batch_records,
            sweep_customers=self.sweep_customers,
            **{"idle_clock": "event", **self.options},
        )
        ports = Ports(
            MemorySource(self.log, name),
            MemoryPublisher(self.log, name),
            MemoryHistory(self.log),
            self.keeper,
            self.clock,
            Reporter(Silent()),
        )
        rules = Rules(self.policy, self.partitions, settings.partitioner)
        worker = self.workers[name] = Worker(settings, rules, ports)
        return worker

    def feed(self, event: dict[str, Any], timestamp: int) -> None:
        """One event from its feed: on its topic, on its customer's partition; markers on all."""
        value = json.dumps(event).encode()
        topic = TRANSACTIONS if event["type"].startswith("transaction.") else ACCOUNTS
        if event["type"] == "feed.watermark":
            for partition in range(self.partitions):
                self.log.append(event["topic"], partition, None, value, timestamp)
            return
        key = event["customer_id"].encode()
        partition = partition_of(key, self.partitions, "murmur2")
        self.log.append(topic, partition, key, value, timestamp)

    def close(self, at: int) -> None:
        """Both topics are complete up to `at`."""
        for topic in (ACCOUNTS, TRANSACTIONS):
            self.feed(watermark(topic, at), at)

    def drain(self) -> None:
        """Step every worker until nobody has anything to do."""
        idle = 0
        for _ in range(5_000):
            self.clock.now += 1.5
            moved = sum(worker.step(0.0) for worker in self.workers.values()) > 0
            idle = idle + 1 if self._consumed() and not moved else 0
            if idle == 3:
                return
        raise AssertionError("the workers never come to rest")

    def _consumed(self) -> bool:
        """Everything fed is committed."""
        return all(
            self.log.end(topic, number) == 0
            or (
                (number in self.log.committed)
                and self.log.committed[number].offsets[topic] == self.log.end(topic, number)
            )
            for number in range(self.partitions)
            for topic in self.log.topics
        )

    def said(self) -> dict[str, list[bytes]]:
        """The bodies published, per customer and in order."""
        found: dict[str, list[bytes]] = {}
        for record in self.log.published:
            if record.topic == "tenure.stage-changes" and record.key and record.value:
                found.setdefault(record.key.decode(), []).append(record.value)
        return found

    def states(self) -> dict[str, Customer]:
        """Everybody remembered."""
        return dict(
            pair for number in range(self.partitions) for pair in self.keeper.everybody(number)
        )


def told(fields: dict[str, Any], number: int, name: str, at: int) -> dict[str, Any]:
    """A customer's event with an identity; on an account of their own, unless it is a visit."""
    event = {
        **fields,
        "schema_version": 1,
        "source": "core",
        "event_id": f"e{number}",
        "occurred_at": rfc3339(at),
        "customer_id": name,
    }
    if fields["type"] != "customer.interacted":
        event |= {"account_ref": f"account-of-{name}", "role": "owner"}
    return event


def watermark(topic: str, at: int) -> dict[str, Any]:
    """A feed's word that a topic is complete."""
    return {
        "type": "feed.watermark",
        "schema_version": 1,
        "source": "core",
        "event_id": f"mark-{topic}-{at}",
        "occurred_at": rfc3339(at),
        "topic": topic,
        "complete_through": rfc3339(at),
    }


def numbered(events: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The events with an identity each."""
    for number, event in enumerate(events):
        yield {"schema_version": 1, "source": "core", "event_id": f"e{number}", **event}
