"""Where a customer's records belong: the partition of a key, as producers compute it."""

from __future__ import annotations

from struct import unpack_from
from typing import Final, Literal, assert_never
from zlib import crc32

Partitioner = Literal["murmur2", "crc32"]
"""How the feed's producers place a key.

`murmur2` is the Java client's and kafka-python's default; `crc32` is librdkafka's (its
`consistent_random`, and so the default of clients built on it). Two feeds that differ would split
a customer over two partitions without anybody noticing: hence the check in consumer/decode.py.
"""

_SEED: Final = 0x9747B28C
_M: Final = 0x5BD1E995
_MASK: Final = 0xFFFFFFFF


def partition_of(key: bytes, count: int, partitioner: Partitioner) -> int:
    """Return the partition, 0 to `count` - 1, on which a producer puts a record with this key."""
    match partitioner:
        case "murmur2":
            return (murmur2(key) & 0x7FFFFFFF) % count
        case "crc32":
            return crc32(key) % count
        case _:
            assert_never(partitioner)


def murmur2(key: bytes) -> int:
    """Return the 32-bit MurmurHash2 of a key, unsigned, as the Java client's Utils.murmur2.

    kafka-python has one too, which tests compare; this one is faster, and decoding a file needs
    no Kafka client.
    """
    size = len(key)
    words = size // 4
    hashed = _SEED ^ size
    for word in unpack_from(f"<{words}I", key):
        mixed = word * _M & _MASK
        hashed = (hashed * _M ^ (mixed ^ mixed >> 24) * _M) & _MASK
    tail = key[words * 4 :]
    if tail:
        hashed = (hashed ^ int.from_bytes(tail, "little")) * _M & _MASK
    hashed = (hashed ^ hashed >> 13) * _M & _MASK
    return hashed ^ hashed >> 15
