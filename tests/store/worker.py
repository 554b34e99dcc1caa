"""A worker as the keeper sees one: takes a partition, loads, writes, remembers where it is."""

from collections.abc import Mapping

import msgspec

from statemachine.customer import Customer
from store.port import CustomerWrite, Keeper, Loaded, PartitionRecord, Position, WriteOutcome
from tests.store.samples import TYPICAL, record


def due_at(timer: int | None, changes: int = 1) -> Customer:
    """A customer with this timer entry; `changes` tells one from another."""
    return msgspec.structs.replace(TYPICAL, timer=timer, changes=changes)


class Worker:
    """One owner of one partition."""

    def __init__(self, keeper: Keeper, partition: int = 0, name: str = "worker") -> None:
        self.keeper = keeper
        self.partition = partition
        taken = keeper.take(partition, name)
        self.token = taken.token
        self.previous_owner = taken.previous_owner
        self.at: Position | None = taken.record.position if taken.record else None
        self.timers = {customer_id: due for due, customer_id in keeper.timers(partition)}

    def load(self, *ids: str, until: int | None = None, limit: int = 100) -> Loaded:
        """What the keeper knows of `ids`, and who is due."""
        return self.keeper.load(self.partition, self.token, self.at, ids, until, limit)

    def write(
        self,
        customers: Mapping[str, Customer | None] | None = None,
        *,
        nonce: str = "n",
        accepted_bad: bool = False,
    ) -> WriteOutcome:
        """The next batch with these customers (None: erased), and remember to be there."""
        changes = self.changes(customers or {})
        written = self.next_record(nonce)
        outcome = self.keeper.write(
            self.partition, self.token, self.at, written, changes, accepted_bad=accepted_bad
        )
        self.at = written.position
        for customer_id, change in changes.items():
            if change.customer is None or change.customer.timer is None:
                self.timers.pop(customer_id, None)
            else:
                self.timers[customer_id] = change.customer.timer
        return outcome

    def next_record(self, nonce: str = "n") -> PartitionRecord:
        """The record of the batch after the last."""
        return record(1 if self.at is None else self.at.batch + 1, nonce)

    def changes(self, customers: Mapping[str, Customer | None]) -> dict[str, CustomerWrite]:
        """What to write for `customers`, with the timer entries that they have."""
        return {
            customer_id: CustomerWrite(customer, self.timers.get(customer_id))
            for customer_id, customer in customers.items()
        }
