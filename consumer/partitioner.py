"""Where a customer's records belong: the partition of a key, as producers compute it."""

from __future__ import annotations

from typing import Literal, assert_never
from zlib import crc32

from kafka.partitioner.default import murmur2

Partitioner = Literal["murmur2", "crc32"]
"""How the feed's producers place a key.

`murmur2` is the Java client's and kafka-python's default; `crc32` is librdkafka's (its
`consistent_random`, and so the default of clients built on it). Two feeds that differ would split
a customer over two partitions without anybody noticing: hence the check in consumer/decode.py.
"""


def partition_of(key: bytes, count: int, partitioner: Partitioner) -> int:
    """Return the partition, 0 to `count` - 1, on which a producer puts a record with this key."""
    match partitioner:
        case "murmur2":
            return (int(murmur2(key)) & 0x7FFFFFFF) % count
        case "crc32":
            return crc32(key) % count
        case _:
            assert_never(partitioner)
