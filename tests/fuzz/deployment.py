"""A deployment in memory on which a case runs: the product's own worker, from poll to commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

from consumer.execute import Rules
from consumer.memory_log import MemoryHistory, MemoryLog, MemoryPublisher, MemorySource
from consumer.ports import OutRecord, Ports
from consumer.report import Reporter
from consumer.settings import Settings
from consumer.worker import Worker
from statemachine.customer import Customer
from statemachine.policy import Policy
from store.codec import Codec, decode_record, encode_record
from store.memory_keeper import MemoryKeeper
from store.port import CustomerWrite, PartitionRecord, Position, WriteOutcome
from tests.fuzz.cases import Case
from tests.fuzz.setups import TOPICS, Setup, policy_named
from tests.laws.rig import FakeClock

MOST_STATE_BYTES = 2_500
"""A customer's state is bounded, whatever happens to them."""
_STEPS = 20_000


class Wrong(AssertionError):
    """The product did something that it must not do."""


class Counts:
    """The worker's log: what its line of each batch says, added up."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()

    def info(self, event: str, **fields: object) -> None:
        """A line."""
        if event == "batch":
            self.of["batches"] += 1
            for name, value in fields.items():
                if isinstance(value, int):
                    self.of[name] += value

    def warning(self, event: str, **fields: object) -> None:
        """A line that an operator should see."""
        self.of[event] += 1


class CheckedKeeper(MemoryKeeper):
    """The keeper in memory; of whatever it is given, what is read back is the same."""

    def __init__(self) -> None:
        super().__init__(expected_customers=200)
        self.codec = Codec()
        self.largest = 0
        """Bytes of the largest state written."""

    def write(
        self,
        partition: int,
        token: str,
        at: Position | None,
        record: PartitionRecord,
        customers: Mapping[str, CustomerWrite],
        *,
        accepted_bad: bool = False,
    ) -> WriteOutcome:
        """See the port. Raises Wrong where a state changes on its way."""
        states = {name: one.customer for name, one in customers.items() if one.customer is not None}
        stored = [self.codec.encode(customer) for customer in states.values()]
        if self.codec.decode_many(states, b"".join(stored)) != states:
            raise Wrong(f"a state is read back otherwise: {states}")
        if decode_record(encode_record(record)) != record:
            raise Wrong(f"a partition's record is read back otherwise: {record}")
        self.largest = max(self.largest, max(map(len, stored), default=0))
        if self.largest > MOST_STATE_BYTES:
            raise Wrong(f"a state has {self.largest:,} bytes")
        return super().write(partition, token, at, record, customers, accepted_bad=accepted_bad)


class Deployment:
    """One worker with everything around it in memory, and the records of a case waiting."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.log = MemoryLog(TOPICS, case.setup.partitions)
        for record in case.records:
            self.log.inputs.setdefault((record.topic, record.partition), []).append(record)
        self.clock = FakeClock()
        self.settings = _settings(case.setup)
        self.keeper = CheckedKeeper()
        self.start(policy_named(case.setup.policy))

    def start(self, policy: Policy) -> None:
        """A worker under a policy; whoever ran before is gone."""
        self.log.policies[policy.digest] = policy.canonical()
        self.counts = Counts()
        self.rules = Rules(policy, self.log.partitions, self.settings.partitioner)
        ports = Ports(
            MemorySource(self.log, "w1"),
            MemoryPublisher(self.log, "w1"),
            MemoryHistory(self.log),
            self.keeper,
            self.clock,
            Reporter(self.counts),
        )
        self.worker = Worker(self.settings, self.rules, ports)

    def states(self) -> list[dict[str, Customer]]:
        """Everybody remembered, by partition."""
        return [dict(self.keeper.everybody(number)) for number in range(self.log.partitions)]

    def run(self) -> None:
        """Until nothing is left to do; a partition that is held is let go on, as an operator would.

        Raises whatever the worker raises, and Wrong if it never comes to rest.
        """
        idle = 0
        for _ in range(_STEPS):
            self.clock.now += 1.5
            moved = self.worker.step(0.0)
            held = self.worker.owned.held
            for number in held:
                self.keeper.accept_bad(number)
            idle = 0 if moved or held or self._waiting() else idle + 1
            if idle == 2:
                return
        raise Wrong(f"the worker never comes to rest: {self._waiting()} records wait")

    def published(self, topic: str) -> list[OutRecord]:
        """What was published on a topic, in order."""
        return [record for record in self.log.published if record.topic == topic]

    def _waiting(self) -> int:
        """Records that no batch has consumed."""
        committed = self.log.committed
        return sum(
            self.log.end(topic, number)
            - (committed[number].offsets[topic] if number in committed else 0)
            for number in range(self.log.partitions)
            for topic in TOPICS
        )


@cache
def _settings(setup: Setup) -> Settings:
    return Settings(
        worker_id="w1",
        batch_records=setup.batch_records,
        sweep_customers=setup.sweep_customers,
        cached_customers=setup.cached_customers,
        max_value_bytes=setup.max_value_bytes,
        idle_clock="event",
        accept_policy=True,
    )
