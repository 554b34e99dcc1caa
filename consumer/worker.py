"""The worker: batches in, one transaction each, until told to stop.

Read `batch` first; it is the whole service on one screen. Everything that may fail in a step fails
in one of three ways: the store or the broker is away (wait, try again), what this worker believes
is in doubt (recover, consumer/recovery.py), or it is a bug (stop, with nothing lost).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from consumer.condition import Owned
from consumer.execute import Rules, SweepLimit, execute
from consumer.intake import Intake
from consumer.judge import Judge
from consumer.partition import Partition
from consumer.ports import InDoubt, PartitionCommit, Ports, Unavailable, Unstable
from consumer.recovery import Recovery
from consumer.settings import Settings
from consumer.share import Folded, Share, prepare, remembered
from store.port import Fenced, Loaded, Moved
from store.port import Unavailable as StoreUnavailable

_RECOVERING = 0.5
"""Seconds of recovery in one step: the group, and a request to stop, are heard in between."""


class Worker:
    """One member of the group: it owns partitions, and moves each by batches."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self.settings = settings
        self.rules = rules
        self.ports = ports
        self.partitions: dict[int, Partition] = {}
        self._recovering: dict[int, Iterator[Partition | None]] = {}
        self._untaken: list[int] = []
        """Partitions to recover of which the store does not know yet that they are ours."""
        self._generation = -1
        self._doubts = 0
        """Since the last batch that went through."""
        self._recovery = Recovery(settings, rules, ports)
        self._intake = Intake(settings, rules, ports)
        self._judge = Judge(rules, settings.max_value_bytes)
        self._tolerance = rules.policy.stream.future_tolerance.millis

    @property
    def owned(self) -> Owned:
        """What is this worker's, for whoever asks how it is."""
        return Owned(
            self._generation >= 0,
            tuple(sorted(self.partitions)),
            tuple(sorted(self._recovering)),
            {one.number: one.hold.summary() for one in self.partitions.values() if one.hold.held},
        )

    def step(self, timeout: float) -> bool:
        """Follow the group, recover, read, and make one batch; whether anything was done."""
        try:
            self._follow_the_group()
            recovering = self._recover()
            self._intake.read(self.partitions, 0.0 if recovering else timeout)
            return self.batch() or recovering
        except (InDoubt, Unstable, Fenced, Moved) as doubt:
            self.ports.reporter.doubt(doubt)
            self.distrust()
            self._doubts += 1
            if self._doubts > 1:
                # Again, before a batch went through: not a passing thing, so wait in between.
                raise Unavailable(str(doubt)) from doubt
            return True
        except StoreUnavailable:
            # However long that lasts, the group need not do without this worker, nor wait for it.
            self.ports.source.attend()
            raise

    def batch(self) -> bool:
        """One batch over every partition that has something to do; False if none has."""
        now = self.ports.clock.monotonic
        started = now()
        cuts = [self._cut(partition) for partition in self.partitions.values()]
        cut = now()
        loaded = [(share, self._load(share)) for share in cuts if share is not None]
        asked = now()
        folded = [self._fold(share, found) for share, found in loaded if share.has_work(found)]
        if not folded:
            return False
        commits = [one.commit for one in folded]
        journal = self.ports.publisher.commit(self._generation, commits, self._read_ahead)
        self._read_back(folded[0].commit)
        committed = now()
        for one in folded:
            self._write(one, journal[one.commit.partition])
        self._doubts = 0
        ended = now()
        in_store = asked - cut + ended - committed
        self.ports.reporter.batch(folded, ended - started, in_store)
        return True

    def distrust(self) -> None:
        """Something went wrong in the middle: recover every partition before going on with it.

        The producer goes with it: what it believes of its transaction may be wrong.
        """
        self.ports.publisher.close()
        self._recover_all({*self.partitions, *self._recovering})

    def _follow_the_group(self) -> None:
        """0 A new assignment: nothing of an older one counts any more."""
        assignment = self.ports.source.assignment()
        if assignment is not None:
            self._generation = assignment.generation
            self._recovery.assigned(assignment.partitions)
            self._recover_all(assignment.partitions)

    def _recover_all(self, numbers: AbstractSet[int]) -> None:
        self.partitions = {}
        self._recovering = {number: self._recovery.recover(number) for number in numbers}
        self._untaken = sorted(numbers)

    def _recover(self) -> bool:
        """Bring partitions into order, for a while; whether some are not there yet.

        All are taken before the first is brought up: others look for them in the store.
        """
        while self._untaken:
            next(self._recovering[self._untaken[0]])
            self._untaken.pop(0)
        until = self.ports.clock.monotonic() + _RECOVERING
        for number in sorted(self._recovering):
            for partition in self._recovering[number]:
                if partition is not None:
                    self.partitions[number] = partition
                elif self.ports.clock.monotonic() > until:
                    return True
            del self._recovering[number]
        return False

    def _read_ahead(self) -> None:
        """While the broker takes the batch, its next records are read: the one would wait else."""
        self._intake.read(self.partitions, 0.0)

    def _cut(self, partition: Partition) -> Share | None:
        """1 What is ready, in one order; None if there is nothing to look at."""
        hold = partition.hold.copy()
        if partition.recompute_page is not None:
            return Share(partition, hold=hold, mode="policy", page=partition.recompute_page)
        share = Share(partition, hold=hold, clock_held=bool(self._intake.doubtful()))
        if not hold.held:
            limit = max(1, self.settings.batch_records // len(self.partitions))
            share.records = self._intake.ready(partition, limit)
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
        named = share.customers(self._judge)
        loaded = keeper.load(
            partition.number,
            partition.token,
            partition.at,
            partition.known.unknown(named),
            share.clock_until(self._tolerance) if _sweeps(share) else None,
            self.settings.sweep_customers + 1,
        )
        partition.sweep_pending = bool(loaded.due)
        states = partition.known.completed(named, loaded.customers)
        return Loaded(states, loaded.due, loaded.accepted_bad)

    def _fold(self, share: Share, loaded: Loaded) -> Folded:
        """3 Decode and decide: a pure function of the share and the states."""
        most = self.settings.sweep_customers if _sweeps(share) else 0
        if loaded.accepted_bad and share.hold.held and not share.records:
            share.accepted_bad = True
            share.hold.accept()
        through = loaded.due[most - 1] if len(loaded.due) > most else None
        was_held = share.hold.held
        outcome = execute(self.rules, share.work(self._judge, loaded, SweepLimit(most, through)))
        if share.hold.held and not was_held:
            self.ports.reporter.held(share.partition.number, share.hold)
        nonce = secrets.token_hex(8)
        return prepare(self.settings, self.rules, share, outcome, nonce)

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
        record = remembered(share, folded.outcome, folded.journal, journal_offset)
        self.ports.keeper.write(
            partition.number,
            partition.token,
            partition.at,
            record,
            folded.outcome.customers,
            accepted_bad=share.accepted_bad,
        )
        partition.known.written(folded.outcome.customers)
        partition.merge.take(share.records)
        partition.sweep_pending = not folded.outcome.sweep_complete
        partition.written(record, folded.outcome.clock, share.hold)


def _sweeps(share: Share) -> bool:
    """Whether it is looked who is due: not while the partition is held."""
    return bool(share.records) or not share.hold.held
