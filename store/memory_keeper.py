"""The keeper in memory, for replay, simulation and tests: the same answers, nothing else.

It passes the suite that the Redis keeper passes. States are kept encoded, as there, so nothing
that a caller holds is shared, and a state that cannot be stored fails here too.
"""

from __future__ import annotations

import secrets
from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from statemachine.customer import Customer
from store import refusals
from store.codec import Codec, decode_record, encode_record
from store.keys import EXPECTED_CUSTOMERS, Layout
from store.port import CustomerWrite, Loaded, PartitionRecord, Position, Taken, WriteOutcome

_SPAN_MS = 3_600_000


class _Timers:
    """Due times by customer, and customers by the hour of their due time."""

    def __init__(self) -> None:
        self.by_customer: dict[str, int] = {}
        self._spans: list[int] = []  # ascending
        self._members: dict[int, set[str]] = {}

    def move(self, customer_id: str, due: int | None) -> None:
        before = self.by_customer.pop(customer_id, None)
        if before is not None:
            span = before // _SPAN_MS
            self._members[span].remove(customer_id)
            if not self._members[span]:
                del self._members[span]
                self._spans.pop(bisect_right(self._spans, span) - 1)
        if due is not None:
            self.by_customer[customer_id] = due
            span = due // _SPAN_MS
            if span not in self._members:
                self._members[span] = set()
                insort(self._spans, span)
            self._members[span].add(customer_id)

    def due(self, until: int, limit: int) -> list[tuple[int, str]]:
        """The first `limit` up to `until`, by (due, customer id)."""
        found: list[tuple[int, str]] = []
        for span in self._spans:
            if len(found) >= limit or span > until // _SPAN_MS:
                break
            entries = ((self.by_customer[member], member) for member in self._members[span])
            found += sorted(entry for entry in entries if entry[0] <= until)
        return found[: max(limit, 0)]


@dataclass(slots=True)
class _Partition:
    pages: list[dict[str, bytes]]
    store: str
    token: str = ""
    owner: str | None = None
    previous_owner: str | None = None
    batch: int | None = None
    nonce: str | None = None
    record: bytes | None = None
    accepted_bad: bool = False
    timers: _Timers = field(default_factory=_Timers)


class MemoryKeeper:
    """store.port.Keeper in this process; not for use from several threads at once."""

    def __init__(self, *, expected_customers: int = EXPECTED_CUSTOMERS) -> None:
        """`expected_customers` per partition decides the pages, as it does in Redis."""
        self._codec = Codec()
        self._layout = Layout.for_customers(expected_customers)
        self._partitions: dict[int, _Partition] = {}

    def take(self, partition: int, owner: str) -> Taken:
        """See the port."""
        state = self._made(partition)
        if state.owner != owner:
            state.previous_owner = state.owner
        state.token, state.owner = secrets.token_hex(16), owner
        record = None if state.record is None else decode_record(state.record)
        return Taken(state.token, record, state.previous_owner, state.store)

    def load(
        self,
        partition: int,
        token: str,
        at: Position | None,
        customers: Sequence[str],
        due_until: int | None,
        due_limit: int,
    ) -> Loaded:
        """See the port."""
        state = self._owned(partition, token)
        _check_position(partition, state, at)
        due = [] if due_until is None else state.timers.due(due_until, due_limit)
        pages, page_of, decode = state.pages, self._layout.bucket_of, self._codec.decode
        names = dict.fromkeys(customers)
        names |= dict.fromkeys(customer_id for _, customer_id in due)
        return Loaded(
            {
                name: decode(stored)
                for name in names
                if (stored := pages[page_of(name)].get(name)) is not None
            },
            due,
            state.accepted_bad,
        )

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
        """See the port. Raises ValueError for mistakes of the caller, as RedisKeeper does."""
        refusals.check_batch(at, record)
        state = self._owned(partition, token)
        position = record.position
        if (state.batch, state.nonce) == (position.batch, position.nonce):
            return "already_written"
        _check_position(partition, state, at)
        encoded = encode_record(record)
        states: dict[str, bytes | None] = {}
        moves: dict[str, int | None] = {}
        for customer_id, change in customers.items():
            customer = change.customer
            states[customer_id] = None if customer is None else self._codec.encode(customer)
            timer = None if customer is None else customer.timer
            if timer != change.timer_before:
                if state.timers.by_customer.get(customer_id) != change.timer_before:
                    raise refusals.wrong_timer(partition, customer_id)
                moves[customer_id] = timer
        # Nothing below can fail.
        for customer_id, encoded_state in states.items():
            page = state.pages[self._layout.bucket_of(customer_id)]
            if encoded_state is None:
                page.pop(customer_id, None)
            else:
                page[customer_id] = encoded_state
        for customer_id, due in moves.items():
            state.timers.move(customer_id, due)
        state.batch, state.nonce, state.record = position.batch, position.nonce, encoded
        if accepted_bad:
            state.accepted_bad = False
        return "written"

    def pages(self, partition: int) -> int:
        """See the port. Raises Moved when nobody took the partition."""
        state = self._partitions.get(partition)
        if state is None or not state.token:
            raise refusals.lost(partition)
        return self._layout.buckets

    def page(
        self, partition: int, token: str, at: Position | None, page: int
    ) -> dict[str, Customer]:
        """See the port."""
        state = self._owned(partition, token)
        _check_position(partition, state, at)
        return {name: self._codec.decode(stored) for name, stored in state.pages[page].items()}

    def accept_bad(self, partition: int) -> None:
        """See the port."""
        self._made(partition).accepted_bad = True

    def look(self, partition: int) -> tuple[str | None, PartitionRecord | None]:
        """See the port."""
        state = self._partitions.get(partition)
        if state is None:
            return None, None
        return state.owner, None if state.record is None else decode_record(state.record)

    def find(self, partition: int, customer_id: str) -> Customer | None:
        """See the port."""
        state = self._partitions.get(partition)
        if state is None:
            return None
        stored = state.pages[self._layout.bucket_of(customer_id)].get(customer_id)
        return None if stored is None else self._codec.decode(stored)

    def everybody(self, partition: int) -> Iterator[tuple[str, Customer]]:
        """See the port."""
        state = self._partitions.get(partition)
        for page in [] if state is None else state.pages:
            for customer_id, stored in list(page.items()):
                yield customer_id, self._codec.decode(stored)

    def timers(self, partition: int) -> Iterator[tuple[int, str]]:
        """See the port."""
        state = self._partitions.get(partition)
        timers = {} if state is None else state.timers.by_customer
        for customer_id, due in list(timers.items()):
            yield due, customer_id

    def forget(self, partitions: Iterable[int]) -> None:
        """See the port."""
        for partition in partitions:
            self._partitions.pop(partition, None)

    def _made(self, partition: int) -> _Partition:
        """The partition, made if it is not there."""
        state = self._partitions.get(partition)
        if state is None:
            pages: list[dict[str, bytes]] = [{} for _ in range(self._layout.buckets)]
            state = _Partition(pages, secrets.token_hex(3))
            self._partitions[partition] = state
        return state

    def _owned(self, partition: int, token: str) -> _Partition:
        state = self._partitions.get(partition)
        if state is None or not state.token:
            raise refusals.lost(partition)
        if state.token != token:
            raise refusals.fenced(partition, state.owner or "")
        return state


def _check_position(partition: int, state: _Partition, at: Position | None) -> None:
    expected = (None, None) if at is None else (at.batch, at.nonce)
    if state.batch != expected[0]:
        raise refusals.moved(partition, at, "" if state.batch is None else str(state.batch))
    if state.nonce != expected[1]:
        raise refusals.moved(partition, at, str(state.batch), state.nonce)
