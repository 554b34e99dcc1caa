"""Recovery: from whatever a crash left to a partition in order (design: on assignment).

K is the position that Kafka committed, R the one the store remembers, the journal the record of
every batch. Kafka commits first, so R is never ahead of K; where it is behind, the missing
batches are executed again from the journal (consumer/reexecution.py), and nothing is published.

    neither K nor R      start at the beginning of the topics (unless the journal knows better)
    R = K                go on
    R behind K           execute the journal from R on, write the store, go on
    K but no R           the same from the log's start; refused if the log no longer reaches back
    R but no K           go on from R if it is the journal's last batch; else refused
    R ahead of K, or unknown to the journal    refused: Kafka was reset or lost data
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from consumer.execute import Rules
from consumer.lineage import Lineage
from consumer.partition import Partition, restore
from consumer.ports import Committed, InDoubt, Ports, Unavailable, Unstable
from consumer.reexecution import Reexecution
from consumer.refusals import (
    RefusedToStart,
    ahead_of_kafka,
    journal_ahead,
    never_read,
    not_committed,
    not_in_journal,
    other_deployment,
    other_layout,
    other_policy,
    other_topics,
    past_the_end,
    policy_not_newer,
    store_not_in_journal,
    too_short,
)
from consumer.settings import Settings
from schemas.outputs import JournalRecord
from store.port import Keeper, PartitionRecord, Taken

__all__ = ["Recovery", "RefusedToStart"]

_T = TypeVar("_T")


class Recovery:
    """Takes partitions over."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self._settings = settings
        self._rules = rules
        self._ports = ports
        self._again = Reexecution(settings, rules, ports)
        self._lineage = Lineage(settings, rules, ports)

    def assigned(self, partitions: frozenset[int]) -> None:
        """These are this worker's now; all others are other workers'."""
        self._lineage.assigned(partitions)

    @property
    def _keeper(self) -> Keeper:
        return self._ports.keeper

    def recover(self, number: int) -> Iterator[Partition | None]:
        """Own the partition, bring the store up to K, and read on from there.

        None comes once the partition is owned, and after every batch that was executed again, so
        that the worker can follow the group and hear that it is to stop; the partition comes last.
        Raises RefusedToStart, and what the ports raise: then this attempt is over.
        """
        for topic in self._settings.topics:
            self._ports.source.pause(topic, number)
        taken = self._keeper.take(number, self._settings.worker_id)
        yield None
        committed = self._seen(taken, lambda: self._ports.source.committed(number))
        try:
            yield from self._brought_up(number, taken, committed)
        except RefusedToStart:
            # What does not fit together may only have been looked at while another owner, whom
            # this worker has not heard of yet, went on: then it is for the group to say.
            if self._ports.source.committed(number) != committed:
                raise InDoubt(f"partition {number} went on while it was recovered") from None
            raise

    def _brought_up(
        self, number: int, taken: Taken, committed: Committed | None
    ) -> Iterator[Partition | None]:
        """The store brought up to K; see `recover`."""
        self._same_layout(number, taken.record)
        partition = restore(
            number,
            taken,
            self._settings.topics,
            self._rules.policy.stream.allowed_lateness.millis,
            self._ports.source.begins(number),
            self._keeper.pages(number),
            self._settings.cached_customers,
        )
        batches = 0
        adopted_through = 0 if taken.record is None else taken.record.adopted_through
        if committed is not None:
            self._not_past(number, committed.offsets)
        for offset, journal in self._missing(number, committed, taken):
            if not batches:
                self._reaches_back(number, journal.from_offsets)
            if journal.batch > adopted_through and self._lineage.breaks(number, taken, journal):
                adopted_through = journal.batch if committed is None else committed.batch
            self._again.execute(partition, journal, offset, adopted_through)
            batches += 1
            yield None
        self._same_policy(partition)
        self._still_unread(number, partition.next_offsets)
        self._ports.source.start(number, partition.next_offsets)
        how = "began" if partition.at is None else "re-executed" if batches else "went on"
        self._ports.reporter.recovered(number, how, batches, partition.batch - 1)
        if partition.hold.held:
            self._ports.reporter.held(number, partition.hold)
        yield partition

    def _seen(self, taken: Taken, look: Callable[[], _T]) -> _T:
        """What `look` sees; a dead owner's open transaction that hides it is ended."""
        try:
            return look()
        except Unstable:
            for owner in (self._settings.worker_id, taken.previous_owner):
                if owner is not None:
                    self._ports.publisher.release(owner)
        try:
            return look()
        except Unstable as hidden:
            raise Unavailable(f"Kafka: an open transaction hides {hidden}") from hidden

    def _missing(
        self, number: int, committed: Committed | None, taken: Taken
    ) -> Iterator[tuple[int, JournalRecord]]:
        """The batches that Kafka committed and the store does not remember, in order."""
        record = taken.record
        begin = 0 if record is None else record.journal_offset
        journal = self._seen(taken, lambda: self._ports.history.journal(number, begin))
        at: JournalRecord | None = None
        if record is not None:
            at = next((found for _, found in journal), None)
            position = record.position
            if at is None or (at.batch, at.nonce) != (position.batch, position.nonce):
                raise store_not_in_journal(number, position.batch)
            if committed is not None and committed.batch < position.batch:
                raise ahead_of_kafka(number, position.batch, committed.batch)
        for offset, missing in journal:
            self._same_deployment(number, missing)
            self._same_topics(number, missing.from_offsets)
            if committed is None:
                raise not_committed(number, missing.batch)
            if missing.batch > committed.batch:
                raise journal_ahead(number, missing.batch, committed.batch)
            if at is None and missing.batch != 1:
                raise too_short(number, ["the journal begins later"])
            yield offset, missing
            at = missing
        if committed is not None and (
            at is None or (at.batch, at.nonce) != (committed.batch, committed.nonce)
        ):
            raise not_in_journal(number, committed.batch)

    def _reaches_back(self, number: int, offsets: Mapping[str, int]) -> None:
        """Refuse when the inputs no longer have what must be read again."""
        if gone := self._gone(number, offsets):
            raise too_short(number, list(gone))

    def _still_unread(self, number: int, offsets: Mapping[str, int]) -> None:
        """Refuse when the inputs no longer have what comes next, or never had it."""
        if gone := self._gone(number, offsets):
            raise never_read(number, gone)
        self._not_past(number, offsets)

    def _gone(self, number: int, offsets: Mapping[str, int]) -> dict[str, tuple[int, int]]:
        """Per topic that begins after the offset: both."""
        begins = self._ports.source.begins(number)
        return {
            topic: (offset, begins[topic])
            for topic, offset in offsets.items()
            if begins[topic] > offset
        }

    def _not_past(self, number: int, offsets: Mapping[str, int]) -> None:
        ends = self._ports.source.ends([number])
        ahead = [topic for topic, offset in offsets.items() if ends[topic, number] < offset]
        if ahead:
            raise past_the_end(number, ahead)

    def _same_deployment(self, number: int, journal: JournalRecord) -> None:
        ours = self._settings
        if journal.deployment != ours.deployment:
            raise other_deployment(number, ours.journal_topic, journal.deployment, ours.deployment)

    def _same_policy(self, partition: Partition) -> None:
        """Another policy than the last batch's needs an operator's word."""
        ours = self._rules.policy
        partition.clock.lateness = ours.stream.allowed_lateness.millis
        record = partition.record
        if record is None:
            return
        if record.policy_digest == ours.digest:
            partition.recompute_page = record.recompute_page
            return
        last = self._again.policy(record.policy_digest)
        if not self._settings.accept_policy:
            raise other_policy(partition.number, last, ours)
        if ours.version <= last.version:
            raise policy_not_newer(partition.number, last, ours)
        partition.recompute_page = 0

    def _same_layout(self, number: int, record: PartitionRecord | None) -> None:
        if record is None:
            return
        had = (record.partition_count, record.partitioner)
        have = (self._rules.partition_count, self._settings.partitioner)
        if had != have:
            raise other_layout(number, had, have)
        self._same_topics(number, record.position.offsets)

    def _same_topics(self, number: int, offsets: Mapping[str, int]) -> None:
        if set(offsets) != set(self._settings.topics):
            raise other_topics(number, list(offsets), self._settings.topics)
