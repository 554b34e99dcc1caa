"""A store with a simulated bank in it, for bench.state_size: folded as replay does, then written.

Nothing of a worker's way is measured here, only what it leaves behind: the states and timers of
everybody at the end of the plan, in the layout that the keeper was opened with.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from consumer.decode import DEFAULT_LIMITS
from consumer.partitioner import partition_of
from operate.lines import decode_lines
from operate.replay import Replay
from operate.simulate import Plan, simulate
from statemachine.policy_file import default_policy
from store.port import CustomerWrite, Keeper, PartitionRecord, Position

_BATCH = 1_000


def fold(plan: Plan) -> Replay:
    """The plan's bank at its end, under the shipped policy."""
    replay = Replay(default_policy(), (plan.accounts_topic, plan.transactions_topic))
    lines = decode_lines((record.value for record in simulate(plan)), "feed", DEFAULT_LIMITS)
    for _ in replay.run(lines):
        pass
    return replay


def fill(keeper: Keeper, replay: Replay, partitions: int) -> None:
    """Write everybody to partitions 0 to `partitions` - 1, which must be new."""
    shares: dict[int, dict[str, CustomerWrite]] = defaultdict(dict)
    for customer_id, customer in replay.customers.items():
        place = partition_of(customer_id.encode(), partitions, "murmur2")
        shares[place][customer_id] = CustomerWrite(customer, None)
    for place, share in shares.items():
        _write(keeper, replay, place, share)


def _write(keeper: Keeper, replay: Replay, partition: int, share: dict[str, CustomerWrite]) -> None:
    token = keeper.take(partition, "bench").token
    stages = Counter(str(one.customer.stage) for one in share.values() if one.customer is not None)
    offsets = dict.fromkeys(replay.topics, replay.tally.events)
    names = list(share)
    at: Position | None = None
    for batch, begin in enumerate(range(0, len(names), _BATCH), 1):
        record = PartitionRecord(
            position=Position(batch, f"{batch:032x}", offsets),
            clock=replay.clock.time,
            journal_offset=batch,
            policy_digest=replay.policy.digest,
            fold_version=1,
            partition_count=partition + 1,
            partitioner="murmur2",
            watermarks=replay.clock.watermarks,
            highest=replay.clock.highest,
            bad_window=bytes(125),
            stages=stages,
        )
        part = {name: share[name] for name in names[begin : begin + _BATCH]}
        keeper.write(partition, token, at, record, part)
        at = record.position
