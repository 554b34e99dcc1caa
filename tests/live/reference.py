"""The sequential reference: what `tenure replay` says of the records in the order of the journal.

Replay shares with the worker what decides and nothing of what moves: no batches, no sweeps at
their ends, no commits, no store.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from consumer.execute import Rules
from consumer.judge import Judge
from consumer.merge import merged
from consumer.records import InputRecord
from consumer.rejection import Rejected
from operate.replay import replay
from schemas.cloudevents import to_record
from schemas.outputs import JournalRecord
from statemachine.customer import Customer
from statemachine.policy import Policy
from statemachine.say import current_stage
from tests.live.harness import PARTITIONS, Deployment


@dataclass
class Reference:
    """What must have been said of each customer, in order, and what must be remembered."""

    said: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    customers: dict[int, dict[str, Customer]] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)


def consumed(
    journal: Sequence[JournalRecord], inputs: Mapping[str, Sequence[InputRecord]]
) -> list[InputRecord]:
    """A partition's records in the order in which the batches took them.

    Fails unless the batches are numbered without a gap or a double and take every record once.
    """
    order: list[InputRecord] = []
    at = dict.fromkeys(inputs, 0)
    for number, batch in enumerate(journal, 1):
        assert batch.batch == number
        assert batch.from_offsets == at
        taken = {
            topic: inputs[topic][begin : batch.to_offsets[topic]] for topic, begin in at.items()
        }
        in_order = merged(taken)
        assert len(in_order) == batch.inputs
        order += in_order
        at = batch.to_offsets
    return order


def reference(
    deployment: Deployment, policy: Policy, orders: Mapping[int, Sequence[InputRecord]]
) -> Reference:
    """Replay every partition's records."""
    found = Reference()
    judge = Judge(Rules(policy, PARTITIONS, "murmur2"), deployment.settings.max_value_bytes)
    for partition, records in orders.items():
        replayed = replay(policy, deployment.settings.topics, map(judge, records))
        found.customers[partition] = replayed.customers
        found.refused += replayed.refused
        for output in replayed.outputs:
            found.said[output.customer_id].append(to_record(output, "tests").value)
    return found


def check(deployment: Deployment, policy: Policy) -> Reference:
    """Everything that was published and is remembered equals the reference; which it returns."""
    inputs = deployment.records()
    orders = {
        partition: consumed(deployment.journal(partition), inputs[partition])
        for partition in range(PARTITIONS)
    }
    expected = reference(deployment, policy, orders)
    check_said(deployment, expected)
    check_remembered(deployment, expected)
    check_stages(deployment, policy, expected)
    return expected


def check_said(deployment: Deployment, expected: Reference) -> None:
    """Each change once, in order, byte for byte; sequences without a gap."""
    said: dict[str, list[bytes]] = defaultdict(list)
    sequences: dict[tuple[str, str], int] = defaultdict(int)
    for record in deployment.published(deployment.settings.stage_changes_topic):
        said[record.key.decode()].append(record.value)
        told: dict[str, Any] = msgspec.json.decode(record.value)
        sequences[told["customer_id"], told["type"]] += 1
        assert told["sequence"] == sequences[told["customer_id"], told["type"]]
    assert said.keys() == expected.said.keys()
    for customer_id, changes in expected.said.items():
        assert said[customer_id] == changes, customer_id


def check_remembered(deployment: Deployment, expected: Reference) -> None:
    """The store holds the customers and the timers of the reference, and counts them."""
    for partition, customers in expected.customers.items():
        assert dict(deployment.keeper.everybody(partition)) == customers
        timers = {
            customer_id: customer.timer
            for customer_id, customer in customers.items()
            if customer.timer is not None
        }
        assert {name: due for due, name in deployment.keeper.timers(partition)} == timers
        counted: dict[str, int] = defaultdict(int)
        for customer in customers.values():
            if customer.stage is not None:
                counted[customer.stage] += 1
        record = deployment.keeper.look(partition)[1]
        stages = {} if record is None else record.stages
        assert {stage: count for stage, count in stages.items() if count} == counted


def check_stages(deployment: Deployment, policy: Policy, expected: Reference) -> None:
    """The last word on every customer of whom something was said is where they are."""
    last = {
        record.key.decode(): record.value
        for record in deployment.published(deployment.settings.stages_topic)
    }
    assert last.keys() == expected.said.keys()
    for customers in expected.customers.values():
        for customer_id, customer in customers.items():
            if customer_id in last:
                told = current_stage(policy, customer_id, customer)
                assert told is not None
                assert last[customer_id] == to_record(told, "tests").value
