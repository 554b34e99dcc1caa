"""What is stored as bytes: one byte of schema version, then the value in MessagePack.

The version byte is itself MessagePack (a small number), so stored values can be strung together
and decoded in one call: 2,000 customers of a batch cost one pass through C (`decode_many`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from statemachine.customer import Customer
from store.port import PartitionRecord
from store.rows import VERSION, from_row, from_version_1, from_version_2, to_row
from store.versions import Migration, upgrade

MIGRATIONS: Mapping[int, Migration] = {1: from_version_1, 2: from_version_2}
"""Rows of customers, from version n (the key) to n + 1."""
RECORD_VERSION = 1
RECORD_MIGRATIONS: Mapping[int, Migration] = {1: from_version_1}
"""Partition records, likewise, as dicts."""

_encode = msgspec.msgpack.Encoder().encode
_decode_many = msgspec.msgpack.Decoder(list[Any]).decode
_decode_any = msgspec.msgpack.Decoder().decode


class Codec:
    """Customers as bytes, and back. The arguments are for tests of migrations."""

    def __init__(
        self, version: int = VERSION, migrations: Mapping[int, Migration] = MIGRATIONS
    ) -> None:
        self._version = version
        self._prefix = bytes([version])
        self._migrations = migrations

    def encode(self, customer: Customer) -> bytes:
        """The stored value of `customer`."""
        return self._prefix + _encode(to_row(customer))

    def decode(self, stored: bytes) -> Customer:
        """The customer of a stored value of this version or an older one.

        Raises StateTooNew, and ValueError for bytes that are no stored value.
        """
        return self._customer(stored[0], _decode_any(memoryview(stored)[1:]))

    def decode_many(self, ids: Iterable[str], stored: bytes) -> dict[str, Customer]:
        """The customers named `ids` of their stored values strung together, in that order.

        Two nils (c0 c0) stand for a customer that is not there; it is left out.
        Raises as `decode` does, and ValueError when the numbers of ids and values differ.
        """
        found: dict[str, Customer] = {}
        names = list(ids)
        parts = _decode_many(b"\xdd" + (2 * len(names)).to_bytes(4, "big") + stored)
        if len(parts) != 2 * len(names):
            raise ValueError(f"{len(names)} customers asked for, {len(parts) // 2} values found")
        values = iter(parts)
        current = self._version
        for name, version, row in zip(names, values, values, strict=True):
            if version == current:
                found[name] = from_row(row)
            elif version is not None:
                found[name] = self._customer(version, row)
        return found

    def _customer(self, version: int, row: Any) -> Customer:
        if version != self._version:
            row = upgrade("a customer's state", version, row, self._version, self._migrations)
        return from_row(row)


def encode_record(record: PartitionRecord) -> bytes:
    """The stored value of a partition's record."""
    return bytes([RECORD_VERSION]) + _encode(record)


def decode_record(stored: bytes) -> PartitionRecord:
    """The partition's record of a stored value. Raises StateTooNew."""
    plain = upgrade(
        "a partition's record",
        stored[0],
        _decode_any(memoryview(stored)[1:]),
        RECORD_VERSION,
        RECORD_MIGRATIONS,
    )
    return msgspec.convert(plain, PartitionRecord)
