"""What lies on the topics and in the store once everything has come to rest, and its comparison."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from consumer.records import InputRecord
from consumer.settings import Settings
from schemas.cloudevents import to_record
from schemas.headers import dead_letter_of
from schemas.outputs import JournalRecord
from statemachine.policy import Policy
from statemachine.say import current_stage
from store.port import Keeper
from tests.live_faults.compare import Differences
from tests.live_faults.reference import Folded, PartitionFold

_PATIENCE = 120.0


@dataclass
class Verdict:
    """What a finished run amounts to."""

    inputs: int = 0
    """Records on the input topics."""
    events: int = 0
    """Those of them that are events."""
    changes: int = 0
    dead_letters: int = 0
    customers: int = 0
    batches: int = 0
    differences: Differences = field(default_factory=Differences)


class Ledger:
    """Reads a deployment's topics, past all faults; `settings` are a client's without faults."""

    def __init__(self, settings: Settings, partitions: int, keeper: Keeper) -> None:
        self._settings = settings
        self._partitions = partitions
        self._keeper = keeper

    def is_settled(self) -> bool:
        """Whether every partition has consumed, swept and remembered everything."""
        with self._reader() as reader:
            for number in range(self._partitions):
                places = {t: TopicPartition(t, number) for t in self._settings.topics}
                ends = reader.end_offsets(list(places.values()))
                record = self._keeper.look(number)[1]
                if record is None or record.recompute_page is not None:
                    return False
                if record.position.offsets != {t: ends[place] for t, place in places.items()}:
                    return False
                last = list(self._journal(reader, number, record.journal_offset))
                if len(last) != 1 or not last[0].sweep_complete:
                    return False
        return True

    def judge(self, policies: Mapping[str, Policy], told: Callable[[str], None]) -> Verdict:
        """Compare everything; `told` hears how far it is."""
        verdict = Verdict()
        differences = verdict.differences
        published: dict[str, list[bytes]] = defaultdict(list)
        last: dict[str, bytes] = {}
        said: dict[str, list[bytes]] = defaultdict(list)
        current: dict[str, bytes] = {}
        wanted_letters: list[tuple[str, int, int]] = []
        letters: list[tuple[str, int, int]] = []
        with self._reader() as reader:
            for number in range(self._partitions):
                told(f"comparing partition {number}")
                for record in self._read(reader, self._settings.stage_changes_topic, number):
                    published[record.key.decode()].append(record.value)
                    verdict.changes += 1
                for record in self._read(reader, self._settings.stages_topic, number):
                    last[record.key.decode()] = record.value
                for record in self._read(reader, self._settings.dead_letters_topic, number):
                    about = dead_letter_of(record.headers)
                    letters.append((about.topic, about.partition, about.offset))
                journal = list(self._journal(reader, number, 0))
                inputs = {t: self._inputs(reader, t, number) for t in self._settings.topics}
                verdict.inputs += sum(map(len, inputs.values()))
                verdict.batches += len(journal)
                fold = PartitionFold(policies, self._settings.topics, self._partitions)
                try:
                    fold.run(journal, inputs)
                except AssertionError as failure:
                    differences.failures += 1
                    differences.note(str(failure))
                folded = fold.folded
                verdict.events += folded.events
                verdict.customers += len(folded.customers)
                wanted_letters += folded.refused
                for output in folded.said:
                    said[output.customer_id].append(to_record(output, "reference").value)
                current |= _last_words(policies, folded)
                timers = {name: due for due, name in self._keeper.timers(number)}
                found = dict(self._keeper.everybody(number))
                differences.remembered(number, folded.customers, found, timers)
        verdict.dead_letters = len(letters)
        differences.said(said, published)
        differences.letters(wanted_letters, letters)
        differences.last_words(current, last)
        return verdict

    def _inputs(self, reader: Any, topic: str, number: int) -> list[InputRecord]:
        return [
            InputRecord(
                record.topic,
                record.partition,
                record.offset,
                record.timestamp,
                record.key,
                record.value,
                record.headers,
            )
            for record in self._read(reader, topic, number)
        ]

    def _journal(self, reader: Any, number: int, begin: int) -> Iterator[JournalRecord]:
        for record in self._read(reader, self._settings.journal_topic, number, begin):
            yield JournalRecord.model_validate_json(record.value)

    def _read(self, reader: Any, topic: str, number: int, begin: int = 0) -> Iterator[Any]:
        """Every committed record from an offset on."""
        place = TopicPartition(topic, number)
        end = reader.end_offsets([place])[place]
        reader.assign([place])
        reader.seek(place, begin)
        deadline = time.monotonic() + _PATIENCE
        while reader.position(place) < end:
            for records in reader.poll(timeout_ms=200).values():
                yield from records
            if time.monotonic() > deadline:
                raise TimeoutError(f"{topic} {number} does not give what lies before its end")

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        reader = KafkaConsumer(
            **self._settings.kafka(),
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_poll_records=5_000,
            max_partition_fetch_bytes=4_194_304,
            fetch_max_wait_ms=50,
            metrics_enabled=False,
        )
        try:
            yield reader
        finally:
            reader.close(autocommit=False)


def _last_words(policies: Mapping[str, Policy], folded: Folded) -> dict[str, bytes]:
    """What the compacted topic must say of everybody of whom something was said."""
    under = {output.customer_id: output.policy_digest for output in folded.said}
    found = {}
    for name, digest in under.items():
        told = current_stage(policies[digest], name, folded.customers[name])
        if told is not None:
            found[name] = to_record(told, "reference").value
    return found


def settles(ledger: Ledger) -> bool:
    """Whether it is settled, as far as the cluster answers."""
    try:
        return ledger.is_settled()
    except KafkaError:
        return False
