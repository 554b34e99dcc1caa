"""What is unpacked quickly is what the client itself unpacks, record by record."""

from __future__ import annotations

import inspect
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from kafka import TopicPartition
from kafka.consumer.fetcher import Fetcher
from kafka.errors import CorruptRecordError
from kafka.protocol.consumer import IsolationLevel
from kafka.record.default_records import DefaultRecordBatchBuilder
from kafka.record.memory_records import MemoryRecords

from consumer.kafka.unpacking import QuickRecords

PLACE = TopicPartition("tenure.accounts", 3)
NONE, GZIP = 0, 1
Unpacked = list[tuple[object, ...]]

texts = st.none() | st.binary(max_size=300)
names = st.text(max_size=9).filter(lambda text: text.isprintable())
records = st.tuples(
    st.integers(-(2**40), 2**41), texts, texts, st.lists(st.tuples(names, texts), max_size=4)
)


@st.composite
def batches(draw: st.DrawFn) -> bytes:
    """Batches one after the other, with gaps between their offsets."""
    data, offset = b"", draw(st.integers(0, 2**40))
    for _ in range(draw(st.integers(1, 4))):
        transactional = draw(st.booleans())
        builder = DefaultRecordBatchBuilder(
            magic=2,
            compression_type=draw(st.sampled_from((NONE, GZIP))),
            is_transactional=transactional,
            producer_id=draw(st.integers(0, 3)) if transactional else -1,
            producer_epoch=0 if transactional else -1,
            base_sequence=0 if transactional else -1,
            batch_size=1 << 20,
        )
        count = draw(st.integers(1, 5))
        for number in range(count):
            timestamp, key, value, headers = draw(records)
            builder.append(number, timestamp=timestamp, key=key, value=value, headers=headers)
        batch = bytearray(builder.build())
        batch[:8] = offset.to_bytes(8, "big")  # brokers place a batch so, outside its checksum
        data += batch
        offset += count + draw(st.integers(0, 3))
    return data


class Aborted:
    """A transaction that the broker says was aborted."""

    def __init__(self, producer_id: int, first_offset: int) -> None:
        self.producer_id, self.first_offset = producer_id, first_offset


def unpacked(kind: Any, data: bytes, begin: int, aborted: list[Aborted]) -> tuple[Unpacked, int]:
    """The records, and where the next fetch begins."""
    fetched = kind(
        begin,
        PLACE,
        MemoryRecords(data),
        isolation_level=IsolationLevel.READ_COMMITTED,
        aborted_transactions=aborted,
    )
    found: Unpacked = []
    while fetched:
        taken = fetched.take(2)
        if not taken:
            break
        for one in taken:
            stamp = one.timestamp_ms if kind is QuickRecords else one.timestamp
            about = (one.topic, one.partition, one.offset, stamp, one.key, one.value)
            found.append((*about, list(one.headers)))
    return found, int(fetched.next_fetch_offset)


@settings(max_examples=200, deadline=None)
@given(data=batches(), skip=st.integers(0, 6), aborted=st.sets(st.integers(0, 3)))
def test_any_batches_are_unpacked_as_the_client_does_it(
    data: bytes, skip: int, aborted: set[int]
) -> None:
    begin = int.from_bytes(data[:8], "big") + skip
    given_up = [Aborted(producer, 0) for producer in sorted(aborted)]
    ours = unpacked(QuickRecords, data, begin, list(given_up))
    assert ours == unpacked(Fetcher.PartitionRecords, data, begin, list(given_up))


@settings(max_examples=100, deadline=None)
@given(data=batches(), place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_a_damaged_batch_is_refused_where_the_client_refuses_it(
    data: bytes, place: int, value: int
) -> None:
    damaged = bytearray(data)
    damaged[21 + place % (len(data) - 21)] = value
    outcomes = []
    for kind in (QuickRecords, Fetcher.PartitionRecords):
        try:
            outcomes.append(unpacked(kind, bytes(damaged), 0, []))
        except CorruptRecordError:
            outcomes.append(([], -1))
        except Exception as error:  # noqa: BLE001 - whatever it is, both must meet it
            outcomes.append(([(type(error),)], -1))
    assert outcomes[0] == outcomes[1] or outcomes[0] == ([], -1)


def test_the_consumer_is_told_through_its_fetcher() -> None:
    """A release of the client that has it otherwise fails here and not in a bank."""
    assert issubclass(QuickRecords, Fetcher.PartitionRecords)
    assert "self.PartitionRecords(" in inspect.getsource(Fetcher)
