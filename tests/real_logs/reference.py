"""The plain sequential fold: one customer's events after the other's, no server and no batch.

What a worker published is compared with this, customer by customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from consumer.decode import Decoded, decode_line
from operate.simulate.records import FeedRecord
from schemas.base import to_millis
from schemas.cloudevents import to_record
from schemas.events import FeedWatermark
from schemas.events.base import CustomerEvent
from schemas.outputs import Output
from statemachine.customer import Customer
from statemachine.fold import decide, sweep
from statemachine.policy import Policy


@dataclass(slots=True)
class Told:
    """What became of everybody: outputs in order per customer, and the states at the end."""

    outputs: dict[str, list[Output]] = field(default_factory=dict)
    states: dict[str, Customer] = field(default_factory=dict)

    def bodies(self) -> dict[str, list[bytes]]:
        """The outputs as they are published."""
        return {
            customer: [to_record(output, "tenure/reference").value for output in outputs]
            for customer, outputs in self.outputs.items()
        }


def tell(policy: Policy, records: Iterable[FeedRecord]) -> Told:
    """Fold the records, in merged order and closed by watermarks. Refuses nothing by itself."""
    told = Told()
    end = 0
    for number, record in enumerate(records):
        decoded = decode_line(record.value, number, record.topic)
        if not isinstance(decoded, Decoded):
            raise TypeError(f"the log holds a record that is refused: {decoded.detail}")
        event = decoded.event
        if isinstance(event, FeedWatermark):
            end = max(end, to_millis(event.complete_through))
        elif isinstance(event, CustomerEvent):
            decided = decide(
                policy,
                event.customer_id,
                told.states.get(event.customer_id),
                event,
                clock=None,
                record_at=decoded.record.timestamp_ms,
            )
            told.states[event.customer_id] = decided.customer
            if decided.outputs:
                told.outputs.setdefault(event.customer_id, []).extend(decided.outputs)
    for customer_id, customer in told.states.items():
        decided = sweep(policy, customer_id, customer, end)
        told.states[customer_id] = decided.customer
        if decided.outputs:
            told.outputs.setdefault(customer_id, []).extend(decided.outputs)
    return told
