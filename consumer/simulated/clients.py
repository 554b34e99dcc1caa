"""kafka-python on the simulated cluster: the calls that the worker makes, and their traps.

A process is asked before and after every call that reaches the cluster (`Process.effect`): there it
may be stopped, frozen, or told that the call failed. The traps, each as the client really has it:

- a record that outlives its delivery time fails without any state transition: the commit goes on
- a commit may report success falsely, with or without a changed producer epoch
- offsets of a transaction that failed are sent again by the same producer's next one
- a group's metadata changes between polls; after too long a pause it is empty, and not fenced
- positions pass markers; the end of a read_committed consumer is the last stable offset
- committed offsets wait for stable ones only for a read_committed consumer
- Range keeps positions and paused flags of retained partitions
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

from kafka import OffsetAndMetadata, TopicPartition, errors

from consumer.records import InputRecord
from consumer.simulated.cluster import Attempt, Cluster, Fenced, NotAMember

_INCARNATIONS = itertools.count(1)


class Process(Protocol):
    """The process in which clients run, as the simulation sees it."""

    def effect(self, what: str) -> str:
        """A call reaches the cluster, or its answer comes back: what is to happen to it.

        '' as usual; 'fail' the call fails; 'lose' (sends) the record is lost; 'lie' (commits) it
        is said to have been committed; 'slow' (commits) its markers come late.
        """
        ...

    def wait(self, seconds: float) -> None:
        """The process waits."""
        ...

    def now(self) -> float:
        """Seconds."""
        ...


class Metadata(NamedTuple):
    """kafka-python's ConsumerGroupMetadata."""

    group_id: str
    generation_id: int
    member_id: str
    group_instance_id: str | None


@dataclass(slots=True)
class _Batches:
    """The fetcher's interior, as far as the worker's source looks into it."""

    _next_partition_records: Any = None
    PartitionRecords: Any = None


class _Coordinator:
    """The coordinator's interior, as far as the worker's source looks into it."""

    def __init__(self) -> None:
        self._lock = nullcontext()
        self._heartbeat_enabled = True
        self.rejoin_needed = False

    def stable(self) -> bool:
        """The client believes itself a member."""
        return True


@dataclass(eq=False)
class SimulatedConsumer:
    """kafka.KafkaConsumer."""

    cluster: Cluster
    process: Process
    settings: Mapping[str, Any]
    _positions: dict[TopicPartition, int] = field(default_factory=dict)
    _paused: set[TopicPartition] = field(default_factory=set)
    _assigned: list[TopicPartition] = field(default_factory=list)
    _topics: tuple[str, ...] = ()
    _listener: Any = None
    _generation: int = -1
    _member: str = ""
    _polled_at: float = 0.0

    def __post_init__(self) -> None:
        self._fetcher = _Batches()
        self._coordinator = _Coordinator()
        self._committed_only = self.settings.get("isolation_level") == "read_committed"
        self._group = self.settings.get("group_id")
        self._instance = str(self.settings.get("group_instance_id"))
        self._poll_interval = self.settings.get("max_poll_interval_ms", 300_000) / 1000

    # Without a group.

    def assign(self, places: Iterable[TopicPartition]) -> None:
        """Read these, from wherever is told next."""
        self._assigned = list(places)

    def partitions_for_topic(self, topic: str) -> set[int]:
        """The partitions there are."""
        return {number for name, number in self.cluster.logs if name == topic}

    def beginning_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offsets there still are."""
        self._call("begins")
        return {place: self.cluster.logs[tuple(place)].begin for place in places}

    def end_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The last stable offsets, or the ends for a reader of everything."""
        self._call("ends")
        logs = {place: self.cluster.logs[tuple(place)] for place in places}
        if self._committed_only:
            return {place: log.stable_end for place, log in logs.items()}
        return {place: log.end for place, log in logs.items()}

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Read on from here."""
        self._check_assigned(place)
        self._positions[place] = offset

    def position(self, place: TopicPartition) -> int:
        """The next offset that would be read."""
        self._check_assigned(place)
        return self._positions[place]

    def pause(self, place: TopicPartition) -> None:
        """Give no more of it."""
        self._check_assigned(place)
        self._paused.add(place)

    def resume(self, place: TopicPartition) -> None:
        """Give of it again."""
        self._check_assigned(place)
        self._paused.discard(place)

    def poll(
        self, timeout_ms: int = 0, max_records: int = 500
    ) -> dict[TopicPartition, list[InputRecord]]:
        """Records of one partition first, as the client does it; waits if there are none."""
        self._call("poll")
        self._polled_at = self.process.now()
        if self._group is not None:
            self._follow_the_group()
        found = self._fetched(max_records)
        if not found and timeout_ms:
            self.process.wait(timeout_ms / 1000)
            found = self._fetched(max_records)
        return found

    def close(self, autocommit: bool = False) -> None:  # noqa: FBT001, FBT002  # the client's
        """A static member does not leave."""

    # With a group.

    def subscribe(self, topics: Sequence[str], listener: Any) -> None:
        """Join with the next poll."""
        self._topics, self._listener = tuple(topics), listener

    def assignment(self) -> set[TopicPartition]:
        """What the group gave."""
        return set(self._assigned)

    def group_metadata(self) -> Metadata:
        """Who this is by now; empty after too long a pause between two polls."""
        if self._group is None:
            raise errors.IllegalStateError("no group")
        return Metadata(self._group, self._generation, self._member, self._instance)

    def committed(
        self,
        place: TopicPartition,
        metadata: bool = False,  # noqa: FBT001, FBT002  # the client's
        timeout_ms: int | None = None,
    ) -> OffsetAndMetadata | None:
        """K of one partition; waits for a stable one."""
        self._call("committed")
        until = self.process.now() + (timeout_ms or 0) / 1000
        while self._committed_only and self.cluster.group.is_unstable(tuple(place)):
            if self.process.now() >= until:
                raise errors.KafkaTimeoutError("unstable offsets")
            self.process.wait(0.1)
        found = self.cluster.group.committed.get(tuple(place))
        self._answer("committed")
        return None if found is None else OffsetAndMetadata(found[0], found[1], -1)

    def heartbeat(self) -> None:
        """What the client's own thread does while the process runs, however busy it is."""
        if not self._member:
            return
        if self.process.now() - self._polled_at > self._poll_interval:
            self.cluster.group.leave(self._instance, self._member)
            self._generation, self._member = -1, ""
            return
        said = self.cluster.group.heartbeat(self._instance, self._member, self.process.now())
        if said == "replaced":
            # The client logs it, and its heartbeat ends.
            self._coordinator._heartbeat_enabled = False  # noqa: SLF001

    def _follow_the_group(self) -> None:
        group, now = self.cluster.group, self.process.now()
        said = group.heartbeat(self._instance, self._member, now) if self._member else "unknown"
        if said == "replaced":
            self._coordinator._heartbeat_enabled = False  # noqa: SLF001
            return
        if said == "stable" and self._generation == group.generation:
            return
        if self._generation != -1:
            self._listener.on_partitions_revoked(list(self._assigned))
            self._generation = -1
        if not self._member:
            self._member = f"{self._instance}-{next(_INCARNATIONS)}"
        if not group.join(self._instance, self._member, now):
            return
        self._generation = group.generation
        numbers = group.assigned.get(self._instance, ())
        self._assigned = [TopicPartition(t, number) for t in self._topics for number in numbers]
        self._paused = {place for place in self._paused if place in self._assigned}
        self._listener.on_partitions_assigned(list(self._assigned))

    def _fetched(self, most: int) -> dict[TopicPartition, list[InputRecord]]:
        found: dict[TopicPartition, list[InputRecord]] = {}
        for place in self._assigned:
            if place in self._paused or most <= 0:
                continue
            log = self.cluster.logs[tuple(place)]
            position = self._positions[place]
            if position < log.begin:
                raise errors.OffsetOutOfRangeError({place: position})
            entries, self._positions[place] = log.read(
                position, most, committed=self._committed_only
            )
            if entries:
                found[place] = [
                    InputRecord(
                        place.topic,
                        place.partition,
                        entry.offset,
                        entry.timestamp,
                        entry.key,
                        entry.value,
                        entry.headers,
                    )
                    for entry in entries
                ]
                most -= len(entries)
        return found

    def _check_assigned(self, place: TopicPartition) -> None:
        if place not in self._assigned:
            raise errors.IllegalStateError(f"{place} is not assigned")

    def _call(self, what: str) -> None:
        if self.process.effect(what) == "fail":
            raise errors.KafkaConnectionError(f"{what} failed")

    def _answer(self, what: str) -> None:
        if self.process.effect(f"{what} answered") == "fail":
            raise errors.KafkaConnectionError(f"the answer to {what} was lost")


class _Future:
    """What a send will have become."""

    def __init__(self, outcome: Callable[[], int]) -> None:
        self._outcome = outcome

    def get(self, timeout: float | None = None) -> Any:
        """The record's offset, or the reason why it has none."""
        return SimpleNamespace(offset=self._outcome())


@dataclass(eq=False)
class SimulatedProducer:
    """kafka.KafkaProducer with a transactional id."""

    cluster: Cluster
    process: Process
    settings: Mapping[str, Any]
    _epoch: int = -1
    _attempt: Attempt | None = None
    _leftover: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._id = str(self.settings["transactional_id"])
        self._transaction_manager = SimpleNamespace(producer_id_and_epoch=(self._id, -1))

    def init_transactions(self) -> None:
        """Take the id, and end what an older producer of it left open."""
        self._call("init")
        self._epoch = self.cluster.initialise(self._id)
        self._transaction_manager.producer_id_and_epoch = (self._id, self._epoch)

    def begin_transaction(self) -> None:
        """Nothing that the cluster hears of."""
        self._attempt = None

    def send(
        self,
        topic: str,
        key: bytes | None = None,
        value: bytes | None = None,
        headers: Sequence[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> _Future:
        """On its way; whether it arrived is told by the future alone."""
        said = self.process.effect("send")
        if said in ("fail", "lose"):
            return _Future(_failed)
        number = partition if partition is not None else self._place(topic, key)
        try:
            offset = self.cluster.produce(
                self._begun(), (topic, number), key, value, tuple(headers)
            )
        except Fenced:
            return _Future(_fenced)
        return _Future(lambda: offset)

    def send_offsets_to_transaction(
        self, offsets: Mapping[TopicPartition, OffsetAndMetadata], identity: Metadata
    ) -> None:
        """The offsets; and those that a failed transaction of this producer left behind."""
        given = {tuple(place): (one.offset, one.metadata) for place, one in offsets.items()}
        self._leftover |= given
        self._call("offsets")
        try:
            by = (str(identity.group_instance_id), identity.member_id, identity.generation_id)
            self.cluster.add_offsets(self._begun(), dict(self._leftover), by)
        except Fenced:
            raise errors.ProducerFencedError("fenced") from None
        except NotAMember as error:
            if error.replaced:
                raise errors.FencedInstanceIdError(str(error)) from None
            raise errors.CommitFailedError(str(error)) from None

    def commit_transaction(self) -> None:
        """The end; what it says is not always what was."""
        said = self.process.effect("commit")
        if said == "fail":
            raise errors.KafkaTimeoutError("the end of the transaction timed out")
        if said.startswith("lie"):
            # OutOfOrderSequence or InvalidProducerEpoch: the client completes it by itself.
            if said == "lie, epoch told":
                self._transaction_manager.producer_id_and_epoch = (self._id, self._epoch + 1)
            return
        try:
            if self._attempt is not None:
                late = 1.5 if said == "slow" else 0.0
                self.cluster.end(self._attempt, commit=True, markers_after=late)
        except Fenced:
            raise errors.ProducerFencedError("fenced") from None
        self._leftover = {}
        if self.process.effect("commit answered") == "fail":
            raise errors.KafkaTimeoutError("the answer to the commit was lost")

    def close(self, timeout: float | None = None) -> None:
        """What is open stays open."""

    def _begun(self) -> Attempt:
        if self._attempt is None:
            while self.cluster.is_ending(self._id):
                self.process.wait(0.1)  # CONCURRENT_TRANSACTIONS, retried
            self._attempt = self.cluster.begin(self._id, self._epoch)
        return self._attempt

    def _place(self, topic: str, key: bytes | None) -> int:
        count = sum(1 for name, _ in self.cluster.logs if name == topic)
        return sum(key or b"") % count

    def _call(self, what: str) -> None:
        if self.process.effect(what) == "fail":
            raise errors.KafkaConnectionError(f"{what} failed")


def _failed() -> int:
    raise errors.KafkaTimeoutError("the batch expired before it was delivered")


def _fenced() -> int:
    raise errors.ProducerFencedError("fenced")
