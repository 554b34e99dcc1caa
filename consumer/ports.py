"""What the worker needs of Kafka: a source to read, a publisher to commit with, history to re-read.

Three protocols, so that a memory log (consumer/memory_log.py) stands in for a broker in tests and
simulations, under the very worker that runs on Kafka. Errors come in the product's three kinds:
the world's (Unavailable: wait and try again), doubt about a commit (InDoubt: recover), and the
end of this worker's right to act (Superseded: stop).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from consumer.records import InputRecord
from consumer.report import Reporter
from schemas.outputs import JournalRecord
from store.port import Keeper


class Unavailable(Exception):
    """Kafka cannot be reached, or not fully: the world's failure. Wait and try again."""


class InDoubt(Exception):
    """The outcome of a transaction is not known: recover every partition that was in it."""


class Superseded(Exception):
    """Another worker runs under this worker's id: stop; the message says what to do."""


class Unstable(Exception):
    """What was committed hides behind an open transaction; the message says what of it."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """The partitions of every input topic that the group gave this worker, as one generation."""

    generation: int
    partitions: frozenset[int]


@dataclass(frozen=True, slots=True)
class Committed:
    """What the group's committed offsets say of a partition: K."""

    offsets: Mapping[str, int]
    batch: int
    nonce: str
    owner: str
    """The transactional id that committed it."""


@dataclass(frozen=True, slots=True)
class OutRecord:
    """One record to publish. `partition` None: where the key belongs."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class PartitionCommit:
    """One partition's share of a transaction."""

    partition: int
    offsets: Mapping[str, int]
    batch: int
    nonce: str
    records: Sequence[OutRecord]
    journal: OutRecord


class Source(Protocol):
    """The input topics, as a member of the consumer group.

    Calls about a partition that the group has just taken away raise InDoubt.
    """

    def assignment(self) -> Assignment | None:
        """What this worker owns, if that changed since the last call.

        While the group makes up its mind that is nothing.
        """
        ...

    def poll(self, timeout: float, limit: int) -> Sequence[Sequence[InputRecord]]:
        """Records of the started partitions, at most `limit`, waiting up to `timeout` seconds.

        In runs, each of one topic partition and in offset order; no run is empty.

        Raises Superseded when another process has joined under this worker's id.
        """
        ...

    def attend(self) -> None:
        """Stay a member of the group while nothing can be read: `start` is needed to read on.

        Raises as `poll` does.
        """
        ...

    def start(self, partition: int, offsets: Mapping[str, int]) -> None:
        """Read every topic of `partition` from these offsets on."""
        ...

    def pause(self, topic: str, partition: int) -> None:
        """Read no more of this topic partition for now."""
        ...

    def resume(self, topic: str, partition: int) -> None:
        """Read on."""
        ...

    def positions(self, partition: int) -> Mapping[str, int]:
        """The next offset that would be read, per topic."""
        ...

    def begins(self, partition: int) -> Mapping[str, int]:
        """The first offset that the log still has, per topic."""
        ...

    def ends(self, partitions: Sequence[int]) -> Mapping[tuple[str, int], int]:
        """The end (last stable offset) of every topic of these partitions, whoever owns them."""
        ...

    def committed(self, partition: int) -> Committed | None:
        """K, once no transaction hides it. Raises Unstable, Unavailable."""
        ...

    def close(self) -> None:
        """Stop reading. A static member stays in the group until its session ends."""
        ...


class Publisher(Protocol):
    """One Kafka transaction per batch."""

    def commit(
        self,
        generation: int,
        commits: Sequence[PartitionCommit],
        meanwhile: Callable[[], None],
    ) -> Mapping[int, int]:
        """Publish and commit everything at once: the journal offset per partition.

        `meanwhile` is called once, when everything is on its way and nothing is committed.

        Raises InDoubt when the outcome is not known (or is known to be nothing), Superseded.
        """
        ...

    def release(self, owner: str) -> None:
        """End whatever transaction `owner` left open: this worker itself, or one believed dead."""
        ...

    def close(self) -> None:
        """Let go of the broker, and of whatever is believed of the last transaction."""
        ...


class History(Protocol):
    """The past: ranges of input, and the journal."""

    def read(
        self, partition: int, begin: Mapping[str, int], end: Mapping[str, int]
    ) -> Mapping[str, Sequence[InputRecord]]:
        """Per topic, the records from `begin` to before `end`, in offset order."""
        ...

    def journal(self, partition: int, begin: int) -> Iterator[tuple[int, JournalRecord]]:
        """The journal's committed records of `partition` from offset `begin` on: (offset, record).

        `begin` 0 means from wherever the journal still begins. The call itself raises Unstable
        while an open transaction hides the journal's end.
        """
        ...

    def policy(self, digest: str) -> str | None:
        """The canonical text of a policy that was published, by its digest."""
        ...


class Clock(Protocol):
    """Time, as the worker is told it; tests bring their own."""

    def wall(self) -> int:
        """Milliseconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that the worker touches."""

    source: Source
    publisher: Publisher
    history: History
    keeper: Keeper
    clock: Clock
    reporter: Reporter
