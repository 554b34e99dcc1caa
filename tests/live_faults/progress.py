"""How the partitions move: when each batch was made, and when a subscriber could see it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.outputs import JournalRecord


@dataclass(frozen=True, slots=True)
class Moved:
    """One batch on the journal; times in seconds since 1970."""

    made: float
    """When its worker sent it, within its transaction."""
    seen: float
    """When a read_committed subscriber saw it."""
    worker: str
    policy: str
    batch: int


class Progress:
    """Written by the watching thread, read by the run."""

    def __init__(self, partitions: int) -> None:
        self.partitions = range(partitions)
        self._moves: dict[int, list[Moved]] = defaultdict(list)
        self._lock = threading.Lock()

    def batch(self, journal: JournalRecord, made: float) -> None:
        """A batch was seen."""
        moved = Moved(made, time.time(), journal.worker_id, journal.policy_digest, journal.batch)
        with self._lock:
            self._moves[journal.partition].append(moved)

    def since(self, partition: int, made: float) -> list[Moved]:
        """The batches of a partition that were made after a time."""
        with self._lock:
            moves = self._moves[partition]
            first = len(moves)
            while first and moves[first - 1].made > made:
                first -= 1
            return moves[first:]

    def last(self, partition: int) -> Moved | None:
        """The last batch."""
        with self._lock:
            moves = self._moves[partition]
            return moves[-1] if moves else None

    def owned_by(self, worker_id: str) -> list[int]:
        """The partitions whose last batch this worker made."""
        found = {number: self.last(number) for number in self.partitions}
        return [number for number, last in found.items() if last and last.worker == worker_id]

    def goes_on(
        self, after: float, partitions: Sequence[int], *, without: str = "", batches: int = 2
    ) -> bool:
        """Whether each moved by `batches` since; two, for the second shows that the first is
        remembered too. `without`: batches of this worker do not count."""
        return all(
            sum(moved.worker != without for moved in self.since(number, after)) >= batches
            for number in partitions
        )

    def standstill(self, begin: float, end: float, partitions: Sequence[int]) -> float:
        """The longest time between two batches of one partition, as a subscriber saw them."""
        longest = 0.0
        for number in partitions:
            at = begin
            for moved in self.since(number, begin):
                if moved.seen > end:
                    break
                longest, at = max(longest, moved.seen - at), moved.seen
            longest = max(longest, end - at)
        return longest
