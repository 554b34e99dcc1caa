"""A broker in memory: the worker's three ports without a network, for tests and simulations.

It keeps what the protocol rests on: partitions with offsets, one group with generations and
static members, transactions that are all or nothing, committed offsets with metadata, fencing of
a member of an older generation. It is deterministic and has no threads and no time of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from consumer.ports import Assignment, Committed, InDoubt, OutRecord, PartitionCommit
from consumer.records import InputRecord
from schemas.outputs import JournalRecord


@dataclass(slots=True)
class MemoryLog:
    """The broker: input topics, what was published, and the group."""

    topics: tuple[str, ...]
    partitions: int
    journal_topic: str = "tenure.journal"
    inputs: dict[tuple[str, int], list[InputRecord]] = field(default_factory=dict)
    published: list[OutRecord] = field(default_factory=list)
    """Everything committed, in order of commit, the journal's records apart."""
    journals: dict[int, list[JournalRecord]] = field(default_factory=dict)
    committed: dict[int, Committed] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    generation: int = 0
    members: list[str] = field(default_factory=list)

    def append(
        self, topic: str, partition: int, key: bytes | None, value: bytes, timestamp: int
    ) -> None:
        """A producer's record."""
        records = self.inputs.setdefault((topic, partition), [])
        records.append(InputRecord(topic, partition, len(records), timestamp, key, value))

    def join(self, member: str) -> None:
        """A member joins, or a static member comes back: a new generation for all."""
        if member not in self.members:
            self.members.append(member)
        self.generation += 1

    def leave(self, member: str) -> None:
        """A member's session is over: a new generation for the rest."""
        self.members.remove(member)
        self.generation += 1

    def assigned(self, member: str) -> frozenset[int]:
        """Range assignment over the members in order of their ids."""
        members = sorted(self.members)
        if member not in members:
            return frozenset()
        place = members.index(member)
        share, more = divmod(self.partitions, len(members))
        begin = place * share + min(place, more)
        return frozenset(range(begin, begin + share + (place < more)))

    def end(self, topic: str, partition: int) -> int:
        """The next offset of a topic partition."""
        return len(self.inputs.get((topic, partition), ()))


class MemorySource:
    """consumer.ports.Source on a MemoryLog."""

    def __init__(self, log: MemoryLog, member: str) -> None:
        self._log = log
        self._member = member
        self._generation = -1
        self._positions: dict[tuple[str, int], int] = {}
        self._paused: set[tuple[str, int]] = set()
        log.join(member)

    def assignment(self) -> Assignment | None:
        """The present generation, if it is news."""
        if self._generation == self._log.generation:
            return None
        self._generation = self._log.generation
        self._positions.clear()
        self._paused.clear()
        return Assignment(self._generation, self._log.assigned(self._member))

    def poll(self, timeout: float, limit: int) -> Sequence[Sequence[InputRecord]]:
        """At most `limit` records, from one topic partition first, as clients do it."""
        runs: list[list[InputRecord]] = []
        for place, position in self._positions.items():
            if place not in self._paused and limit:
                run = self._log.inputs.get(place, [])[position : position + limit]
                if run:
                    runs.append(run)
                    limit -= len(run)
        for run in runs:
            self._positions[run[-1].topic, run[-1].partition] = run[-1].offset + 1
        return runs

    def attend(self) -> None:
        """Nobody is lost here for being silent."""

    def start(self, partition: int, offsets: Mapping[str, int]) -> None:
        """Read from these offsets on."""
        for topic in self._log.topics:
            self._positions[topic, partition] = offsets[topic]
            self._paused.discard((topic, partition))

    def pause(self, topic: str, partition: int) -> None:
        """Read no more of it for now."""
        self._paused.add((topic, partition))

    def resume(self, topic: str, partition: int) -> None:
        """Read on."""
        self._paused.discard((topic, partition))

    def positions(self, partition: int) -> Mapping[str, int]:
        """The next offsets."""
        return {topic: self._positions[topic, partition] for topic in self._log.topics}

    def begins(self, partition: int) -> Mapping[str, int]:
        """Nothing is ever deleted."""
        return dict.fromkeys(self._log.topics, 0)

    def ends(self, partitions: Sequence[int]) -> Mapping[tuple[str, int], int]:
        """The ends of the input topics."""
        return {
            (topic, partition): self._log.end(topic, partition)
            for topic in self._log.topics
            for partition in partitions
        }

    def committed(self, partition: int) -> Committed | None:
        """K, if it is there for every topic."""
        found = self._log.committed.get(partition)
        if found is None or not found.offsets.keys() >= set(self._log.topics):
            return None
        offsets = {topic: found.offsets[topic] for topic in self._log.topics}
        return Committed(offsets, found.batch, found.nonce, found.owner)

    def close(self) -> None:
        """A static member stays in the group."""


class MemoryPublisher:
    """consumer.ports.Publisher on a MemoryLog."""

    def __init__(self, log: MemoryLog, member: str) -> None:
        self._log = log
        self._member = member

    def commit(
        self,
        generation: int,
        commits: Sequence[PartitionCommit],
        meanwhile: Callable[[], None],
    ) -> Mapping[int, int]:
        """All or nothing; nothing for a member of an older generation."""
        meanwhile()
        if generation != self._log.generation:
            raise InDoubt(f"generation {generation} is over")
        offsets: dict[int, int] = {}
        for commit in commits:
            self._log.published += commit.records
            journal = self._log.journals.setdefault(commit.partition, [])
            offsets[commit.partition] = len(journal)
            journal.append(JournalRecord.model_validate_json(commit.journal.value or b""))
            self._log.committed[commit.partition] = Committed(
                dict(commit.offsets), commit.batch, commit.nonce, self._member
            )
        return offsets

    def release(self, owner: str) -> None:
        """No transaction stays open here."""

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryHistory:
    """consumer.ports.History on a MemoryLog."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def read(
        self, partition: int, begin: Mapping[str, int], end: Mapping[str, int]
    ) -> Mapping[str, Sequence[InputRecord]]:
        """A range of the inputs."""
        return {
            topic: self._log.inputs.get((topic, partition), [])[first : end[topic]]
            for topic, first in begin.items()
        }

    def journal(self, partition: int, begin: int) -> Iterator[tuple[int, JournalRecord]]:
        """The journal from an offset on."""
        records = self._log.journals.get(partition, [])
        yield from list(enumerate(records))[begin:]

    def policy(self, digest: str) -> str | None:
        """A policy by its digest."""
        return self._log.policies.get(digest)
