"""What must have come of a run: one sequential fold per partition, in the journal's order.

It shares with the workers what decides about one record and one customer, and nothing of what
moves: its merge, its clock, its sweep and its recomputation under a new policy are the plainest
that follow from the design, over a dictionary and a heap.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from consumer.decode import Decoded
from consumer.execute import Rules
from consumer.judge import Judge
from consumer.records import InputRecord
from consumer.rejection import Rejected
from schemas.base import to_millis
from schemas.events import FeedWatermark
from schemas.outputs import JournalRecord, Output
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from statemachine.policy import Policy


@dataclass
class Folded:
    """One partition, folded."""

    said: list[Output] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)
    refused: list[tuple[str, int, int]] = field(default_factory=list)
    """Topic, partition and offset of every record that is no event."""
    events: int = 0
    time: int | None = None


class PartitionFold:
    """One partition's fold in the making."""

    def __init__(self, policies: Mapping[str, Policy], topics: Sequence[str], count: int) -> None:
        self.folded = Folded()
        self._policies = policies
        self._topics = topics
        self._count = count
        self._judges: dict[str, Judge] = {}
        self._highest: int | None = None
        self._marks: dict[str, int] = {}
        self._due: list[tuple[int, str]] = []

    def run(
        self, journal: Sequence[JournalRecord], inputs: Mapping[str, Sequence[InputRecord]]
    ) -> Folded:
        """Fold what the journal says was consumed. Raises AssertionError where it cannot be."""
        at = dict.fromkeys(self._topics, 0)
        for number, batch in enumerate(journal, 1):
            where = f"partition {batch.partition}, batch {number}"
            assert batch.batch == number, f"{where}: the journal has batch {batch.batch} there"
            assert batch.from_offsets == at, f"{where}: it does not begin where the last one ended"
            before = len(self.folded.said)
            if batch.mode == "policy":
                self._recompute(batch)
            else:
                self._take(batch, merged(inputs, at, batch.to_offsets))
                self._sweep(batch)
            assert batch.clock_after == self.folded.time, f"{where}: another clock"
            said = len(self.folded.said) - before
            assert batch.outputs == said, f"{where}: {batch.outputs} outputs in place of {said}"
            at = dict(batch.to_offsets)
        for topic, records in inputs.items():
            assert at[topic] == len(records), f"{topic}: {len(records) - at[topic]} not consumed"
        return self.folded

    def _take(self, batch: JournalRecord, records: Iterator[InputRecord]) -> None:
        judge = self._judge(batch)
        policy = self._policies[batch.policy_digest]
        folded = self.folded
        for record in records:
            item = judge(record)
            if isinstance(item, Rejected):
                folded.refused.append((record.topic, record.partition, record.offset))
                continue
            folded.events += 1
            if isinstance(item.event, FeedWatermark):
                self._mark(item.event)
            else:
                self._event(policy, item)

    def _event(self, policy: Policy, item: Decoded) -> None:
        event: Any = item.event
        folded = self.folded
        decided = decide(
            policy,
            event.customer_id,
            folded.customers.get(event.customer_id),
            event,
            clock=folded.time,
            record_at=item.record.timestamp_ms,
        )
        if decided.note != "duplicate":
            self._remember(event.customer_id, decided.customer)
            folded.said += decided.outputs
        self._highest = max(item.occurred_ms, self._highest or item.occurred_ms)
        self._raise_to(self._highest - policy.stream.allowed_lateness.millis)

    def _mark(self, event: FeedWatermark) -> None:
        through = to_millis(event.complete_through)
        self._marks[event.topic] = max(through, self._marks.get(event.topic, through))
        if len(self._marks) == len(self._topics):
            self._raise_to(min(self._marks.values()))

    def _raise_to(self, time: int) -> None:
        now = self.folded.time
        self.folded.time = time if now is None else max(now, time)

    def _sweep(self, batch: JournalRecord) -> None:
        """Whoever is due, in the order of (due, customer), as far as the journal says."""
        policy, time = self._policies[batch.policy_digest], self.folded.time
        while self._due and time is not None and self._due[0][0] <= time:
            timer, name = self._due[0]
            customer = self.folded.customers[name]
            if customer.timer != timer:
                heapq.heappop(self._due)  # moved since
                continue
            if not batch.sweep_complete and (
                batch.swept_through is None or (timer, name) > tuple(batch.swept_through)
            ):
                return
            heapq.heappop(self._due)
            decided = sweep(policy, name, customer, time)
            self._remember(name, decided.customer)
            self.folded.said += decided.outputs

    def _recompute(self, batch: JournalRecord) -> None:
        """A new policy: one page of the customers, by their ids, as of now."""
        policy, time = self._policies[batch.policy_digest], self.folded.time
        if time is None:
            return
        customers = self.folded.customers
        page = [n for n in customers if crc32(n.encode()) % batch.pages == batch.recomputed_page]
        for name in sorted(page):
            decided = sweep(policy, name, customers[name], time, mode="policy")
            self._remember(name, decided.customer)
            self.folded.said += decided.outputs

    def _remember(self, name: str, customer: Customer) -> None:
        before = self.folded.customers.get(name)
        self.folded.customers[name] = customer
        if customer.timer is not None and (before is None or before.timer != customer.timer):
            heapq.heappush(self._due, (customer.timer, name))

    def _judge(self, batch: JournalRecord) -> Judge:
        if batch.policy_digest not in self._judges:
            rules = Rules(self._policies[batch.policy_digest], self._count, "murmur2")
            self._judges[batch.policy_digest] = Judge(rules, batch.max_value_bytes)
        return self._judges[batch.policy_digest]


def merged(
    inputs: Mapping[str, Sequence[InputRecord]], begin: Mapping[str, int], end: Mapping[str, int]
) -> Iterator[InputRecord]:
    """Always the head with the least timestamp; of equal ones that of the first topic."""
    heads = [inputs[topic][begin[topic] : end[topic]] for topic in sorted(inputs)]
    return heapq.merge(*heads, key=lambda record: (record.timestamp_ms, record.topic))
