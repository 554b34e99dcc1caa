"""Whole numbers as bytes: small ones, positive or negative, take one byte.

Each is a zigzag varint as in Protocol Buffers: seven bits a byte, the lowest first. What many
customers have and few events need is kept in this form, so that reading and writing a customer
costs nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterable


def pack(numbers: Iterable[int]) -> bytes:
    """The numbers as bytes."""
    found = bytearray()
    for number in numbers:
        left = number << 1 if number >= 0 else (-number << 1) - 1
        while left > 127:
            found.append(left & 127 | 128)
            left >>= 7
        found.append(left)
    return bytes(found)


def unpack(packed: bytes) -> list[int]:
    """The numbers again."""
    found, number, shift = [], 0, 0
    for byte in packed:
        number |= (byte & 127) << shift
        if byte & 128:
            shift += 7
            continue
        found.append(number >> 1 if not number & 1 else -((number + 1) >> 1))
        number, shift = 0, 0
    return found
