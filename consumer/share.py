"""A partition's share of a batch, from the cut to the commit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from consumer.dead_letters import dead_letter
from consumer.decode import Decoded
from consumer.execute import Outcome, Rules, Said, SweepLimit, Work
from consumer.hold import Hold
from consumer.judge import Judge
from consumer.partition import Partition
from consumer.ports import OutRecord, PartitionCommit
from consumer.records import InputRecord
from consumer.rejection import Rejected
from consumer.settings import Settings
from schemas.cloudevents import to_record
from schemas.headers import Provenance, to_headers
from schemas.outputs import CurrentStage, JournalRecord, Mode
from statemachine.fold import FOLD_VERSION
from store.port import Loaded, PartitionRecord, Position


@dataclass(slots=True)
class Share:
    """What one partition brings to a batch."""

    partition: Partition
    hold: Hold
    """After these records."""
    records: list[InputRecord] = field(default_factory=list)
    """In merged order; once they are folded, those that belong to the batch."""
    clock_floor: int | None = None
    clock_held: bool = False
    accepted_bad: bool = False
    mode: Mode = "live"
    page: int | None = None
    """Mode policy: the page of customers to recompute."""

    def customers(self, judge: Judge) -> list[str]:
        """Everybody whom the records may be about, once each: their keys, mostly."""
        named: dict[str, None] = {}
        for record in self.records:
            if record.key:
                # What is no text names nobody, and is refused when it is judged.
                named[record.key.decode(errors="ignore")] = None
            elif type(item := judge(record)) is Decoded:
                named[getattr(item.event, "customer_id", "")] = None
        named.pop("", None)
        return list(named)

    def clock_until(self, tolerance: int) -> int | None:
        """How far W comes with the records at most: whoever is due up to it must be loaded.

        Nothing in a record is dated later than its timestamp and the tolerance for the future.
        """
        clock = self.partition.clock.copy(held=self.clock_held)
        facts = [record.timestamp_ms for record in self.records if record.key]
        if facts:
            clock.observe(max(facts) + tolerance)
        for record in self.records:
            if not record.key:
                clock.raise_to(record.timestamp_ms + tolerance)
        if self.clock_floor is not None:
            clock.raise_to(self.clock_floor)
        return clock.time

    def inputs(self, judge: Judge) -> Iterator[Decoded | Rejected]:
        """The records judged one by one, each only when its turn to be folded has come.

        A batch ends with the record with which its partition is held. (One by one, because an
        event is decided on several µs faster while it is still in the processor's cache.)
        """
        hold = self.hold
        calm = hold.is_calm
        for count, record in enumerate(self.records, 1):
            item = judge(record)
            bad = type(item) is Rejected
            yield item
            if bad or not calm:
                if hold.observe(bad=bad):
                    del self.records[count:]
                    return
                calm = hold.is_calm

    def has_work(self, loaded: Loaded) -> bool:
        """Whether there is anything to commit."""
        accepts = loaded.accepted_bad and self.hold.held
        return bool(self.records or loaded.due or accepts) or self.page is not None

    def work(self, judge: Judge, loaded: Loaded, sweep: SweepLimit) -> Work:
        """What the pure execution needs."""
        return Work(
            self.partition.number,
            self.inputs(judge),
            loaded.customers,
            loaded.due,
            self.partition.clock.copy(held=self.clock_held),
            self.clock_floor,
            sweep,
            self.partition.stages,
            self.mode,
        )

    def to_offsets(self) -> dict[str, int]:
        """The first offset per topic that this batch leaves unconsumed."""
        offsets = dict(self.partition.next_offsets)
        for record in self.records:
            offsets[record.topic] = record.offset + 1
        return offsets


@dataclass(slots=True)
class Folded:
    """A share with everything that follows from it, ready to be committed."""

    share: Share
    outcome: Outcome
    commit: PartitionCommit
    journal: JournalRecord


def prepare(settings: Settings, rules: Rules, share: Share, outcome: Outcome, nonce: str) -> Folded:
    """What is published of an outcome: outputs, current stages, dead letters, journal record."""
    partition = share.partition
    offsets = share.to_offsets()
    journal = JournalRecord(
        deployment=settings.deployment,
        partition=partition.number,
        batch=partition.batch,
        nonce=nonce,
        from_offsets=partition.next_offsets,
        to_offsets=offsets,
        clock_before=partition.clock.time,
        clock_after=outcome.clock.time,
        clock_held=share.clock_held,
        swept_through=outcome.swept_through,
        sweep_complete=outcome.sweep_complete,
        accepted_bad=share.accepted_bad,
        mode=share.mode,
        recomputed_page=share.page,
        pages=share.partition.pages,
        policy_digest=rules.policy.digest,
        fold_version=FOLD_VERSION,
        partition_count=rules.partition_count,
        partitioner=rules.partitioner,
        max_value_bytes=settings.max_value_bytes,
        inputs=len(share.records),
        outputs=len(outcome.said),
        outputs_digest=outcome.digest(),
        worker_id=settings.worker_id,
        store=partition.store,
    )
    source = f"tenure/{settings.deployment}"
    records = [_said(settings, source, share, said) for said in outcome.said]
    records += [
        _current(settings, source, customer_id, current)
        for customer_id, current in outcome.current.items()
    ]
    records += [dead_letter(settings, refused) for refused in outcome.refused]
    _, value, headers = to_record(journal, source)
    commit = PartitionCommit(
        partition.number,
        offsets,
        journal.batch,
        nonce,
        records,
        OutRecord(settings.journal_topic, None, value, tuple(headers), partition.number),
    )
    return Folded(share, outcome, commit, journal)


def remembered(
    share: Share, outcome: Outcome, journal: JournalRecord, journal_offset: int
) -> PartitionRecord:
    """What the store remembers of the partition after this batch."""
    clock, hold = outcome.clock, share.hold
    return PartitionRecord(
        position=Position(journal.batch, journal.nonce, journal.to_offsets),
        clock=clock.time,
        journal_offset=journal_offset,
        policy_digest=journal.policy_digest,
        fold_version=journal.fold_version,
        partition_count=journal.partition_count,
        partitioner=journal.partitioner,
        watermarks=clock.watermarks,
        highest=clock.highest,
        bad_window=hold.pack(),
        held=hold.held,
        stages=outcome.stages,
        recompute_page=_next_page(journal),
    )


def _next_page(journal: JournalRecord) -> int | None:
    """The page to recompute after that of the batch; None after the last."""
    page = journal.recomputed_page
    return None if page is None or page + 1 >= journal.pages else page + 1


def _said(settings: Settings, source: str, share: Share, said: Said) -> OutRecord:
    key, value, headers = to_record(said.output, source)
    cause = said.cause
    provenance = Provenance(
        partition=share.partition.number,
        batch=share.partition.batch,
        topic=None if cause is None else cause.record.topic,
        offset=None if cause is None else cause.record.offset,
        clock=said.clock,
        lateness=None if cause is None else "late" if said.late else "on_time",
        worker_id=settings.worker_id,
    )
    return OutRecord(settings.stage_changes_topic, key, value, (*headers, *to_headers(provenance)))


def _current(
    settings: Settings, source: str, customer_id: str, current: CurrentStage | None
) -> OutRecord:
    if current is None:
        return OutRecord(settings.stages_topic, customer_id.encode(), None)
    key, value, headers = to_record(current, source)
    return OutRecord(settings.stages_topic, key, value, tuple(headers))
