"""The judge of one partition's records: decoded and in their right place, or refused."""

from __future__ import annotations

from consumer.decode import Decoded, Limits, decode, misplaced
from consumer.execute import Rules
from consumer.records import InputRecord
from consumer.rejection import Rejected

_REMEMBERED = 200_000


class Judge:
    """Decodes; checks once per key that it lies on the partition where its customer belongs."""

    def __init__(self, rules: Rules, max_value_bytes: int) -> None:
        self._rules = rules
        self._limits = Limits(max_value_bytes, rules.policy.stream.future_tolerance.millis)
        self._placed: set[tuple[int, bytes]] = set()

    def __call__(self, record: InputRecord) -> Decoded | Rejected:
        """The record's event, or why it is refused. A pure function, remembered for speed."""
        item = decode(record, self._limits)
        if isinstance(item, Rejected) or record.key is None:
            return item
        place = (record.partition, record.key)
        if place in self._placed:
            return item
        refused = misplaced(item, self._rules.partition_count, self._rules.partitioner)
        if refused is not None:
            return refused
        if len(self._placed) >= _REMEMBERED:
            self._placed.clear()
        self._placed.add(place)
        return item
