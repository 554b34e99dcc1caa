"""The past on Kafka: finished ranges, the journal, the policies; outside of the group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from consumer.kafka.clients import ANSWER_MS, KAFKA_PYTHON, Clients
from consumer.kafka.failures import translated
from consumer.kafka.unpacking import unpack_quickly
from consumer.ports import Unavailable, Unstable
from consumer.records import InputRecord
from consumer.settings import Settings
from schemas.outputs import JournalRecord

_PATIENCE_POLLS = 120
_POLL_MS = 250
_MOST_RECORDS = 4_000


class KafkaHistory:
    """Reads without a group and without moving anybody's position."""

    def __init__(self, settings: Settings, clients: Clients = KAFKA_PYTHON) -> None:
        self._settings = settings
        self._clients = clients
        self._readers: dict[tuple[str, str], _Reader] = {}

    def read(
        self, partition: int, begin: Mapping[str, int], end: Mapping[str, int]
    ) -> Mapping[str, Sequence[InputRecord]]:
        """Committed input records, per topic.

        Cheapest where one range begins where the last one ended, as in recovery.
        """
        found: dict[str, list[InputRecord]] = {topic: [] for topic in begin}
        for topic, first in begin.items():
            if first == end[topic]:
                continue
            place = TopicPartition(topic, partition)
            found[topic] = list(self._reader(topic).range(place, first, end[topic]))
        return found

    def journal(self, partition: int, begin: int) -> Iterator[tuple[int, JournalRecord]]:
        """The journal's committed records from `begin` on, up to its end as it is now.

        Raises Unstable while an open transaction hides that end. (The embedded broker does not
        tell where one begins.)
        """
        place = TopicPartition(self._settings.journal_topic, partition)
        end = self._reader(place.topic).end(place)
        tells = not self._settings.kafka_embedded
        if tells and end < self._reader(place.topic, "read_uncommitted").end(place):
            raise Unstable(f"the end of {place.topic} {partition}")
        return self._journal(place, begin, end)

    def policy(self, digest: str) -> str | None:
        """The policy that was published under this digest."""
        found: str | None = None
        place = TopicPartition(self._settings.policies_topic, 0)
        reader = self._reader(place.topic)
        for record in reader.range(place, 0, reader.end(place)):
            if record.key == digest.encode() and record.value is not None:
                found = record.value.decode()
        return found

    def close(self) -> None:
        """Let go of the broker."""
        while self._readers:
            self._readers.popitem()[1].close()

    def _reader(self, topic: str, isolation: str = "read_committed") -> _Reader:
        if (topic, isolation) not in self._readers:
            self._readers[topic, isolation] = _Reader(self._settings, isolation, self._clients)
        return self._readers[topic, isolation]

    def _journal(
        self, place: TopicPartition, begin: int, end: int
    ) -> Iterator[tuple[int, JournalRecord]]:
        for record in self._reader(place.topic).range(place, begin, end):
            if record.value is not None:
                yield record.offset, JournalRecord.model_validate_json(record.value)


class _Reader:
    """One consumer without a group, that stays where it was read last."""

    def __init__(self, settings: Settings, isolation: str, clients: Clients) -> None:
        with translated("reading history"):
            self._consumer: Any = clients.consumer(
                **settings.kafka(),
                group_id=None,
                isolation_level=isolation,
                auto_offset_reset="none",
                request_timeout_ms=ANSWER_MS,
                enable_auto_commit=False,
                metrics_enabled=False,
                allow_auto_create_topics=False,
            )
        unpack_quickly(self._consumer)
        self._at: tuple[TopicPartition, int] | None = None

    def end(self, place: TopicPartition) -> int:
        """The offset after the last record."""
        with translated(f"asking for the end of {place.topic}"):
            return int(self._consumer.end_offsets([place])[place])

    def range(self, place: TopicPartition, begin: int, end: int) -> Iterator[InputRecord]:
        """Records from `begin`, or from wherever the log still begins, to before `end`.

        Another range may be read while this one is under way.
        """
        at, idle = begin, 0
        while at < end:
            at, found = self._poll(place, at, min(end - at, _MOST_RECORDS))
            yield from (record for record in found if record.offset < end)
            idle = 0 if found else idle + 1
            if idle > _PATIENCE_POLLS:
                raise Unavailable(
                    f"Kafka: {place.topic} {place.partition} does not give what lies before"
                    f" offset {end}"
                )

    def close(self) -> None:
        """Let go of the broker."""
        with suppress(KafkaError):
            self._consumer.close(autocommit=False)

    def _poll(self, place: TopicPartition, begin: int, most: int) -> tuple[int, list[InputRecord]]:
        """Some records from `begin` on, and where to go on; what was fetched is kept in hand."""
        with translated(f"reading {place.topic}"):
            if self._at != (place, begin):
                self._at = None
                self._consumer.assign([place])
                first = self._consumer.beginning_offsets([place])[place]
                self._consumer.seek(place, max(begin, first))
            found = self._consumer.poll(timeout_ms=_POLL_MS, max_records=most)
            position = int(self._consumer.position(place))
        self._at = place, position
        return position, [record for records in found.values() for record in records]
