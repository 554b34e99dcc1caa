"""Re-execution: a batch of the journal once more, for the store alone.

The same records in the same order, the same clock, sweep and policy: so the same decisions, which
is checked against the digest in the journal. Nothing is published.
"""

from __future__ import annotations

from dataclasses import replace

from consumer.execute import Outcome, Rules, SweepLimit, execute
from consumer.judge import Judge
from consumer.merge import merged
from consumer.partition import Partition
from consumer.ports import Ports
from consumer.refusals import (
    not_all_there,
    other_fold,
    other_layout,
    other_pages,
    policy_gone,
)
from consumer.settings import Settings
from consumer.share import Share, remembered
from schemas.outputs import JournalRecord
from statemachine.fold import FOLD_VERSION
from statemachine.policy import Policy
from store.port import Loaded

_EVERYBODY = 1_000_000
"""More than any sweep."""


class Reexecution:
    """Executes batches of the journal again, under the policies that decided them."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self._settings = settings
        self._rules = rules
        self._ports = ports
        self._policies: dict[str, Policy] = {rules.policy.digest: rules.policy}

    def execute(
        self, partition: Partition, journal: JournalRecord, offset: int, adopted_through: int = 0
    ) -> None:
        """Bring the store from the batch before to this one; `offset` is its journal record's.

        `adopted_through` is remembered with it (see store.port.PartitionRecord).
        Raises RefusedToStart if it cannot be executed, AssertionError if it decides otherwise.
        """
        self._executable(partition, journal)
        share, outcome = self._execute(partition, journal)
        if outcome.digest() != journal.outputs_digest or outcome.clock.time != journal.clock_after:
            raise AssertionError(
                f"partition {partition.number}, batch {journal.batch}: executed again, it decides"
                f" otherwise ({len(outcome.said)} outputs, the journal has {journal.outputs})"
            )
        record = replace(
            remembered(share, outcome, journal, offset), adopted_through=adopted_through
        )
        self._ports.keeper.write(
            partition.number,
            partition.token,
            partition.at,
            record,
            outcome.customers,
            accepted_bad=journal.accepted_bad,
        )
        partition.written(record, outcome.clock, share.hold)

    def policy(self, digest: str) -> Policy:
        """A policy that was published. Raises RefusedToStart if it is gone."""
        if digest not in self._policies:
            text = self._ports.history.policy(digest)
            if text is None:
                raise policy_gone(digest, self._settings.policies_topic)
            self._policies[digest] = Policy.from_canonical(text)
        return self._policies[digest]

    def _executable(self, partition: Partition, journal: JournalRecord) -> None:
        """Refuse what this worker, as it is set up, would decide otherwise."""
        number = partition.number
        if journal.fold_version != FOLD_VERSION:
            raise other_fold(number, journal.batch, journal.fold_version, FOLD_VERSION)
        had = (journal.partition_count, journal.partitioner)
        have = (self._rules.partition_count, self._rules.partitioner)
        if had != have:
            raise other_layout(number, had, have, "the journal was written")
        if journal.recomputed_page is not None:
            pages = self._ports.keeper.pages(number)
            if pages != journal.pages:
                raise other_pages(number, journal.batch, journal.pages, pages)

    def _execute(self, partition: Partition, journal: JournalRecord) -> tuple[Share, Outcome]:
        policy = self.policy(journal.policy_digest)
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
        judge = Judge(rules, journal.max_value_bytes)
        records = self._ports.history.read(
            partition.number, journal.from_offsets, journal.to_offsets
        )
        share.records = merged(records)
        if len(share.records) != journal.inputs:
            raise not_all_there(partition.number, journal.batch, journal.inputs, len(share.records))
        work = share.work(judge, self._load(share, judge, journal), _limit(journal))
        return share, execute(rules, work)

    def _load(self, share: Share, judge: Judge, journal: JournalRecord) -> Loaded:
        partition = share.partition
        if share.page is not None:
            page = self._ports.keeper.page(
                partition.number, partition.token, partition.at, share.page
            )
            return Loaded(page, [], accepted_bad=False)
        through = journal.swept_through
        until = journal.clock_after if journal.sweep_complete else through and through[0]
        return self._ports.keeper.load(
            partition.number,
            partition.token,
            partition.at,
            share.customers(judge),
            until,
            _EVERYBODY,
        )


def _limit(journal: JournalRecord) -> SweepLimit:
    """As far as the journal says that the sweep came."""
    if journal.sweep_complete:
        return SweepLimit(_EVERYBODY)
    if journal.swept_through is None:
        return SweepLimit(0)
    return SweepLimit(_EVERYBODY, journal.swept_through)
