"""One partition in a worker's hands: where it stands, and what waits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from consumer.clock import PartitionClock
from consumer.hold import Hold
from consumer.known import Known
from consumer.merge import Merge
from store.port import PartitionRecord, Position, Taken


@dataclass(slots=True)
class Partition:
    """A partition owned and recovered: `at` is what the store was last known to hold."""

    number: int
    token: str
    store: str
    """What the store calls this life of the partition's state."""
    topics: tuple[str, ...]
    clock: PartitionClock
    at: Position | None
    record: PartitionRecord | None
    next_offsets: dict[str, int]
    """The first offset per topic that no batch has consumed."""
    merge: Merge
    pages: int
    """On how many pages the store keeps its customers."""
    known: Known
    hold: Hold = field(default_factory=Hold)
    sweep_pending: bool = False
    """The last sweep stopped at its limit."""
    checked_at: float = float("-inf")
    """When its due times were last looked at while idle (monotonic seconds)."""
    recompute_page: int | None = None
    """The next page of customers to recompute under a policy newly accepted."""
    paused: set[str] = field(default_factory=set)

    @property
    def batch(self) -> int:
        """The number of the next batch."""
        return 1 if self.at is None else self.at.batch + 1

    @property
    def stages(self) -> Mapping[str, int]:
        """Customers per stage."""
        return {} if self.record is None else self.record.stages

    def written(self, record: PartitionRecord, clock: PartitionClock, hold: Hold) -> None:
        """The store holds `record` now."""
        self.at = record.position
        self.record = record
        self.clock = clock
        self.hold = hold
        self.next_offsets = dict(record.position.offsets)
        self.recompute_page = record.recompute_page


def restore(
    number: int,
    taken: Taken,
    topics: tuple[str, ...],
    lateness: int,
    begins: Mapping[str, int],
    pages: int,
    cached: int,
) -> Partition:
    """A partition as its record says, or at the beginning of the topics."""
    record = taken.record
    clock = PartitionClock(topics, lateness)
    hold = Hold()
    offsets = dict(begins)
    if record is not None:
        clock.restore(record.clock, record.highest, record.watermarks)
        hold = Hold.unpack(record.bad_window)
        offsets = dict(record.position.offsets)
    return Partition(
        number,
        taken.token,
        taken.store,
        topics,
        clock,
        None if record is None else record.position,
        record,
        offsets,
        Merge(topics),
        pages,
        Known(cached),
        hold,
    )


def commit_metadata(batch: int, nonce: str, owner: str) -> str:
    """What travels with the committed offsets, so that an attempt can be told from another."""
    return json.dumps({"batch": batch, "nonce": nonce, "owner": owner}, separators=(",", ":"))


def parse_metadata(text: str) -> tuple[int, str, str] | None:
    """(batch, nonce, owner) of `commit_metadata`; None if somebody else wrote the offsets."""
    try:
        found = json.loads(text)
        return int(found["batch"]), str(found["nonce"]), str(found["owner"])
    except (ValueError, KeyError, TypeError):
        return None
