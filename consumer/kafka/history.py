"""The past on Kafka: finished ranges, the journal, the policies; outside of the group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from consumer.kafka.failures import translated
from consumer.ports import Unavailable
from consumer.records import InputRecord
from consumer.settings import Settings
from schemas.outputs import JournalRecord

_PATIENCE_POLLS = 120
_POLL_MS = 250


class KafkaHistory:
    """Reads without a group and without moving anybody's position."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._consumer: Any = None

    def read(
        self, partition: int, begin: Mapping[str, int], end: Mapping[str, int]
    ) -> Mapping[str, Sequence[InputRecord]]:
        """Committed input records, per topic."""
        found: dict[str, list[InputRecord]] = {topic: [] for topic in begin}
        for topic, first in begin.items():
            place = TopicPartition(topic, partition)
            for record in self._range(place, first, end[topic]):
                found[topic].append(
                    InputRecord(
                        record.topic,
                        record.partition,
                        record.offset,
                        record.timestamp,
                        record.key,
                        record.value,
                        record.headers,
                    )
                )
        return found

    def journal(self, partition: int, begin: int) -> Iterator[tuple[int, JournalRecord]]:
        """The journal's committed records from `begin` on."""
        place = TopicPartition(self._settings.journal_topic, partition)
        for record in self._range(place, begin, None):
            if record.value is not None:
                yield record.offset, JournalRecord.model_validate_json(record.value)

    def policy(self, digest: str) -> str | None:
        """The policy that was published under this digest."""
        found: str | None = None
        place = TopicPartition(self._settings.policies_topic, 0)
        for record in self._range(place, 0, None):
            if record.key == digest.encode() and record.value is not None:
                found = record.value.decode()
        return found

    def close(self) -> None:
        """Let go of the broker."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close(autocommit=False)

    def _range(self, place: TopicPartition, begin: int, end: int | None) -> Iterator[Any]:
        """Records from `begin` to before `end` (None: the end as it is now)."""
        with translated(f"reading {place.topic}"):
            consumer = self._reader()
            consumer.assign([place])
            first = consumer.beginning_offsets([place])[place]
            last = consumer.end_offsets([place])[place] if end is None else end
            consumer.seek(place, max(begin, first))
            idle = 0
            while consumer.position(place) < last:
                found = consumer.poll(timeout_ms=_POLL_MS)
                for records in found.values():
                    for record in records:
                        if record.offset < last:
                            yield record
                idle = 0 if found else idle + 1
                if idle > _PATIENCE_POLLS:
                    raise Unavailable(
                        f"Kafka: {place.topic} {place.partition} does not give what lies"
                        f" before offset {last}"
                    )

    def _reader(self) -> Any:
        """One consumer for all ranges, which are read one after the other."""
        if self._consumer is None:
            self._consumer = KafkaConsumer(
                **self._settings.kafka(),
                group_id=None,
                isolation_level="read_committed",
                auto_offset_reset="none",
                enable_auto_commit=False,
                metrics_enabled=False,
                allow_auto_create_topics=False,
            )
        return self._consumer
