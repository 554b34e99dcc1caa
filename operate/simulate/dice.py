"""Seeded chance that gives the same lives on every machine and every Python.

Only `Random(int).random()` is drawn from, and only additions and multiplications follow it: no
function of the platform's mathematics library, whose last digit differs between platforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Chance for one purpose, named by its seeds: other purposes draw from other dice."""

    __slots__ = ("random",)

    def __init__(self, *seeds: int | str) -> None:
        text = "/".join(map(str, seeds)).encode()
        seed = int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
        self.random = Random(seed).random  # noqa: S311 - a simulation, nothing secret

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included, each as likely."""
        return low + int(self.random() * (high - low + 1))

    def skewed(self, low: int, high: int) -> int:
        """A whole number from low to high, small ones far more likely, as amounts are."""
        draw = self.random()
        return low + int((high - low) * draw * draw * draw)

    def pick(self, table: Sequence[tuple[float, T]]) -> T:
        """One of the values by its weight; the weights add up to 1."""
        draw = self.random()
        for weight, value in table:
            draw -= weight
            if draw < 0:
                return value
        return table[-1][1]
