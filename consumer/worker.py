"""The worker: batches in, one transaction each, until told to stop.

Read `batch` first; it is the whole service on one screen. Everything that may fail in it fails in
one of three ways: the store or the broker is away (wait, try again), the batch's outcome is in
doubt (recover, consumer/recovery.py), or it is a bug (stop, with nothing lost).
"""

from __future__ import annotations

import secrets

from consumer.execute import Rules, SweepLimit, execute
from consumer.intake import Intake
from consumer.judge import Judge
from consumer.partition import Partition
from consumer.ports import InDoubt, PartitionCommit, Ports
from consumer.recovery import Recovery
from consumer.rejection import Rejected
from consumer.settings import Settings
from consumer.share import Folded, Share, prepare, remembered
from store.port import Fenced, Loaded, Moved


class Worker:
    """One member of the group: it owns partitions, and moves each by batches."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self.settings = settings
        self.rules = rules
        self.ports = ports
        self.partitions: dict[int, Partition] = {}
        self._to_recover: set[int] = set()
        self._generation = -1
        self._recovery = Recovery(settings, rules, ports)
        self._intake = Intake(settings, rules, ports)
        self._judge = Judge(rules, settings.max_value_bytes)

    def step(self, timeout: float) -> bool:
        """Follow the group, recover, read, and make one batch; whether anything was done."""
        assignment = self.ports.source.assignment()
        if assignment is not None:
            self._generation = assignment.generation
            self.partitions = {}
            self._to_recover = set(assignment.partitions)
        for number in sorted(self._to_recover):
            self.partitions[number] = self._recovery.recover(number)
            self._to_recover.discard(number)
        self._intake.read(self.partitions, timeout)
        return self.batch()

    def distrust(self) -> None:
        """The world was away in the middle of something: recover everything before going on."""
        self._to_recover |= set(self.partitions)
        self.partitions = {}

    def batch(self) -> bool:
        """One batch over every partition that has something to do; False if none has."""
        started = self.ports.clock.monotonic()
        cuts = [self._cut(partition) for partition in self.partitions.values()]
        shares = [share for share in cuts if share is not None]
        try:
            loaded = [(share, self._load(share)) for share in shares]
            folded = [self._fold(share, found) for share, found in loaded if share.has_work(found)]
            if not folded:
                return False
            journal = self.ports.publisher.commit(self._generation, [one.commit for one in folded])
            self._read_back(folded[0].commit)
            for one in folded:
                self._write(one, journal[one.commit.partition])
        except (InDoubt, Fenced, Moved) as doubt:
            self.ports.reporter.doubt(doubt)
            self.distrust()
            return True
        self.ports.reporter.batch(folded, started, self.ports.clock.monotonic())
        return True

    def _cut(self, partition: Partition) -> Share | None:
        """1 What is ready, in one order, decoded; None if there is nothing to look at."""
        hold = partition.hold.copy()
        if partition.recompute_page is not None:
            return Share(partition, hold=hold, mode="policy", page=partition.recompute_page)
        share = Share(partition, hold=hold, clock_held=bool(self._intake.doubtful()))
        if not hold.held:
            limit = max(1, self.settings.batch_records // len(self.partitions))
            for record in self._intake.ready(partition, limit):
                item = self._judge(record)
                share.records.append(record)
                share.inputs.append(item)
                if hold.observe(bad=isinstance(item, Rejected)):
                    self.ports.reporter.held(partition.number, hold)
                    break
        if share.records:
            return share
        if not self._intake.due_for_a_look(partition):
            return None
        if not share.clock_held and not hold.held:
            share.clock_floor = self._intake.idle_clock(partition)
        return share

    def _load(self, share: Share) -> Loaded:
        """2 The states named and whoever is due, if the store is where this worker left it."""
        partition, keeper = share.partition, self.ports.keeper
        if share.page is not None:
            page = keeper.page(partition.number, partition.token, partition.at, share.page)
            return Loaded(page, [], accepted_bad=False)
        return keeper.load(
            partition.number,
            partition.token,
            partition.at,
            share.customers(),
            None if share.hold.held and not share.records else share.clock_after(),
            self.settings.sweep_customers,
        )

    def _fold(self, share: Share, loaded: Loaded) -> Folded:
        """3 Decide: a pure function of the share and the states."""
        if loaded.accepted_bad and share.hold.held and not share.records:
            share.accepted_bad = True
            share.hold.accept()
        most = self.settings.sweep_customers
        through = loaded.due[-1] if len(loaded.due) == most else None
        outcome = execute(self.rules, share.work(loaded, SweepLimit(most, through)))
        nonce = secrets.token_hex(8)
        return prepare(self.settings, self.rules.policy.digest, share, outcome, nonce)

    def _read_back(self, commit: PartitionCommit) -> None:
        """5 A commit that reports success may not have been one: ask what was committed."""
        found = self.ports.source.committed(commit.partition)
        if found is None or (found.batch, found.nonce, dict(found.offsets)) != (
            commit.batch,
            commit.nonce,
            dict(commit.offsets),
        ):
            raise InDoubt(f"partition {commit.partition}: the commit is not there: {found}")

    def _write(self, folded: Folded, journal_offset: int) -> None:
        """6 Remember: one fenced call; only then is anything in memory replaced."""
        share, partition = folded.share, folded.share.partition
        record = remembered(
            self.settings,
            folded,
            journal_offset,
            self.rules.partition_count,
            self._recovery.next_page(partition.number, share.page),
        )
        self.ports.keeper.write(
            partition.number,
            partition.token,
            partition.at,
            record,
            folded.outcome.customers,
            accepted_bad=share.accepted_bad,
        )
        partition.merge.take(share.records)
        partition.sweep_pending = not folded.outcome.sweep_complete
        partition.written(record, folded.outcome.clock, share.hold)
