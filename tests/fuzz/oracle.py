"""What must have come of a case: every record judged the long way and folded one by one.

It shares with the worker what decides about one record and one customer, and nothing of what
moves: the merge of the topics, the clock and the sweep are written here the plainest way. Where a
batch ended is taken from the journal; nothing else is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from consumer.decode import Decoded
from consumer.records import InputRecord
from consumer.rejection import Rejected
from schemas.base import to_millis
from schemas.events import CustomerErased, FeedWatermark, PolicyActivated
from schemas.outputs import JournalRecord, Output
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from statemachine.policy import Policy
from tests.fuzz.setups import TOPICS

Judged = Callable[[InputRecord], Decoded | Rejected]


@dataclass(slots=True)
class Partition:
    """One partition, folded."""

    policy: Policy
    customers: dict[str, Customer] = field(default_factory=dict)
    said: list[Output] = field(default_factory=list)
    refused: list[tuple[InputRecord, str]] = field(default_factory=list)
    """In order: the record, and the reason."""
    counts: Counter[str] = field(default_factory=Counter)
    time: int | None = None
    _highest: int | None = None
    _marks: dict[str, int] = field(default_factory=dict)

    def fold(
        self,
        inputs: Mapping[str, list[InputRecord]],
        judge: Judged,
        journal: list[JournalRecord],
    ) -> None:
        """All records of the partition, by topic, as the batches of its journal took them."""
        at = dict.fromkeys(TOPICS, 0)
        for batch in journal:
            heads = {topic: inputs[topic][at[topic] : batch.to_offsets[topic]] for topic in TOPICS}
            before = len(self.said)
            for record in _merged(heads):
                self._take(judge(record))
            self._sweep(batch)
            assert batch.clock_after == self.time, f"batch {batch.batch}: another clock"
            assert batch.outputs == len(self.said) - before, f"batch {batch.batch}: other outputs"
            at = batch.to_offsets

    def _take(self, item: Decoded | Rejected) -> None:
        if isinstance(item, Rejected):
            self.refused.append((item.record, item.reason))
            return
        event: Any = item.event
        match event:
            case FeedWatermark():
                self._mark(event)
            case CustomerErased():
                self.customers.pop(event.customer_id, None)
            case PolicyActivated() if event.policy_digest != self.policy.digest:
                self.refused.append((item.record, "policy_not_in_force"))
                return
            case PolicyActivated():
                pass
            case _:
                self._decide(item, event)
        self.counts["accepted"] += 1

    def _decide(self, item: Decoded, event: Any) -> None:
        decided = decide(
            self.policy,
            event.customer_id,
            self.customers.get(event.customer_id),
            event,
            clock=self.time,
            record_at=item.record.timestamp_ms,
        )
        at = to_millis(event.occurred_at)
        self.counts["late"] += self.time is not None and at < self.time
        self.counts["postings"] += (
            event.type == "transaction.posted" and decided.note != "duplicate"
        )
        if decided.note == "duplicate":
            self.counts["duplicates"] += 1
        else:
            self.customers[event.customer_id] = decided.customer
            self.said += decided.outputs
        self._highest = at if self._highest is None else max(at, self._highest)
        self._raise(self._highest - self.policy.stream.allowed_lateness.millis)

    def _mark(self, event: FeedWatermark) -> None:
        through = to_millis(event.complete_through)
        self._marks[event.topic] = max(through, self._marks.get(event.topic, through))
        if len(self._marks) == len(TOPICS):
            self._raise(min(self._marks.values()))

    def _raise(self, time: int) -> None:
        self.time = time if self.time is None else max(self.time, time)

    def _sweep(self, batch: JournalRecord) -> None:
        """Whoever is due, in the order of (due, customer), as far as the journal says."""
        while self.time is not None:
            timers = ((c.timer, name) for name, c in self.customers.items() if c.timer is not None)
            due = min(timers, default=None)
            if due is None or due[0] > self.time:
                return
            if not batch.sweep_complete and (
                batch.swept_through is None or due > tuple(batch.swept_through)
            ):
                return
            decided = sweep(self.policy, due[1], self.customers[due[1]], self.time)
            self.customers[due[1]] = decided.customer
            self.said += decided.outputs
            self.counts["swept"] += 1


def _merged(heads: Mapping[str, list[InputRecord]]) -> list[InputRecord]:
    """Always the head with the least timestamp; of equal ones that of the first topic."""
    waiting = [list(reversed(heads[topic])) for topic in sorted(heads)]
    order = []
    while any(waiting):
        first = min((one for one in waiting if one), key=lambda one: one[-1].timestamp_ms)
        order.append(first.pop())
    return order
