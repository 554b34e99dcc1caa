"""What a load and a write send: one MessagePack value for thousands of customers.

The client spends a microsecond or two on every argument and every reply of its own, so the ids,
lengths and due times of a batch travel as one argument, and the states as one string.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import msgspec

from store.codec import Codec
from store.keys import Keys, Layout
from store.port import CustomerWrite

_pack = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Named:
    """Customers asked for, in the order in which load.lua answers."""

    ids: list[str]
    keys: list[str]
    packed: bytes

    @staticmethod
    def of(keys: Keys, partition: int, namespace: str, layout: Layout, ids: Iterable[str]) -> Named:
        """The question for `ids`, each once."""
        buckets: defaultdict[int, list[str]] = defaultdict(list)
        count = layout.buckets
        for customer_id in dict.fromkeys(ids):
            buckets[crc32(customer_id.encode()) % count].append(customer_id)
        return Named(
            [customer_id for bucket in buckets.values() for customer_id in bucket],
            [keys.customers(partition, namespace, bucket) for bucket in buckets],
            _pack(list(buckets.values())),
        )


class Changes:
    """The customers and timers of one batch, as write.lua takes them (its ARGV[9] and [10])."""

    def __init__(
        self, codec: Codec, layout: Layout, customers: Mapping[str, CustomerWrite]
    ) -> None:
        # bucket -> [ids, lengths, erased], and its states beside
        self._buckets: defaultdict[int, tuple[list[str], list[int], list[str]]] = defaultdict(
            lambda: ([], [], [])
        )
        self._states: defaultdict[int, list[bytes]] = defaultdict(list)
        # timer set -> [removed, their due times, put, their due times]
        self._timer_sets: defaultdict[str, tuple[list[str], list[str], list[str], list[str]]] = (
            defaultdict(lambda: ([], [], [], []))
        )
        self._layout = layout
        encode, count = codec.encode, layout.buckets
        for customer_id, change in customers.items():
            customer = change.customer
            bucket = crc32(customer_id.encode()) % count
            ids, lengths, erased = self._buckets[bucket]
            if customer is None:
                erased.append(customer_id)
                timer = None
            else:
                state = encode(customer)
                ids.append(customer_id)
                lengths.append(len(state))
                self._states[bucket].append(state)
                timer = customer.timer
            if timer != change.timer_before:
                self._move_timer(customer_id, change.timer_before, timer)

    def _move_timer(self, customer_id: str, before: int | None, after: int | None) -> None:
        if before is not None:
            removed, dues, _, _ = self._timer_sets[self._layout.timer_set_of(before, customer_id)]
            removed.append(customer_id)
            dues.append(str(before))
        if after is not None:
            _, _, put, dues = self._timer_sets[self._layout.timer_set_of(after, customer_id)]
            put.append(customer_id)
            dues.append(str(after))

    def keys(self, keys: Keys, partition: int, namespace: str) -> list[str]:
        """The keys to change: the buckets, then the timer sets."""
        buckets = [keys.customers(partition, namespace, bucket) for bucket in self._buckets]
        return buckets + [keys.timer_set(partition, namespace, name) for name in self._timer_sets]

    def packed(self) -> bytes:
        """ARGV[9]: [buckets, timer sets] in the order of the keys."""
        timer_sets: list[Any] = [(name, *moves) for name, moves in self._timer_sets.items()]
        return _pack((list(self._buckets.values()), timer_sets))

    def states(self) -> bytes:
        """ARGV[10]: the states, in the order of the ids."""
        return b"".join(
            [state for bucket in self._buckets for state in self._states.get(bucket, ())]
        )
