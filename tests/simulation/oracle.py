"""What must have come of a run: a sequential fold of each partition in the journal's order.

It shares with the worker what decides about one customer and one record, and nothing of what
moves: its merge, its clock and its sweep are written here once more, the plainest way.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from consumer.decode import Decoded
from consumer.execute import Rules
from consumer.judge import Judge
from consumer.records import InputRecord
from consumer.rejection import Rejected
from schemas.base import to_millis
from schemas.cloudevents import to_record
from schemas.events import FeedWatermark
from schemas.headers import dead_letter_of
from schemas.outputs import JournalRecord, Output
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from tests.simulation.world import POLICY, TOPICS, World

LATENESS = POLICY.stream.allowed_lateness.millis


@dataclass
class Folded:
    """One partition, folded."""

    said: list[Output] = field(default_factory=list)
    customers: dict[str, Customer] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)
    time: int | None = None
    highest: int | None = None
    marks: dict[str, int] = field(default_factory=dict)


def check(world: World) -> None:
    """Raise AssertionError unless everything is as it must be."""
    said: dict[str, list[bytes]] = defaultdict(list)
    letters: list[tuple[str, int, int]] = []
    for number in range(world.scenario.partitions):
        folded = _partition(world, number)
        for output in folded.said:
            said[output.customer_id].append(to_record(output, "x").value)
        letters += [(r.record.topic, r.record.partition, r.record.offset) for r in folded.refused]
        remembered = dict(world.keeper.everybody(number))
        assert remembered == folded.customers, f"partition {number}: other states"
        timers = {name: due for due, name in world.keeper.timers(number)}
        expected = {n: c.timer for n, c in folded.customers.items() if c.timer is not None}
        assert timers == expected, f"partition {number}: other timers"
    assert _published(world) == said, "published is not what was decided"
    assert sorted(_letters(world)) == sorted(letters), "other dead letters"
    if not world.scenario.late:
        assert dict(said) == _alone(world), "not what each customer's own events lead to"


def _partition(world: World, number: int) -> Folded:
    folded = Folded()
    inputs = {topic: _records(world, topic, number) for topic in TOPICS}
    at = dict.fromkeys(TOPICS, 0)
    judge = Judge(Rules(POLICY, world.scenario.partitions, "murmur2"), 1_000_000)
    for count, batch in enumerate(world.journal(number), 1):
        assert batch.batch == count, f"partition {number}: batch {batch.batch} in place of {count}"
        assert batch.from_offsets == at, f"partition {number}: batch {count} begins elsewhere"
        taken = [inputs[topic][at[topic] : batch.to_offsets[topic]] for topic in sorted(TOPICS)]
        before = len(folded.said)
        for record in _merged(taken):
            _take(folded, judge(record), held=batch.clock_held)
        if world.scenario.settings["idle_clock"] == "event":
            assert batch.clock_after == folded.time, f"partition {number}, batch {count}: clock"
        elif batch.clock_after is not None:
            assert folded.time is None or batch.clock_after >= folded.time
            folded.time = batch.clock_after
        _sweep(folded, batch)
        assert len(folded.said) - before == batch.outputs, f"partition {number}, batch {count}"
        at = batch.to_offsets
    return folded


def _merged(waiting: list[list[InputRecord]]) -> list[InputRecord]:
    """Always the head with the least timestamp; of equal ones that of the first topic."""
    heads = [list(records) for records in waiting]
    order = []
    while any(heads):
        first = min((one for one in heads if one), key=lambda one: one[0].timestamp_ms)
        order.append(first.pop(0))
    return order


def _take(folded: Folded, item: Decoded | Rejected, *, held: bool) -> None:
    if isinstance(item, Rejected):
        folded.refused.append(item)
        return
    event: Any = item.event
    if isinstance(event, FeedWatermark):
        folded.marks[event.topic] = max(
            to_millis(event.complete_through), folded.marks.get(event.topic, 0)
        )
        if len(folded.marks) == len(TOPICS):
            _raise(folded, min(folded.marks.values()))
        return
    decided = decide(
        POLICY,
        event.customer_id,
        folded.customers.get(event.customer_id),
        event,
        clock=folded.time,
        record_at=item.record.timestamp_ms,
    )
    if decided.note != "duplicate":
        folded.customers[event.customer_id] = decided.customer
        folded.said += decided.outputs
    folded.highest = max(item.occurred_ms, folded.highest or item.occurred_ms)
    if not held:
        _raise(folded, folded.highest - LATENESS)


def _raise(folded: Folded, time: int) -> None:
    folded.time = time if folded.time is None else max(folded.time, time)


def _sweep(folded: Folded, batch: JournalRecord) -> None:
    """Whoever is due, in the order of (due, customer), as far as the journal says."""
    while folded.time is not None:
        due = min(
            ((c.timer, name) for name, c in folded.customers.items() if c.timer is not None),
            default=None,
        )
        if due is None or due[0] > folded.time:
            return
        if not batch.sweep_complete and (
            batch.swept_through is None or due > tuple(batch.swept_through)
        ):
            return
        decided = sweep(POLICY, due[1], folded.customers[due[1]], folded.time)
        folded.customers[due[1]] = decided.customer
        folded.said += decided.outputs


def _alone(world: World) -> dict[str, list[bytes]]:
    """Each customer's own events, without partitions, batches, clocks or workers."""
    states: dict[str, Customer] = {}
    said: dict[str, list[Output]] = defaultdict(list)
    judge = Judge(Rules(POLICY, 1, "murmur2"), 1_000_000)
    end = 0
    for fields, timestamp in world.scenario.log:
        end = max(end, timestamp)
        if fields["type"] == "feed.watermark":
            continue
        value = json.dumps(fields).encode()
        key = fields["customer_id"].encode()
        item = judge(InputRecord("tenure.accounts", 0, 0, timestamp, key, value))
        if isinstance(item, Rejected):
            continue
        event: Any = item.event
        name = event.customer_id
        decided = decide(POLICY, name, states.get(name), event, clock=None, record_at=timestamp)
        states[name] = decided.customer
        said[name] += decided.outputs
    for name, customer in states.items():
        said[name] += sweep(POLICY, name, customer, end + 400 * 86_400_000).outputs
    return {
        name: [to_record(one, "x").value for one in outputs]
        for name, outputs in said.items()
        if outputs
    }


def _records(world: World, topic: str, number: int) -> list[InputRecord]:
    return [
        InputRecord(topic, number, entry.offset, entry.timestamp, entry.key, entry.value)
        for entry in world.cluster.logs[topic, number].entries
    ]


def _published(world: World) -> dict[str, list[bytes]]:
    """What a read_committed subscriber sees, per customer."""
    found: dict[str, list[bytes]] = defaultdict(list)
    for (topic, _), log in world.cluster.logs.items():
        if topic == "tenure.stage-changes":
            for entry in log.read(0, log.end, committed=True)[0]:
                found[(entry.key or b"").decode()].append(entry.value or b"")
    return found


def _letters(world: World) -> list[tuple[str, int, int]]:
    found = []
    for (topic, _), log in world.cluster.logs.items():
        if topic == "tenure.dead-letters":
            for entry in log.read(0, log.end, committed=True)[0]:
                about = dead_letter_of(entry.headers)
                found.append((about.topic, about.partition, about.offset))
    return found
