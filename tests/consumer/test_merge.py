"""The merge: one order of a partition's topics, however they are read and released."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from consumer.merge import Merge, merged
from consumer.records import InputRecord

TOPICS = ("accounts", "cards", "transactions")
Log = dict[str, list[InputRecord]]

_STAMPS = st.lists(st.integers(0, 12), max_size=14)


@st.composite
def logs(draw: st.DrawFn, *, growing: bool = False) -> Log:
    """Records of one to three topics; `growing`: their timestamps never go back in a topic."""
    count = draw(st.integers(1, len(TOPICS)))
    log: Log = {}
    for topic in TOPICS[:count]:
        stamps = draw(_STAMPS)
        log[topic] = [
            InputRecord(topic, 0, offset, stamp, None, None)
            for offset, stamp in enumerate(sorted(stamps) if growing else stamps)
        ]
    return log


class Reader:
    """A consumer of one partition: it reads the topics piece by piece into a merge."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.read = dict.fromkeys(log, 0)
        self.merge = Merge(sorted(log, reverse=True))  # a setting may name them in any order
        self.asked: Counter[str] = Counter()

    def poll(self, topic: str, count: int) -> None:
        """Some more records of a topic are read."""
        begin = self.read[topic]
        for record in self.log[topic][begin : begin + count]:
            self.merge.add([record])
        self.read[topic] = min(begin + count, len(self.log[topic]))

    def at_end(self, topic: str) -> bool:
        self.asked[topic] += 1
        return self.is_at_end(topic)

    def is_at_end(self, topic: str) -> bool:
        return self.read[topic] == len(self.log[topic])

    def peek(self, limit: int) -> list[InputRecord]:
        self.asked.clear()
        return self.merge.peek(limit, self.at_end)


@st.composite
def readers(draw: st.DrawFn) -> Reader:
    """A reader somewhere in the middle, nothing released so far."""
    reader = Reader(draw(logs()))
    for topic in reader.log:
        reader.poll(topic, draw(st.integers(0, 14)))
    return reader


def naive(log: Log) -> list[InputRecord]:
    """The oldest head first, of equal ones that of the first topic, until nothing is left."""
    left = {topic: list(records) for topic, records in log.items()}
    order: list[InputRecord] = []
    while any(left.values()):
        heads = [(records[0].timestamp_ms, topic) for topic, records in left.items() if records]
        order.append(left[min(heads)[1]].pop(0))
    return order


@given(log=logs())
def test_the_oldest_head_comes_first_and_each_topic_keeps_its_own_order(log: Log) -> None:
    order = merged(log)
    assert order == naive(log)
    for topic, records in log.items():
        assert [record for record in order if record.topic == topic] == records


@given(log=logs(growing=True))
def test_where_no_topic_goes_back_in_time_the_order_is_that_of_time(log: Log) -> None:
    everything = [record for records in log.values() for record in records]
    everything.sort(key=lambda record: (record.timestamp_ms, record.topic, record.offset))
    assert merged(log) == everything


@given(log=logs(), data=st.data())
def test_the_order_does_not_depend_on_how_records_are_read_and_released(
    log: Log, data: st.DataObject
) -> None:
    """Any pieces, any limits, any part of what was released taken; the rest read at the end."""
    reader, released = Reader(log), list[InputRecord]()
    for _ in range(data.draw(st.integers(0, 12))):
        reader.poll(data.draw(st.sampled_from(sorted(log))), data.draw(st.integers(0, 5)))
        ready = reader.peek(data.draw(st.integers(0, 6)))
        taken = ready[: data.draw(st.integers(0, len(ready)))]
        reader.merge.take(taken)
        released += taken
    for topic in log:
        reader.poll(topic, len(log[topic]))
    released += reader.peek(1_000)
    assert released == merged(log)


@given(reader=readers(), limit=st.integers(0, 30))
def test_nothing_is_released_before_every_other_topic_was_looked_at(
    reader: Reader, limit: int
) -> None:
    """Each other topic had a record in hand that comes later, or was read to its end."""
    waiting = {topic: reader.log[topic][: reader.read[topic]] for topic in reader.log}
    for record in reader.peek(limit):
        for topic, records in waiting.items():
            if records:
                head = (records[0].timestamp_ms, topic)
                assert (record.timestamp_ms, record.topic) <= head
            else:
                assert reader.is_at_end(topic)
        waiting[record.topic].remove(record)


@given(reader=readers())
def test_everything_is_released_that_can_be(reader: Reader) -> None:
    """What stays behind has a topic to wait for: nothing of it in hand, and not at its end."""
    left = {topic: reader.read[topic] for topic in reader.log}
    for record in reader.peek(1_000):
        left[record.topic] -= 1
    if any(left.values()):
        assert [topic for topic in left if not left[topic] and not reader.is_at_end(topic)]


@given(reader=readers(), limit=st.integers(0, 30))
def test_the_end_is_asked_for_once_at_most_and_only_where_nothing_is_in_hand(
    reader: Reader, limit: int
) -> None:
    left = {topic: reader.read[topic] for topic in reader.log}
    for record in reader.peek(limit):
        left[record.topic] -= 1
    assert all(count == 1 and not left[topic] for topic, count in reader.asked.items())


@given(reader=readers(), limit=st.integers(0, 30))
def test_a_limit_cuts_the_order_short_and_peeking_takes_nothing(reader: Reader, limit: int) -> None:
    everything = reader.peek(1_000)
    assert reader.peek(limit) == everything[:limit]
    assert reader.peek(1_000) == everything
    assert {topic: reader.merge.waiting(topic) for topic in reader.log} == reader.read


@given(reader=readers(), limit=st.integers(0, 30))
def test_a_batch_by_itself_is_merged_as_it_was_released(reader: Reader, limit: int) -> None:
    """Recovery reads a batch's ranges again and knows nothing of what else waited then."""
    batch = reader.peek(limit)
    ranges = {topic: [one for one in batch if one.topic == topic] for topic in reader.log}
    assert merged(ranges) == batch


@given(log=logs(), ends=st.lists(st.booleans(), min_size=60, max_size=60), data=st.data())
def test_a_topic_that_grows_after_its_end_keeps_its_order(
    log: Log, ends: list[bool], data: st.DataObject
) -> None:
    """An end is the end of a moment; whatever is answered, nothing is lost or doubled."""
    reader, released = Reader(log), list[InputRecord]()
    answers = iter(ends)
    for _ in range(data.draw(st.integers(0, 10))):
        reader.poll(data.draw(st.sampled_from(sorted(log))), data.draw(st.integers(0, 5)))
        taken = reader.merge.peek(data.draw(st.integers(0, 6)), lambda topic: next(answers))
        reader.merge.take(taken)
        released += taken
    for topic in log:
        reader.poll(topic, len(log[topic]))
    released += reader.peek(1_000)
    for topic, records in log.items():
        assert [record for record in released if record.topic == topic] == records


@given(reader=readers())
def test_a_cleared_merge_has_nothing_waiting(reader: Reader) -> None:
    reader.merge.clear()
    assert [reader.merge.waiting(topic) for topic in reader.log] == [0] * len(reader.log)
    assert reader.merge.peek(1_000, lambda topic: True) == []
