"""Executing a batch: one partition's records and due customers in, everything that follows out.

The same function runs live, in recovery and in audits. It is pure: what it needs is in `Work`,
what follows is in `Outcome`, and the same work gives the same outcome, byte for byte.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from consumer.clock import PartitionClock
from consumer.decode import Decoded
from consumer.partitioner import Partitioner
from consumer.rejection import Rejected, reject
from schemas.events import CONTROL_EVENTS, CustomerErased, CustomerEvent, PolicyActivated
from schemas.outputs import CurrentStage, Mode, Output
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from statemachine.policy import Policy
from statemachine.say import current_stage
from store.port import CustomerWrite

DueItem = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides beside the records: the policy, and where customers belong."""

    policy: Policy
    partition_count: int
    partitioner: Partitioner


@dataclass(frozen=True, slots=True)
class SweepLimit:
    """How far the sweep at the end of the batch goes, in the order of (due, customer)."""

    most: int
    """At most so many customers; 0: nobody, and it is not known whether anybody is due."""
    through: DueItem | None = None
    """Nobody after this one (inclusive), for more may be due there than was loaded."""


@dataclass(frozen=True, slots=True)
class Work:
    """One partition's share of a batch."""

    partition: int
    inputs: Iterable[Decoded | Rejected]
    """In merged order; taken once."""
    states: Mapping[str, Customer]
    """Of everybody named by the inputs and the due list, where known."""
    due: Sequence[DueItem]
    clock: PartitionClock
    """Before the batch."""
    clock_floor: int | None
    """After the inputs, W is at least this (the wall clock, or what the journal says)."""
    sweep: SweepLimit
    stages: Mapping[str, int]
    """Customers per stage before the batch."""
    mode: Mode = "live"


@dataclass(frozen=True, slots=True)
class Said:
    """An output, and the record it came from (None: a due time), for the headers."""

    output: Output
    cause: Decoded | None
    clock: int | None
    late: bool


@dataclass(slots=True)
class Outcome:
    """Everything that follows from a share of a batch."""

    clock: PartitionClock
    customers: dict[str, CustomerWrite] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    current: dict[str, CurrentStage | None] = field(default_factory=dict)
    """The current stage of everybody about whom something was said; None: erased."""
    refused: list[Rejected] = field(default_factory=list)
    swept_through: DueItem | None = None
    sweep_complete: bool = True
    swept: int = 0
    duplicates: int = 0
    late: int = 0
    postings: dict[str, int] = field(default_factory=dict)
    """Postings folded per source; and below those of them whose initiator is unknown."""
    unknown_initiators: dict[str, int] = field(default_factory=dict)
    stages: dict[str, int] = field(default_factory=dict)

    def digest(self) -> str:
        """A digest of the ids of everything said, in order."""
        digest = hashlib.blake2b(digest_size=16)
        for said in self.said:
            digest.update(said.output.id.encode())
        return digest.hexdigest()


def execute(rules: Rules, work: Work) -> Outcome:
    """Fold the inputs in order, then sweep what is due up to the clock.

    Mode policy has no inputs: everybody loaded is recomputed under the policy, as of the clock.
    """
    share = _Share(rules, work)
    if work.mode == "policy":
        share.recompute()
        return share.finish()
    share.fold(work.inputs)
    if work.clock_floor is not None:
        share.outcome.clock.raise_to(work.clock_floor)
    share.sweep()
    return share.finish()


class _Share:
    """One execution in the making."""

    def __init__(self, rules: Rules, work: Work) -> None:
        self.rules = rules
        self.work = work
        self.before = work.states
        self.states: dict[str, Customer | None] = dict(work.states)
        self.touched: set[str] = set()
        self.outcome = Outcome(work.clock)

    def fold(self, inputs: Iterable[Decoded | Rejected]) -> None:
        """The inputs in their order: decide, remember, and let time go on.

        The hot path: one round of this loop for every record.
        """
        outcome, states, touched = self.outcome, self.states, self.touched
        policy, mode, clock = self.rules.policy, self.work.mode, outcome.clock
        postings, unknown = outcome.postings, outcome.unknown_initiators
        for item in inputs:
            if type(item) is Rejected:
                outcome.refused.append(item)
                continue
            item = cast(Decoded, item)
            told = item.event
            if told.__class__ in CONTROL_EVENTS:
                self.control(item)
                continue
            event, at, time = cast(CustomerEvent, told), item.occurred_ms, clock.time
            customer_id = event.customer_id
            decided = decide(
                policy,
                customer_id,
                states.get(customer_id),
                event,
                clock=time,
                record_at=item.record.timestamp_ms,
                mode=mode,
                at=at,
            )
            late = time is not None and at < time
            if late:
                outcome.late += 1
            if decided.note == "duplicate":
                outcome.duplicates += 1
            else:
                states[customer_id] = decided.customer
                touched.add(customer_id)
                if told.type == "transaction.posted":
                    source = event.source
                    postings[source] = postings.get(source, 0) + 1
                    if told.initiator == "unknown":
                        unknown[source] = unknown.get(source, 0) + 1
                if decided.outputs:
                    self._say(decided.outputs, item, late=late)
            clock.observe(at)

    def control(self, item: Decoded) -> None:
        """A control event: about the stream, not about a customer's life."""
        self.outcome.clock.see(item.event, item.occurred_ms)
        match item.event:
            case CustomerErased() as event:
                if self.states.get(event.customer_id) is not None:
                    self.states[event.customer_id] = None
                    self.touched.add(event.customer_id)
                    self.outcome.current[event.customer_id] = None
            case PolicyActivated() as event if event.policy_digest != self.rules.policy.digest:
                self.outcome.refused.append(
                    reject(
                        item.record,
                        "policy_not_in_force",
                        f"policy {event.policy_digest} is not the one that the workers run"
                        f" ({self.rules.policy.digest})",
                    )
                )
            case _:
                pass

    def sweep(self) -> None:
        """Fire what is due up to the clock, a bounded number of customers, in order of due time."""
        time, limit = self.outcome.clock.time, self.work.sweep
        if time is None:
            return
        due = self._due_until(time)
        while due:
            if self.outcome.swept == limit.most or (limit.through and due[0] > limit.through):
                self.outcome.sweep_complete = False
                return
            item = heapq.heappop(due)
            customer_id = item[1]
            customer = self.states.get(customer_id)
            if customer is None or customer.timer != item[0]:
                continue
            decided = sweep(self.rules.policy, customer_id, customer, time, mode=self.work.mode)
            self.states[customer_id] = decided.customer
            self.touched.add(customer_id)
            self._say(decided.outputs, None, late=False)
            self.outcome.swept_through = item
            self.outcome.swept += 1
        # Whoever the limit hides is not in the list: then the sweep may not be complete either.
        all_there = limit.through is None or limit.through[0] > time
        self.outcome.sweep_complete = all_there and limit.most > 0

    def recompute(self) -> None:
        """Everybody loaded, in order of their ids, as the policy now sees them."""
        time = self.outcome.clock.time
        if time is None:
            return
        for customer_id in sorted(self.before):
            before = self.before[customer_id]
            decided = sweep(self.rules.policy, customer_id, before, time, mode="policy")
            if decided.customer != before:
                self.states[customer_id] = decided.customer
                self.touched.add(customer_id)
                self._say(decided.outputs, None, late=False)

    def _due_until(self, time: int) -> list[DueItem]:
        due = {item for item in self.work.due if item[0] <= time}
        for customer_id in self.touched:
            customer = self.states[customer_id]
            if customer is not None and customer.timer is not None and customer.timer <= time:
                due.add((customer.timer, customer_id))
        ordered = list(due)
        heapq.heapify(ordered)
        return ordered

    def _say(self, outputs: Iterable[Output], cause: Decoded | None, *, late: bool) -> None:
        time = self.outcome.clock.time
        for output in outputs:
            self.outcome.said.append(Said(output, cause, time, late))
            self.outcome.current.pop(output.customer_id, None)
            self.outcome.current[output.customer_id] = None

    def finish(self) -> Outcome:
        """What changed, against what was loaded."""
        outcome = self.outcome
        stages = dict(self.work.stages)
        for customer_id in self.touched:
            before, after = self.before.get(customer_id), self.states[customer_id]
            if before is None and after is None:
                continue
            timer_before = None if before is None else before.timer
            outcome.customers[customer_id] = CustomerWrite(after, timer_before)
            _count(stages, before, -1)
            _count(stages, after, 1)
        for customer_id in outcome.current:
            after = self.states[customer_id]
            if after is not None:
                outcome.current[customer_id] = current_stage(self.rules.policy, customer_id, after)
        outcome.stages = stages
        return outcome


def _count(stages: dict[str, int], customer: Customer | None, by: int) -> None:
    if customer is not None and customer.stage is not None:
        stages[customer.stage] = stages.get(customer.stage, 0) + by
