"""Replay: one fold over a log, one line after the other, without any server.

This is the plain sequential reference. It shares with the worker what decides (statemachine/,
consumer/clock.py) and nothing of what moves: there are no batches, partitions or stores here, only
a dictionary of customers and a heap of due times. After every event the clock moves and whoever
is due up to it is swept at once.

The law (design): for a log in which no event is late, which keeps each customer's order and is
closed by a watermark of every topic, a live worker says the same of every customer, in the same
order, however its batches and partitions fell.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from consumer.clock import PartitionClock
from consumer.decode import Decoded
from consumer.rejection import Rejected, reject
from schemas.events import CONTROL_EVENTS, CustomerErased, CustomerEvent, PolicyActivated
from schemas.outputs import Output
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from statemachine.policy import Policy


@dataclass(slots=True)
class Tally:
    """What went through a replay."""

    events: int = 0
    """Lines that were events, control events included."""
    duplicates: int = 0
    late: int = 0
    """Events behind the clock: more than the allowed lateness after the newest."""
    outputs: int = 0
    postings: Counter[str] = field(default_factory=Counter)
    """Postings per source, without duplicates."""
    unknown_initiators: Counter[str] = field(default_factory=Counter)
    """Of these, those of which nobody said who caused them."""


@dataclass(slots=True)
class Replay:
    """A replay in progress: give it lines, take what is said."""

    policy: Policy
    topics: tuple[str, ...]
    """The input topics: a watermark counts once every one of them has sent one."""
    customers: dict[str, Customer] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)
    """What was refused since somebody last emptied this list."""
    tally: Tally = field(default_factory=Tally)
    clock: PartitionClock = field(init=False)
    _due: list[tuple[int, str]] = field(default_factory=list)
    """A heap of (timer, customer id); entries that are not the customer's timer are old."""

    def __post_init__(self) -> None:
        self.clock = PartitionClock(self.topics, self.policy.stream.allowed_lateness.millis)

    def run(self, items: Iterable[Decoded | Rejected]) -> Iterator[Output]:
        """Fold the items in their order; what is said comes out as it is decided."""
        for item in items:
            yield from self.take(item)

    def take(self, item: Decoded | Rejected) -> Sequence[Output]:
        """Fold one item: what it says, and what time says after it."""
        if isinstance(item, Rejected):
            self.refused.append(item)
            return ()
        self.tally.events += 1
        told = item.event.__class__ not in CONTROL_EVENTS
        said = self._event(item, cast(CustomerEvent, item.event)) if told else ()
        self._control(item)
        self.clock.see(item.event, item.occurred_ms)
        return self._with_time(said)

    def complete(self, through: int) -> Sequence[Output]:
        """The log is complete up to a time (ms): whoever is due up to it is swept."""
        self.clock.raise_to(through)
        return self._with_time(())

    def stages(self) -> Counter[str]:
        """How many customers are in each stage."""
        return Counter(one.stage for one in self.customers.values() if one.stage is not None)

    def _event(self, item: Decoded, event: CustomerEvent) -> Sequence[Output]:
        known = self.customers.get(event.customer_id)
        time = self.clock.time
        decided = decide(
            self.policy,
            event.customer_id,
            known,
            event,
            at=item.occurred_ms,
            clock=time,
            record_at=item.record.timestamp_ms,
        )
        if time is not None and item.occurred_ms < time:
            self.tally.late += 1
        if decided.note == "duplicate":
            self.tally.duplicates += 1
            return ()
        if item.event.type == "transaction.posted":
            self.tally.postings[event.source] += 1
            self.tally.unknown_initiators[event.source] += item.event.initiator == "unknown"
        self._remember(event.customer_id, known, decided.customer)
        self.tally.outputs += len(decided.outputs)
        return decided.outputs

    def _control(self, item: Decoded) -> None:
        match item.event:
            case CustomerErased() as event:
                self.customers.pop(event.customer_id, None)
            case PolicyActivated() as event if event.policy_digest != self.policy.digest:
                found = f"policy {event.policy_digest} is not the one of this replay"
                self.refused.append(reject(item.record, "policy_not_in_force", found))
            case _:
                pass

    def _with_time(self, said: Sequence[Output]) -> Sequence[Output]:
        """What is said, and after it whatever is due by now."""
        time = self.clock.time
        if time is None or not self._due or self._due[0][0] > time:
            return said
        return [*said, *self._sweep(time)]

    def _sweep(self, until: int) -> Iterator[Output]:
        while self._due and self._due[0][0] <= until:
            timer, customer_id = heapq.heappop(self._due)
            customer = self.customers.get(customer_id)
            if customer is None or customer.timer != timer:
                continue
            decided = sweep(self.policy, customer_id, customer, until)
            self._remember(customer_id, customer, decided.customer)
            self.tally.outputs += len(decided.outputs)
            yield from decided.outputs

    def _remember(self, customer_id: str, before: Customer | None, after: Customer) -> None:
        self.customers[customer_id] = after
        if after.timer is not None and (before is None or before.timer != after.timer):
            heapq.heappush(self._due, (after.timer, customer_id))


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finished replay: everything said in order, everybody as they ended, what was refused."""

    outputs: list[Output]
    customers: dict[str, Customer]
    refused: list[Rejected]
    tally: Tally


def replay(policy: Policy, topics: Sequence[str], items: Iterable[Decoded | Rejected]) -> Replayed:
    """Fold a whole log: the reference that other ways of running the same fold are held against."""
    one = Replay(policy, tuple(topics))
    outputs = list(one.run(items))
    return Replayed(outputs, one.customers, one.refused, one.tally)
