"""Reading the topics from outside: no group, nobody's position moved, committed records only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from consumer.kafka.failures import translated
from consumer.kafka.reach import reach
from consumer.settings import Settings

_POLL_MS = 200
_PATIENCE_POLLS = 50


class LogReader:
    """Reads ranges and ends of topics."""

    def __init__(self, consumer: Any) -> None:
        self._consumer = consumer

    def partitions(self, topic: str) -> list[int]:
        """The topic's partitions; none if it does not exist."""
        return sorted(self._consumer.partitions_for_topic(topic) or ())

    def ends(self, topic: str) -> dict[int, int]:
        """The offset after the last committed record, per partition."""
        places = [TopicPartition(topic, number) for number in self.partitions(topic)]
        found: Mapping[TopicPartition, int] = self._consumer.end_offsets(places) if places else {}
        return {place.partition: offset for place, offset in found.items()}

    def begins(self, topic: str, partition: int) -> int:
        """The first offset there still is."""
        place = TopicPartition(topic, partition)
        return int(self._consumer.beginning_offsets([place])[place])

    def range(
        self, topic: str, partition: int, begin: int, end: int | None = None
    ) -> Iterator[Any]:
        """The committed records from `begin` to before `end`, in order.

        Without `end`: to the end as it is now, and what came with it. (The embedded broker tells
        the end short of its last batch.)
        """
        place = TopicPartition(topic, partition)
        last = self._consumer.end_offsets([place])[place] if end is None else end
        self._consumer.assign([place])
        self._consumer.seek(place, begin)
        idle = 0
        while self._consumer.position(place) < last and idle < _PATIENCE_POLLS:
            found = self._consumer.poll(timeout_ms=_POLL_MS)
            idle = 0 if found else idle + 1
            for record in found.get(place, ()):
                if end is None or record.offset < end:
                    yield record

    def follow(self, topic: str, *, from_beginning: bool) -> Iterator[Any]:
        """The committed records of every partition as they come, without end.

        In a partition's order; between partitions in no order. None first, once it is settled from
        where on, and where nothing came for a moment, so that the caller can stop.
        """
        places = [TopicPartition(topic, number) for number in self.partitions(topic)]
        self._consumer.assign(places)
        if from_beginning:
            self._consumer.seek_to_beginning()
        else:
            self._consumer.seek_to_end()
            for place in places:
                self._consumer.position(place)  # now is now, not the first poll
        yield None
        while True:
            found: Mapping[TopicPartition, Sequence[Any]] = self._consumer.poll(timeout_ms=_POLL_MS)
            for records in found.values():
                yield from records
            if not found:
                yield None


@contextmanager
def open_log(settings: Settings) -> Iterator[LogReader]:
    """A reader for as long as it is needed. Raises Unavailable."""
    reach(settings)
    with translated("reading"):
        consumer = KafkaConsumer(
            **settings.kafka(),
            client_id="tenure-reader",
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="none",
            enable_auto_commit=False,
            max_poll_records=5_000,
            retry_backoff_ms=20,
            metrics_enabled=False,
            allow_auto_create_topics=False,
        )
        try:
            yield LogReader(consumer)
        finally:
            consumer.close(autocommit=False)
