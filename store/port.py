"""The port: what the worker asks of a keeper, and what it may answer.

A partition has one owner at a time. Taking a partition writes a random token; loading and writing
name the token and the batch that the worker last knew written. A keeper that finds another token,
batch, nonce or namespace answers with an exception and changes nothing, whatever happened to it
in between (a failover, a lost tail of the append-only file, another owner).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from statemachine.customer import Customer


@dataclass(frozen=True, slots=True)
class Position:
    """How far a partition has come: the batch number, and the next offset per input topic."""

    batch: int
    nonce: str
    """The attempt that wrote this batch."""
    offsets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PartitionRecord:
    """Everything remembered of a partition beside its customers; replaced with every write."""

    position: Position
    clock: int | None
    """The partition's clock W in milliseconds since 1970; None: not started."""
    journal_offset: int
    """The offset of this batch's record in the journal's partition."""
    policy_digest: str
    fold_version: int
    partition_count: int
    partitioner: str
    watermarks: Mapping[str, int] = field(default_factory=dict)
    """The last watermark per topic."""
    highest: int | None = None
    """The highest occurred_at consumed."""
    bad_window: bytes = b""
    """The last 1,000 records, one bit each: bad or not (see consumer/hold.py)."""
    held: bool = False
    stages: Mapping[str, int] = field(default_factory=dict)
    """How many customers are in each stage."""
    recompute_page: int | None = None
    """A policy was accepted: the next page of customers to recompute under it."""
    adopted_through: int = 0
    """Batches up to this one may have been remembered by another store, whose place this one took
    (see consumer/lineage.py)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A partition taken: our token, what was remembered, and which other worker owned it before."""

    token: str
    record: PartitionRecord | None
    previous_owner: str | None
    store: str
    """The name of this life of the partition's state, drawn when it began. It stays over restarts,
    failovers and backups; a store that was lost and made anew has another one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The states named (absent customers are absent), and what is due, earliest first."""

    customers: dict[str, Customer]
    due: list[tuple[int, str]]
    """(due time, customer id), ordered, at most the limit asked for; their states are loaded."""
    accepted_bad: bool
    """An operator asked (Keeper.accept_bad) that a held partition go on; cleared by the write
    whose `accepted_bad` is True."""


@dataclass(frozen=True, slots=True)
class CustomerWrite:
    """One customer's new state (None: erased) and the timer entry it had before."""

    customer: Customer | None
    timer_before: int | None


class Fenced(Exception):
    """Somebody else owns the partition: what this worker knows of it is worth nothing."""


class Moved(Exception):
    """The keeper is not at the batch this worker last wrote: recover before going on."""


class Unavailable(Exception):
    """The keeper cannot be reached; the world's failure: wait and try again."""


class StateTooNew(Exception):
    """The stored state was written by a newer release than this one."""


WriteOutcome = Literal["written", "already_written"]


class Keeper(Protocol):
    """Remembers customers, timers and positions, partition by partition."""

    def take(self, partition: int, owner: str) -> Taken:
        """Become the owner of `partition` under a fresh random token; `owner` is the worker id."""
        ...

    def load(
        self,
        partition: int,
        token: str,
        at: Position | None,
        customers: Sequence[str],
        due_until: int | None,
        due_limit: int,
    ) -> Loaded:
        """The states of `customers` and of whoever is due up to `due_until` (inclusive).

        `at` is the position this worker last knew written (None: nothing yet).
        Raises Fenced, Moved, Unavailable, StateTooNew.
        """
        ...

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
        """Everything of one batch, or nothing. `record.position.batch` is `at.batch` + 1 (or 1).

        'already_written' when this very batch and nonce are there (a client re-sent the call).
        Raises Fenced, Moved, Unavailable.
        """
        ...

    def pages(self, partition: int) -> int:
        """In how many pages the customers of a taken partition lie; fixed for its namespace."""
        ...

    def page(
        self, partition: int, token: str, at: Position | None, page: int
    ) -> dict[str, Customer]:
        """Everybody on one page (0 up to `pages`), in no order; fenced as `load` is."""
        ...

    def accept_bad(self, partition: int) -> None:
        """An operator lets a held partition go on, its bad records into the dead letters."""
        ...

    def look(self, partition: int) -> tuple[str | None, PartitionRecord | None]:
        """The owner's worker id and the record, read without owning anything."""
        ...

    def find(self, partition: int, customer_id: str) -> Customer | None:
        """One customer's state, read without owning anything."""
        ...

    def everybody(self, partition: int) -> Iterator[tuple[str, Customer]]:
        """All customers of a partition, in no order, read without owning anything."""
        ...

    def timers(self, partition: int) -> Iterator[tuple[int, str]]:
        """All timer entries of a partition, for audits."""
        ...

    def forget(self, partitions: Iterable[int]) -> None:
        """Remove everything of these partitions (tests and `rebuild`)."""
        ...
