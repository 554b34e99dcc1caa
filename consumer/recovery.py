"""Recovery: from whatever a crash left to a partition in order (design: on assignment).

K is the position that Kafka committed, R the one the store remembers, the journal the record of
every batch. Kafka commits first, so R is never ahead of K; where it is behind, the missing
batches are executed again from the journal, and nothing is published.

    neither K nor R      start at the beginning of the topics (unless the journal knows better)
    R = K                go on
    R behind K           execute the journal from R on, write the store, go on
    K but no R           the same from the log's start; refused if the log no longer reaches back
    R but no K           go on from R if it is the journal's last batch; else refused
    R ahead of K, or unknown to the journal    refused: Kafka was reset or lost data
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from consumer.execute import Outcome, Rules, SweepLimit, execute
from consumer.judge import Judge
from consumer.merge import merged
from consumer.partition import Partition, restore
from consumer.ports import Committed, Ports, Unstable
from consumer.rejection import Rejected
from consumer.settings import Settings
from consumer.share import Folded, Share, prepare, remembered
from schemas.outputs import JournalRecord
from statemachine.fold import FOLD_VERSION
from statemachine.policy import Policy
from store.port import Keeper, Loaded, PartitionRecord, Taken

_PATIENCE = 1.0
"""Seconds to wait for another owner's open transaction before ending it."""
_UNSTABLE_ROUNDS = 30


class RefusedToStart(Exception):
    """The partition is not in a state to go on from; the message names the choices."""


class Recovery:
    """Takes partitions over."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self._settings = settings
        self._rules = rules
        self._ports = ports
        self._policies: dict[str, Policy] = {rules.policy.digest: rules.policy}

    @property
    def _keeper(self) -> Keeper:
        return self._ports.keeper

    def recover(self, number: int) -> Partition:
        """Own the partition, bring the store up to K, and read on from there."""
        taken = self._keeper.take(number, self._settings.worker_id)
        committed = self._committed(number, taken)
        partition = restore(
            number,
            taken.token,
            self._settings.topics,
            self._rules.policy.stream.allowed_lateness.millis,
            taken.record,
            self._ports.source.begins(number),
        )
        self._same_layout(number, taken.record)
        self._still_there(partition)
        missing = self._missing(number, committed, taken.record)
        for offset, journal in missing:
            self._again(partition, journal, offset)
        self._same_policy(partition)
        self._ports.source.start(number, partition.next_offsets)
        how = "began" if partition.at is None else "re-executed" if missing else "went on"
        self._ports.reporter.recovered(number, how, len(missing), partition.batch - 1)
        return partition

    def next_page(self, number: int, page: int | None) -> int | None:
        """The page to recompute after `page`; None after the last."""
        if page is None or page + 1 >= self._keeper.pages(number):
            return None
        return page + 1

    def _committed(self, number: int, taken: Taken) -> Committed | None:
        """K, ending a dead owner's open transaction if it hides it."""
        for _ in range(_UNSTABLE_ROUNDS):
            try:
                return self._ports.source.committed(number)
            except Unstable:
                if taken.previous_owner not in (None, self._settings.worker_id):
                    self._ports.publisher.release(str(taken.previous_owner))
                time.sleep(_PATIENCE)
        raise RefusedToStart(
            f"partition {number}: another worker's transaction stays open; stop it, or wait for"
            " the broker to end it, and start again"
        )

    def _missing(
        self, number: int, committed: Committed | None, record: PartitionRecord | None
    ) -> list[tuple[int, JournalRecord]]:
        """The batches that Kafka committed and the store does not remember, in order."""
        where = f"partition {number}"
        begin = 0 if record is None else record.journal_offset
        journal = list(self._ports.history.journal(number, begin))
        if record is not None and (
            not journal
            or (journal[0][1].batch, journal[0][1].nonce)
            != (record.position.batch, record.position.nonce)
        ):
            raise RefusedToStart(
                f"{where}: the store's batch {record.position.batch} is not in the journal:"
                " Kafka was reset or lost data. Choices: restore the journal's topic; point"
                " TENURE_DEPLOYMENT at a new name and start from the beginning; or restore a store"
                " that belongs to this Kafka"
            )
        after = journal if record is None else journal[1:]
        if committed is None:
            if after:
                raise RefusedToStart(
                    f"{where}: the group has no committed offsets (expired, or the group was"
                    f" renamed) and the journal is {len(after)} batches ahead of the store."
                    " Choices: restore the group's offsets; restore the store; or begin anew"
                    " under another TENURE_DEPLOYMENT"
                )
            return []
        if record is not None and committed.batch < record.position.batch:
            raise RefusedToStart(
                f"{where}: the store is at batch {record.position.batch}, ahead of the committed"
                f" batch {committed.batch}: Kafka was reset or lost data. Choices: restore Kafka;"
                " or begin anew under another TENURE_DEPLOYMENT"
            )
        wanted = [item for item in after if item[1].batch <= committed.batch]
        at_k = wanted[-1][1] if wanted else journal[0][1] if journal else None
        if at_k is None or (at_k.batch, at_k.nonce) != (committed.batch, committed.nonce):
            raise RefusedToStart(
                f"{where}: the committed batch {committed.batch} is not in the journal. Choices:"
                " restore the journal's topic; or begin anew under another TENURE_DEPLOYMENT"
            )
        if record is None:
            self._reaches_back(number, wanted)
        return wanted

    def _reaches_back(self, number: int, wanted: Sequence[tuple[int, JournalRecord]]) -> None:
        first = wanted[0][1]
        begins = self._ports.source.begins(number)
        gone = [topic for topic, offset in first.from_offsets.items() if begins[topic] > offset]
        if first.batch != 1 or gone:
            raise RefusedToStart(
                f"partition {number}: the store remembers nothing, and the log does not reach"
                f" back to the first batch ({', '.join(gone) or 'the journal begins later'})."
                " Choices: restore the store from a backup; or begin anew under another"
                " TENURE_DEPLOYMENT"
            )

    def _again(self, partition: Partition, journal: JournalRecord, offset: int) -> None:
        """Execute one batch of the journal again: the same records, clock, sweep and policy."""
        share, outcome = self._execute(partition, journal)
        folded = prepare(self._settings, journal.policy_digest, share, outcome, journal.nonce)
        if outcome.digest() != journal.outputs_digest or outcome.clock.time != journal.clock_after:
            raise AssertionError(
                f"partition {partition.number}, batch {journal.batch}: executed again, it decides"
                f" otherwise ({len(outcome.said)} outputs, the journal has {journal.outputs})"
            )
        next_page = self.next_page(partition.number, journal.recomputed_page)
        record = remembered(
            self._settings,
            Folded(share, outcome, folded.commit, journal),
            offset,
            self._rules.partition_count,
            next_page,
        )
        self._keeper.write(
            partition.number,
            partition.token,
            partition.at,
            record,
            outcome.customers,
            accepted_bad=journal.accepted_bad,
        )
        partition.written(record, outcome.clock, share.hold)

    def _execute(self, partition: Partition, journal: JournalRecord) -> tuple[Share, Outcome]:
        if journal.fold_version != FOLD_VERSION:
            raise RefusedToStart(
                f"partition {partition.number}: batch {journal.batch} was decided by fold version"
                f" {journal.fold_version}, this release has {FOLD_VERSION}: start the release that"
                " wrote it once, let it catch up, then upgrade"
            )
        policy = self._policy(journal.policy_digest)
        partition.clock.lateness = policy.stream.allowed_lateness.millis
        share = Share(
            partition,
            partition.hold.copy(),
            clock_floor=journal.clock_after,
            clock_held=journal.clock_held,
            accepted_bad=journal.accepted_bad,
            mode=journal.mode,
            page=journal.recomputed_page,
        )
        if journal.accepted_bad:
            share.hold.accept()
        rules = Rules(policy, self._rules.partition_count, self._rules.partitioner)
        judge = Judge(rules, self._settings.max_value_bytes)
        records = self._ports.history.read(
            partition.number, journal.from_offsets, journal.to_offsets
        )
        for record in merged(records):
            item = judge(record)
            share.records.append(record)
            share.inputs.append(item)
            share.hold.observe(bad=isinstance(item, Rejected))
        return share, execute(rules, share.work(self._load(share, journal), _limit(journal)))

    def _load(self, share: Share, journal: JournalRecord) -> Loaded:
        partition = share.partition
        if share.page is not None:
            page = self._keeper.page(partition.number, partition.token, partition.at, share.page)
            return Loaded(page, [], accepted_bad=False)
        through = journal.swept_through
        until = journal.clock_after if journal.sweep_complete else through and through[0]
        return self._keeper.load(
            partition.number,
            partition.token,
            partition.at,
            share.customers(),
            until,
            _EVERYBODY,
        )

    def _policy(self, digest: str) -> Policy:
        if digest not in self._policies:
            text = self._ports.history.policy(digest)
            if text is None:
                raise RefusedToStart(
                    f"policy {digest}, under which a batch was decided, is not on"
                    f" {self._settings.policies_topic}: restore that topic"
                )
            self._policies[digest] = Policy.from_canonical(text)
        return self._policies[digest]

    def _same_policy(self, partition: Partition) -> None:
        """Another policy than the last batch's needs an operator's word."""
        partition.clock.lateness = self._rules.policy.stream.allowed_lateness.millis
        record = partition.record
        if record is None:
            return
        digest = self._rules.policy.digest
        if record.policy_digest == digest:
            partition.recompute_page = record.recompute_page
            return
        last = self._policy(record.policy_digest)
        if not self._settings.accept_policy:
            raise RefusedToStart(
                f"partition {partition.number} runs policy version {last.version}"
                f" ({record.policy_digest}); this worker has version {self._rules.policy.version}"
                f" ({digest}). To put it in force, start once with --accept-policy; else start"
                " with the policy file in force"
            )
        if self._rules.policy.version <= last.version:
            raise RefusedToStart(
                f"partition {partition.number} runs policy version {last.version}: a new policy"
                f" needs a higher version than that, this one has {self._rules.policy.version}"
            )
        partition.recompute_page = 0

    def _still_there(self, partition: Partition) -> None:
        """The next records must not have been deleted before they were read."""
        begins = self._ports.source.begins(partition.number)
        gone = [name for name, next_ in partition.next_offsets.items() if begins[name] > next_]
        if gone:
            raise RefusedToStart(
                f"partition {partition.number}: {', '.join(gone)} no longer has the records that"
                " come next (retention): they were deleted before they were read. Choices: restore"
                " the topic; or begin anew under another TENURE_DEPLOYMENT"
            )

    def _same_layout(self, number: int, record: PartitionRecord | None) -> None:
        if record is None:
            return
        count, partitioner = self._rules.partition_count, self._settings.partitioner
        if (record.partition_count, record.partitioner) != (count, partitioner):
            raise RefusedToStart(
                f"partition {number}: the store was made for {record.partition_count} partitions"
                f" by {record.partitioner}, the topics have {count} by {partitioner}: customers"
                " would be split. Go back to that number, or rebuild under a new TENURE_DEPLOYMENT"
            )


_EVERYBODY = 1_000_000
"""More than any sweep."""


def _limit(journal: JournalRecord) -> SweepLimit:
    """As far as the journal says that the sweep came."""
    if journal.sweep_complete:
        return SweepLimit(_EVERYBODY)
    if journal.swept_through is None:
        return SweepLimit(0)
    return SweepLimit(_EVERYBODY, journal.swept_through)
