"""The source on Kafka: a static member of the consumer group.

What kafka-python needs to be told, and why:
Range assignment, so that partition p of every topic goes to one worker; read_committed, which also
makes the offset fetch wait for stable offsets; auto_offset_reset 'none', because every other
value silently jumps over lost data; no auto commit, for offsets travel in the transaction.
The rebalance listener runs on the client's I/O thread, where calls that block raise: it notes the
change, pauses and seeks; everything else is done by the worker's own thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import ConsumerRebalanceListener, TopicPartition
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import FencedInstanceIdError, IllegalStateError, KafkaTimeoutError

from consumer.kafka.clients import ANSWER_MS, KAFKA_PYTHON, Clients
from consumer.kafka.failures import translated
from consumer.kafka.unpacking import unpack_quickly
from consumer.partition import parse_metadata
from consumer.ports import Assignment, Committed, History, InDoubt, Unstable
from consumer.records import InputRecord
from consumer.settings import Settings
from schemas.outputs import JournalRecord

_STABLE_WAIT_MS = 1_000
_LOOKS = 5
"""Offsets are asked for topic by topic; after a commit in between they are looked at again."""
_HEARTBEATS = 10
"""In one session. The answer to a heartbeat is how a worker hears that a dead one's partitions are
to be shared out: what lies between two of them is added to the session of whoever died."""
_FETCH_WAIT_MS = 50
"""A broker answers one request of a connection after the other: questions about offsets wait
behind a fetch that finds nothing for so long (the client's default is 500)."""


class UnequalAssignmentError(Exception):
    """The group did not give the same partition of every topic to one worker."""


class KafkaSource:
    """Reads the input topics for one worker."""

    def __init__(
        self, settings: Settings, history: History, clients: Clients = KAFKA_PYTHON
    ) -> None:
        self._settings = settings
        self._history = history
        self._listener = _Listener()
        self._tails: dict[int, tuple[int, JournalRecord]] = {}
        self.identity: Any = None
        """The group's word on who this worker is, taken once per assignment (KIP-447)."""
        with translated("joining the group"):
            self._consumer = clients.consumer(
                **settings.kafka(),
                group_id=settings.group,
                group_instance_id=settings.worker_id,
                client_id=settings.worker_id,
                partition_assignment_strategy=[RangePartitionAssignor],
                isolation_level="read_committed",
                auto_offset_reset="none",
                enable_auto_commit=False,
                session_timeout_ms=int(settings.session_timeout * 1000),
                heartbeat_interval_ms=max(int(settings.session_timeout * 1000) // _HEARTBEATS, 100),
                max_poll_interval_ms=int(settings.poll_interval * 1000),
                max_poll_records=settings.batch_records,
                max_partition_fetch_bytes=2_097_152,
                fetch_max_wait_ms=_FETCH_WAIT_MS,
                request_timeout_ms=ANSWER_MS,
                retry_backoff_ms=5,
                metrics_enabled=False,
                allow_auto_create_topics=False,
            )
        unpack_quickly(self._consumer)
        self._listener.consumer = self._consumer
        self._consumer.subscribe(topics=list(settings.topics), listener=self._listener)
        with translated("asking for the partitions"):
            for topic in settings.topics:
                # Known before the group is joined: a leader who does not know the partitions yet
                # assigns none to anybody, and the client may never notice that it should again.
                self._consumer.partitions_for_topic(topic)

    def assignment(self) -> Assignment | None:
        """What this worker owns, if that changed: nothing, while the group makes up its mind."""
        if not self._listener.changed:
            return None
        self._listener.changed = False
        identity = self._consumer.group_metadata()
        least = 0 if self._settings.kafka_embedded else 1
        if self._listener.owns and identity.generation_id >= least and identity.member_id:
            self.identity = identity
            return Assignment(identity.generation_id, self._whole(self._consumer.assignment()))
        if self._listener.owns:
            self._listener.changed = True
        self.identity = None
        return Assignment(-1, frozenset())

    def joined_anew(self, identity: Any) -> bool:
        """Whether this worker's own consumer has given up the membership of `identity`.

        A broker that was away for a session has forgotten the member; the client then joins again
        under a new member id, on its own thread, and what is committed under the old one is
        refused as if another process had taken this worker's place.
        """
        return bool(self._consumer.group_metadata().member_id != identity.member_id)

    def poll(self, timeout: float, limit: int) -> Sequence[Sequence[InputRecord]]:
        """Records of whatever is started; also what keeps the membership alive."""
        self._forget_drained()
        with translated("reading", self._settings.worker_id):
            found = self._consumer.poll(timeout_ms=int(timeout * 1000), max_records=limit)
            self._still_a_member()
        return [records for records in found.values() if records]

    def attend(self) -> None:
        """A member that does not poll for five minutes leaves, and a rebalance awaits its poll."""
        with suppress(InDoubt):
            for place in self._consumer.assignment():
                self.pause(place.topic, place.partition)
        self.poll(0.0, 1)

    def start(self, partition: int, offsets: Mapping[str, int]) -> None:
        """Seek and resume every topic of the partition, whatever the client kept of it."""
        for topic in self._settings.topics:
            with _owned(partition):
                place = TopicPartition(topic, partition)
                self._consumer.seek(place, offsets[topic])
                self._consumer.resume(place)

    def pause(self, topic: str, partition: int) -> None:
        """Read no more of it for now."""
        with _owned(partition):
            self._consumer.pause(TopicPartition(topic, partition))

    def resume(self, topic: str, partition: int) -> None:
        """Read on."""
        with _owned(partition):
            self._consumer.resume(TopicPartition(topic, partition))

    def positions(self, partition: int) -> Mapping[str, int]:
        """The next offsets that the client would read; they pass transaction markers."""
        with translated("asking for the position"), _owned(partition):
            return {
                topic: self._consumer.position(TopicPartition(topic, partition))
                for topic in self._settings.topics
            }

    def begins(self, partition: int) -> Mapping[str, int]:
        """The first offsets there still are."""
        with translated("asking for the first offsets"):
            found = self._consumer.beginning_offsets(self._places([partition]))
        return {place.topic: offset for place, offset in found.items()}

    def ends(self, partitions: Sequence[int]) -> Mapping[tuple[str, int], int]:
        """The last stable offsets, for the consumer reads committed."""
        with translated("asking for the last offsets"):
            found = self._consumer.end_offsets(self._places(partitions))
        return {(place.topic, place.partition): offset for place, offset in found.items()}

    def committed(self, partition: int) -> Committed | None:
        """K: offsets and metadata of every topic, which must be of one commit."""
        for _ in range(_LOOKS):
            found = self._offsets(partition)
            if found is None or self._settings.kafka_embedded:
                return found and self._from_journal(partition, found[0])
            offsets, said = found
            parsed = {parse_metadata(metadata) for metadata in said}
            if None in parsed:
                raise UnequalAssignmentError(
                    f"the committed offsets of group '{self._settings.group}' on partition"
                    f" {partition} are not Tenure's: another program commits under this group."
                    " Give this deployment a name of its own (TENURE_DEPLOYMENT)"
                )
            one = parsed.pop()
            if one is not None and not parsed:
                return Committed(offsets, *one)
        raise Unstable(f"partition {partition}: commits came between the looks at its topics")

    def _offsets(self, partition: int) -> tuple[dict[str, int], set[str]] | None:
        """The committed offset per topic, and all metadata beside them; None without any."""
        offsets: dict[str, int] = {}
        said: set[str] = set()
        with translated("asking for the committed position"):
            for topic in self._settings.topics:
                try:
                    found = self._consumer.committed(
                        TopicPartition(topic, partition),
                        metadata=True,
                        timeout_ms=_STABLE_WAIT_MS,
                    )
                except KafkaTimeoutError:
                    raise Unstable(f"partition {partition} of {topic}") from None
                if found is None or found.offset < 0:
                    return None
                offsets[topic] = found.offset
                said.add(found.metadata or "")
        return offsets, said

    def _forget_drained(self) -> None:
        """Let the client take up the records of a partition that was resumed.

        kafka-python 3.0.12 parks what it holds of a paused partition, and takes it up again only
        while no other partition's records are in its hand; but it keeps records that are used up
        there. Then a resumed partition is neither taken up nor fetched again, for ever.
        """
        fetcher = self._consumer._fetcher  # noqa: SLF001
        if not fetcher._next_partition_records:  # noqa: SLF001
            fetcher._next_partition_records = None  # noqa: SLF001

    def close(self) -> None:
        """Stop reading, without leaving the group: a restart soon takes up where it was."""
        self._consumer.close(autocommit=False)

    def _from_journal(self, partition: int, offsets: Mapping[str, int]) -> Committed | None:
        """The embedded broker keeps no metadata: the journal's tail has the same facts."""
        begin = self._tails[partition][0] if partition in self._tails else 0
        for offset, record in self._history.journal(partition, begin):
            self._tails[partition] = offset, record
        tail = self._tails[partition][1] if partition in self._tails else None
        if tail is None or dict(offsets) != tail.to_offsets:
            return None
        return Committed(offsets, tail.batch, tail.nonce, tail.worker_id)

    def _still_a_member(self) -> None:
        """Raise FencedInstanceIdError if another process joined under this worker's id.

        The client only logs that and stops its heartbeat; nothing would ever tell this worker.
        """
        coordinator = self._consumer._coordinator  # noqa: SLF001
        with coordinator._lock:  # noqa: SLF001
            silent = not coordinator._heartbeat_enabled  # noqa: SLF001
            if silent and coordinator.stable() and not coordinator.rejoin_needed:
                raise FencedInstanceIdError

    def _places(self, partitions: Iterable[int]) -> list[TopicPartition]:
        return [
            TopicPartition(topic, partition)
            for partition in partitions
            for topic in self._settings.topics
        ]

    def _whole(self, assigned: Iterable[TopicPartition]) -> frozenset[int]:
        """The partition numbers, each held of every topic."""
        held: dict[int, set[str]] = {}
        for place in assigned:
            held.setdefault(place.partition, set()).add(place.topic)
        whole = len(self._settings.topics)
        broken = [number for number, topics in held.items() if len(topics) < whole]
        if broken:
            raise UnequalAssignmentError(
                f"partition {broken[0]} was assigned of {sorted(held[broken[0]])} only: all members"
                " of the group must read the same topics, with equal partition counts"
            )
        return frozenset(held)


@contextmanager
def _owned(partition: int) -> Iterator[None]:
    """The group may take a partition away at any moment, on the client's own thread."""
    try:
        yield
    except (KeyError, ValueError, IllegalStateError):
        raise InDoubt(f"partition {partition} was taken away by the group") from None


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    """Notes a rebalance; on the I/O thread, so it does nothing that blocks."""

    def __init__(self) -> None:
        self.consumer: Any = None
        self.changed = False
        self.owns = False

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """A hand-over is treated as a crash: nothing is finished in a hurry."""
        self.owns, self.changed = False, True

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing is read before the worker has recovered the partition and says from where."""
        for place in assigned:
            self.consumer.pause(place)
            self.consumer.seek(place, 0)
        self.owns, self.changed = True, True
