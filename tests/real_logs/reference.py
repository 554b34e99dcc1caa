"""What `tenure replay` makes of a log, customer by customer: what a worker is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from consumer.decode import DEFAULT_LIMITS
from operate.lines import decode_lines
from operate.replay import replay
from operate.simulate.records import FeedRecord
from schemas.cloudevents import to_record
from schemas.outputs import Output
from statemachine.customer import Customer
from statemachine.policy import Policy
from tests.real_logs.telling import ACCOUNTS, TRANSACTIONS


@dataclass(frozen=True, slots=True)
class Told:
    """What became of everybody: outputs in order per customer, and the states at the end."""

    outputs: dict[str, list[Output]]
    states: dict[str, Customer]

    def bodies(self) -> dict[str, list[bytes]]:
        """The outputs as they are published."""
        return {
            customer: [to_record(output, "tenure/reference").value for output in outputs]
            for customer, outputs in self.outputs.items()
        }


def tell(policy: Policy, records: Iterable[FeedRecord]) -> Told:
    """Replay the records, which are in merged order, as a file of theirs would be."""
    lines = decode_lines((record.value for record in records), "log", DEFAULT_LIMITS)
    replayed = replay(policy, (ACCOUNTS, TRANSACTIONS), lines)
    if replayed.refused or replayed.tally.duplicates or replayed.tally.late:
        raise AssertionError(f"the log is not clean: {replayed.tally}, {replayed.refused[:3]}")
    outputs: dict[str, list[Output]] = {}
    for output in replayed.outputs:
        outputs.setdefault(output.customer_id, []).append(output)
    return Told(outputs, replayed.customers)
