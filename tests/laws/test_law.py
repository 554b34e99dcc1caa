"""The law (design section 3), on the real worker with a broker and a store in memory."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consumer.partitioner import partition_of
from schemas.base import to_millis
from schemas.events import EVENTS, CustomerEvent
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from statemachine.policy_file import default_policy
from store.memory_keeper import MemoryKeeper
from tests.laws.logs import CUSTOMERS, DAY, events
from tests.laws.rig import Rig

POLICY = default_policy()
Log = list[tuple[dict[str, Any], int]]


def alone(log: Log, until: int) -> tuple[dict[str, list[bytes]], dict[str, Customer]]:
    """Each customer folded by themselves, without partitions, batches, clocks or workers."""
    said: dict[str, list[bytes]] = {}
    states: dict[str, Customer] = {}
    for fields, timestamp in log:
        event = EVENTS.validate_json(json.dumps(fields))
        assert isinstance(event, CustomerEvent)
        decided = decide(
            POLICY,
            event.customer_id,
            states.get(event.customer_id),
            event,
            clock=None,
            record_at=timestamp,
        )
        states[event.customer_id] = decided.customer
        said.setdefault(event.customer_id, []).extend(
            output.model_dump_json(by_alias=True).encode() for output in decided.outputs
        )
    for customer_id, customer in states.items():
        decided = sweep(POLICY, customer_id, customer, until)
        states[customer_id] = decided.customer
        said[customer_id] += [
            output.model_dump_json(by_alias=True).encode() for output in decided.outputs
        ]
    return {name: bodies for name, bodies in said.items() if bodies}, states


def end_of(log: Log) -> int:
    """A time after everything, at which the feeds call themselves complete."""
    return max(timestamp for _, timestamp in log) + 400 * DAY


@settings(max_examples=100, deadline=None)
@given(
    log=events(late=False),
    partitions=st.integers(1, 4),
    batch_records=st.integers(1, 12),
    sweep_customers=st.integers(1, 3),
    data=st.data(),
)
def test_outputs_depend_on_the_policy_and_the_customers_own_events_only(
    log: Log, partitions: int, batch_records: int, sweep_customers: int, data: st.DataObject
) -> None:
    """Any batch sizes, partition counts, one worker or three, restarted or not."""
    rig = Rig(POLICY, partitions, batch_records, sweep_customers)
    names = data.draw(st.sampled_from((("w1",), ("w1", "w2", "w3"))))
    for name in names:
        rig.start(name)
    for fields, timestamp in log:
        rig.feed(fields, timestamp)
        if data.draw(st.booleans()):
            name = data.draw(st.sampled_from(names))
            if data.draw(st.integers(0, 3)) == 0:
                rig.start(name)
            rig.workers[name].step(0.0)
    until = end_of(log)
    rig.close(until)
    rig.drain()
    said, states = alone(log, until)
    assert rig.said() == said
    assert rig.states() == states


@settings(max_examples=100, deadline=None)
@given(
    log=events(late=True),
    partitions=st.integers(1, 3),
    batch_records=st.integers(1, 8),
    sweep_customers=st.integers(1, 3),
    data=st.data(),
)
def test_executing_the_journal_again_gives_the_same_states_and_outputs(
    log: Log, partitions: int, batch_records: int, sweep_customers: int, data: st.DataObject
) -> None:
    """For late events and clocks moved by the wall; recovery itself compares the outputs."""
    rig = Rig(
        POLICY,
        partitions,
        batch_records,
        sweep_customers,
        options={"idle_clock": "wall", "feed_stale_after": 5.0, "feed_settle": 2.0},
    )
    rig.start()
    for fields, timestamp in log:
        rig.feed(fields, timestamp)
        rig.clock.wall_at_zero = timestamp - int(rig.clock.now * 1000)
        rig.clock.now += data.draw(st.sampled_from((0.1, 1.5, 7.0)))
        if data.draw(st.booleans()):
            rig.workers["w1"].step(0.0)
    rig.drain()
    remembered, published = rig.states(), list(rig.log.published)
    rig.keeper = MemoryKeeper()
    rig.start()
    rig.workers["w1"].step(0.0)
    assert rig.states() == remembered
    assert rig.log.published == published
    for number in range(partitions):
        position = rig.keeper.look(number)[1]
        committed = rig.log.committed.get(number)
        assert (position and position.position.batch) == (committed and committed.batch)


def test_the_logs_of_these_laws_lead_everywhere() -> None:
    """The strategies reach every partition that the tests use: no law holds by emptiness."""
    placed = {partition_of(name.encode(), 4, "murmur2") for name in CUSTOMERS}
    assert len(placed) >= 3
    assert to_millis(EVENTS.validate_json(json.dumps(_one())).occurred_at) > 0


def _one() -> dict[str, Any]:
    return {
        "type": "customer.interacted",
        "schema_version": 1,
        "source": "core",
        "event_id": "e",
        "occurred_at": "2024-01-01T00:00:00Z",
        "customer_id": "anna",
        "kind": "login",
    }
