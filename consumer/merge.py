"""The merge: one order of a partition's topics, without waiting for a topic that is silent.

Records wait in one bounded buffer per topic and leave in the order of a k-way merge of the
buffers' heads on (record timestamp, topic). It is a merge and never a sort: each topic keeps its
own order. A record leaves only when every other topic has a record in hand to compare with, or is
read to its end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from operator import attrgetter

from consumer.records import InputRecord

_ORDER = attrgetter("timestamp_ms", "topic")


class Merge:
    """The waiting records of one partition."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = tuple(topics)
        self._waiting: dict[str, deque[InputRecord]] = {topic: deque() for topic in topics}

    def add(self, records: Sequence[InputRecord]) -> None:
        """Some records of one topic were read; those of a topic come in offset order."""
        self._waiting[records[0].topic].extend(records)

    def waiting(self, topic: str) -> int:
        """How many records of `topic` wait."""
        return len(self._waiting[topic])

    def peek(self, limit: int, at_end: Callable[[str], bool]) -> list[InputRecord]:
        """The next records in order, at most `limit`; they stay until `take`.

        `at_end` tells whether a topic with no record in hand is read to its end; it is asked at
        most once per topic.
        """
        iterators = {topic: iter(self._waiting[topic]) for topic in self._topics}
        hands: dict[str, InputRecord] = {}
        released: list[InputRecord] = []
        for topic in self._topics:
            record = next(iterators[topic], None)
            if record is not None:
                hands[topic] = record
            elif not at_end(topic):
                return released
        while len(hands) > 1 and len(released) < limit:
            first = min(hands.values(), key=_ORDER)
            released.append(first)
            record = next(iterators[first.topic], None)
            if record is not None:
                hands[first.topic] = record
            else:
                del hands[first.topic]
                if not at_end(first.topic):
                    return released
        if len(released) < limit:
            # Every other topic is at its end: the rest comes as it is.
            for topic, record in hands.items():
                released.append(record)
                released += islice(iterators[topic], limit - len(released))
        return released

    def take(self, records: Sequence[InputRecord]) -> None:
        """These records, the first of what `peek` gave, are done with."""
        for record in records:
            self._waiting[record.topic].popleft()

    def clear(self) -> None:
        """Nothing waits any more."""
        for waiting in self._waiting.values():
            waiting.clear()


def merged(by_topic: Mapping[str, Sequence[InputRecord]]) -> list[InputRecord]:
    """All records of finished ranges in the order in which a worker released them."""
    merge = Merge(sorted(by_topic))
    total = 0
    for records in by_topic.values():
        if records:
            merge.add(records)
            total += len(records)
    return merge.peek(total, lambda topic: True)
