"""Choices: the only thing that making a record asks for is a number below another.

Whoever gives the numbers decides the record. Here they are read off bytes, one or two for each, so
that whatever fuzzer gives bytes gives records; when none are left, every answer is the plainest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """What may be asked, in words."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below
        """A whole number from 0, less than the one given."""

    def pick(self, options: Sequence[T]) -> T:
        """One of them; the first is the plainest."""
        return options[self.below(len(options))]

    @classmethod
    def of_bytes(cls, data: bytes) -> Choices:
        """The choices that some bytes are."""
        left = iter(data)

        def below(many: int) -> int:
            if many < 2:
                return 0
            found = next(left, 0)
            if many > 256:
                found = found << 8 | next(left, 0)
            return found % many

        return cls(below)

    def one_in(self, many: int) -> bool:
        """Whether it is the one time in so many."""
        return self.below(many) == many - 1

    def between(self, least: int, most: int) -> int:
        """A whole number from `least` to `most`, both inclusive."""
        return least + self.below(most - least + 1)
