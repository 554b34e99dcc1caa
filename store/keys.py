"""The names of keys, and which customer is in which.

Every key of partition p begins `tenure:<deployment>:{p}:`; the braces are Redis Cluster's hash
tag, so that one script call would stay within one slot (the client does not speak to a cluster
yet). Below it:

    partition                  hash: owner, live namespace, its layout, position, record
    <namespace>:customers:<b>  hash: customer id -> state, for each of the layout's buckets
    <namespace>:due:<s>:<h>    sorted set: customer id by due time in ms, for span s, split h
    <namespace>:due            sorted set: '<s>:<h>' by the earliest due time in that set

A layout is chosen when a namespace is created and never changed, so that the same customer is
always looked for in the same place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from zlib import crc32

HOUR_MS = 3_600_000
EXPECTED_CUSTOMERS = 100_000
"""Of one partition, if nobody says otherwise."""

_BUCKET = 1_000
"""Customers meant for one bucket: some 350 kB, moved or deleted in a millisecond."""
_BUCKETS_MAX = 1 << 14
_SET = 48
"""Timers meant for one sorted set: room for twice as many on a busy day, because above 128
entries Redis turns it into a form that takes five times the memory."""
_SPREAD_DAYS = 120
"""Over how many days the due times of a bank's customers are meant to spread."""
_SPAN_DAYS_MAX = 28

_DEPLOYMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a namespace spreads its customers and timers over keys."""

    buckets: int
    span_hours: int
    """The length of time whose timers are kept together."""
    splits: int
    """Over how many sets the timers of one span are spread."""

    @staticmethod
    def for_customers(expected: int) -> Layout:
        """The layout for a partition of about `expected` customers.

        Ten times more also works, at a higher price in memory.
        """
        if expected < 1:
            raise ValueError(f"expected_customers must be at least 1, not {expected}")
        buckets = 1
        while buckets * _BUCKET < expected and buckets < _BUCKETS_MAX:
            buckets *= 2
        sets_a_day = expected / _SPREAD_DAYS / _SET
        days = 1 if sets_a_day >= 1 else min(_SPAN_DAYS_MAX, round(1 / sets_a_day))
        return Layout(buckets, 24 * days, max(1, round(sets_a_day)))

    def bucket_of(self, customer_id: str) -> int:
        """The bucket of a customer: CRC-32 of the UTF-8 id, modulo the number of buckets."""
        return crc32(customer_id.encode()) % self.buckets

    def timer_set_of(self, due: int, customer_id: str) -> str:
        """'<span>:<split>' of a timer; the split is taken from the upper half of the CRC-32."""
        split = (crc32(customer_id.encode()) >> 16) % self.splits
        return f"{due // (self.span_hours * HOUR_MS)}:{split}"


class Keys:
    """The key names of one deployment (a tenant, or a rehearsal beside one)."""

    def __init__(self, deployment: str) -> None:
        if not _DEPLOYMENT.fullmatch(deployment):
            raise ValueError(
                f"{deployment!r} is no name for a deployment: use up to 64 letters, digits, "
                "'_', '.' and '-', beginning with a letter or digit"
            )
        self.prefix = f"tenure:{deployment}:"

    def all_of(self, partition: int) -> str:
        """What every key of the partition begins with."""
        return f"{self.prefix}{{{partition}}}:"

    def partition(self, partition: int) -> str:
        """The hash with the owner, the live namespace, its layout, position and record."""
        return f"{self.prefix}{{{partition}}}:partition"

    def probe(self, partition: int) -> str:
        """A key that never exists: take.lua tries its rights on it."""
        return f"{self.prefix}{{{partition}}}:probe"

    def customers(self, partition: int, namespace: str, bucket: int) -> str:
        """The hash of one bucket of customers."""
        return f"{self.prefix}{{{partition}}}:{namespace}:customers:{bucket}"

    def timer_index(self, partition: int, namespace: str) -> str:
        """The sorted set of the timer sets that exist, by the earliest due time in each."""
        return f"{self.prefix}{{{partition}}}:{namespace}:due"

    def timer_set(self, partition: int, namespace: str, timer_set: str) -> str:
        """One sorted set of timers; `timer_set` as Layout.timer_set_of names it."""
        return f"{self.prefix}{{{partition}}}:{namespace}:due:{timer_set}"
