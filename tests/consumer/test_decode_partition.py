"""Where a customer's records belong, as the producers of feeds compute it."""

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafka_pythons_murmur2

from consumer.decode import Decoded, decode, misplaced
from consumer.partitioner import Partitioner, murmur2, partition_of
from consumer.rejection import Rejected
from tests.consumer.decoding import CUSTOMER, record, told, written


def decoded(partition: int) -> Decoded:
    found = decode(record(written("account.closed"), partition=partition))
    assert isinstance(found, Decoded)
    return found


@pytest.mark.parametrize(
    "key, hashed",
    # From the Java client's own test of Utils.murmur2.
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_the_java_clients(key: bytes, hashed: int) -> None:
    assert partition_of(key, 2**31, "murmur2") == hashed & 0x7FFFFFFF


@given(st.binary(max_size=70))
def test_murmur2_is_kafka_pythons_too(key: bytes) -> None:
    assert murmur2(key) == kafka_pythons_murmur2(key)


def test_crc32_is_librdkafkas() -> None:
    assert partition_of(b"123456789", 2**32, "crc32") == crc32(b"123456789") == 0xCBF43926


@given(st.binary(min_size=1), st.integers(1, 500), st.sampled_from(["murmur2", "crc32"]))
def test_a_partition_is_one_of_those_there_are(
    key: bytes, count: int, partitioner: Partitioner
) -> None:
    assert 0 <= partition_of(key, count, partitioner) < count


@pytest.mark.parametrize("partitioner", ["murmur2", "crc32"])
def test_a_record_on_the_partition_of_its_key_is_not_misplaced(partitioner: Partitioner) -> None:
    home = partition_of(CUSTOMER, 12, partitioner)
    assert misplaced(decoded(home), 12, partitioner) is None


@pytest.mark.parametrize("partitioner", ["murmur2", "crc32"])
def test_a_record_elsewhere_is_refused_and_told_where_it_belongs(partitioner: Partitioner) -> None:
    home = partition_of(CUSTOMER, 12, partitioner)
    found = misplaced(decoded((home + 1) % 12), 12, partitioner)
    assert isinstance(found, Rejected)
    assert found.reason == "wrong_partition"
    assert f"{partitioner} over 12 partitions puts it on {home}" in found.detail


def test_the_two_partitioners_differ_so_that_a_wrong_one_is_noticed() -> None:
    keys = [f"cust-{number}".encode() for number in range(100)]
    apart = [
        key for key in keys if partition_of(key, 6, "murmur2") != partition_of(key, 6, "crc32")
    ]
    assert len(apart) > 60


def test_a_control_event_belongs_anywhere() -> None:
    found = decode(told("feed.watermark"))
    assert isinstance(found, Decoded)
    assert misplaced(found, 12, "murmur2") is None
