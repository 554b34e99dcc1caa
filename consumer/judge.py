"""The judge of one partition's records: decoded and in their right place, or refused."""

from __future__ import annotations

from collections import defaultdict

from consumer.decode import Decoded, Limits, decode, misplaced
from consumer.execute import Rules
from consumer.records import InputRecord
from consumer.rejection import Rejected, reject
from schemas.events import FeedWatermark

_REMEMBERED = 200_000


class Judge:
    """Decodes; checks once per key that it lies on the partition where its customer belongs."""

    def __init__(self, rules: Rules, max_value_bytes: int) -> None:
        self._rules = rules
        self._limits = Limits(max_value_bytes, rules.policy.stream.future_tolerance.millis)
        self._placed: defaultdict[int, set[bytes]] = defaultdict(set)

    def __call__(self, record: InputRecord) -> Decoded | Rejected:
        """The record's event, or why it is refused. A pure function, remembered for speed."""
        item = decode(record, self._limits)
        if type(item) is not Decoded:
            return item
        if record.key is None:
            return _of_its_topic(item)
        placed = self._placed[record.partition]
        if record.key in placed:
            return item
        refused = misplaced(item, self._rules.partition_count, self._rules.partitioner)
        if refused is not None:
            return refused
        if len(placed) >= _REMEMBERED:
            placed.clear()
        placed.add(record.key)
        return item


def _of_its_topic(item: Decoded) -> Decoded | Rejected:
    """A watermark speaks for the topic that it comes on, and for no other."""
    event = item.event
    if not isinstance(event, FeedWatermark) or event.topic == item.record.topic:
        return item
    return reject(
        item.record,
        "wrong_topic",
        f"the watermark names topic '{event.topic}' and came on '{item.record.topic}'",
    )
