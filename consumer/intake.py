"""The intake: reading ahead, how far each topic is read, and whether the feeds are alive."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.execute import Rules
from consumer.liveness import Doubt, Liveness
from consumer.partition import Partition
from consumer.ports import Ports
from consumer.records import InputRecord
from consumer.settings import Settings

_TICK = 1.0
"""Seconds between two looks at an idle partition's due times, and at the feeds' pulse."""


class Intake:
    """What stands between the source and the cut."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self._settings = settings
        self._rules = rules
        self._ports = ports
        watched = [topic.name for topic in settings.input_topics if topic.activity]
        self._liveness = Liveness(watched, settings.feed_stale_after, settings.feed_settle)
        self._pulse_at = float("-inf")
        self._doubts: Mapping[str, Doubt] = {}
        self._ends: Mapping[tuple[str, int], int] | None = None
        self._owned: tuple[int, ...] = ()

    def read(self, partitions: Mapping[int, Partition], timeout: float) -> None:
        """Read on: records into the partitions' buffers, full buffers paused."""
        self._ends = None
        self._owned = tuple(partitions)
        busy = any(_has_work(partition) for partition in partitions.values())
        wanted = self._settings.batch_records
        wait = 0.0 if busy else timeout
        while wanted > 0:
            # A client gives what it has at hand, often less than a batch: ask on while it gives.
            runs = self._ports.source.poll(wait, wanted)
            for run in runs:
                partition = partitions.get(run[0].partition)
                if partition is not None:
                    partition.merge.add(run)
            wanted = wanted - sum(map(len, runs)) if runs else 0
            wait = 0.0
        for partition in partitions.values():
            # An equal part of the room for each topic partition, however many there are.
            places = len(partitions) * len(partition.topics)
            self._throttle(partition, max(1, self._settings.buffer_records // places))

    def ready(self, partition: Partition, limit: int) -> list[InputRecord]:
        """The next records of a partition in merged order, at most `limit`."""
        return partition.merge.peek(limit, lambda topic: self._at_end(partition.number, topic))

    def due_for_a_look(self, partition: Partition) -> bool:
        """Whether an idle partition's due times are to be looked at now."""
        now = self._ports.clock.monotonic()
        if not partition.sweep_pending and now - partition.checked_at < _TICK:
            return False
        partition.checked_at = now
        return True

    def idle_clock(self, partition: Partition) -> int | None:
        """The wall clock's word on W, for an idle partition that is read to its end."""
        if self._settings.idle_clock != "wall":
            return None
        if not all(self._at_end(partition.number, topic) for topic in partition.topics):
            return None
        return self._ports.clock.wall() - partition.clock.lateness

    def doubtful(self) -> list[str]:
        """The topics whose silence must not count as the customers'; none when reading history."""
        if self._settings.idle_clock != "wall":
            return []
        now = self._ports.clock.monotonic()
        if now - self._pulse_at >= _TICK:
            self._pulse_at = now
            ends = self._ports.source.ends(range(self._rules.partition_count))
            totals: dict[str, int] = {}
            for (topic, _), end in ends.items():
                totals[topic] = totals.get(topic, 0) + end
            self._liveness.observe(totals, now)
        doubts = self._liveness.doubts(now)
        if doubts != self._doubts:
            self._doubts = doubts
            self._ports.reporter.feeds(doubts)
        return list(doubts)

    def _at_end(self, partition: int, topic: str) -> bool:
        if self._ends is None:
            self._ends = self._ports.source.ends(self._owned)
        position = self._ports.source.positions(partition)[topic]
        return position >= self._ends[topic, partition]

    def _throttle(self, partition: Partition, limit: int) -> None:
        for topic in partition.topics:
            waiting = partition.merge.waiting(topic)
            if waiting > limit and topic not in partition.paused:
                self._ports.source.pause(topic, partition.number)
                partition.paused.add(topic)
            elif waiting <= limit // 2 and topic in partition.paused:
                self._ports.source.resume(topic, partition.number)
                partition.paused.discard(topic)


def _has_work(partition: Partition) -> bool:
    """Whether a batch can be made without reading on."""
    if partition.recompute_page is not None:
        return True
    if partition.hold.held:
        return False
    return partition.sweep_pending or any(map(partition.merge.waiting, partition.topics))
