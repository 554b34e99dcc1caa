"""Published and remembered, held against what must have come of the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from statemachine.customer import Customer

_SHOWN = 10


@dataclass
class Differences:
    """How many, of each kind; and a few of them by name."""

    lost: int = 0
    """Expected, and not published."""
    doubled: int = 0
    """Published more often than expected."""
    reordered: int = 0
    """Published, but not at its place among its customer's."""
    foreign: int = 0
    """Published, and never expected."""
    states: int = 0
    """Customers who are remembered otherwise, or are missing, or too many; timers likewise."""
    stages: int = 0
    """Customers whose last word on the compacted topic is another."""
    dead_letters: int = 0
    """Dead letters that are missing, doubled, or too many."""
    failures: int = 0
    """Partitions whose journal cannot be followed at all."""
    examples: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """All of them."""
        return (
            self.lost
            + self.doubled
            + self.reordered
            + self.foreign
            + self.states
            + self.stages
            + self.dead_letters
            + self.failures
        )

    def note(self, example: str) -> None:
        """Keep the first few."""
        if len(self.examples) < _SHOWN:
            self.examples.append(example)

    def said(
        self, expected: Mapping[str, Sequence[bytes]], published: Mapping[str, Sequence[bytes]]
    ) -> None:
        """Per customer, byte for byte and in order."""
        for name in expected.keys() | published.keys():
            must, was = expected.get(name, ()), published.get(name, ())
            if list(must) != list(was):
                self._said_of(name, must, was)

    def _said_of(self, name: str, must: Sequence[bytes], was: Sequence[bytes]) -> None:
        wanted, found = Counter(must), Counter(was)
        lost = wanted - found
        for value, count in (found - wanted).items():
            if value in wanted:
                self.doubled += count
                self.note(f"{name}: published {count} times too often: {_shown(value)}")
            else:
                self.foreign += count
                self.note(f"{name}: never decided: {_shown(value)}")
        for value, count in lost.items():
            self.lost += count
            self.note(f"{name}: lost: {_shown(value)}")
        both = wanted & found
        order_wanted, order_found = _first(must, both), _first(was, both)
        moved = sum(a != b for a, b in zip(order_wanted, order_found, strict=True))
        if moved:
            self.reordered += moved
            self.note(f"{name}: {moved} changes are not in their order")

    def remembered(
        self,
        partition: int,
        expected: Mapping[str, Customer],
        found: Mapping[str, Customer],
        timers: Mapping[str, int],
    ) -> None:
        """The store's customers and timers of one partition."""
        for name in expected.keys() | found.keys():
            if expected.get(name) != found.get(name):
                self.states += 1
                self.note(f"partition {partition}: {name} is remembered otherwise")
        due = {name: one.timer for name, one in expected.items() if one.timer is not None}
        for name in due.keys() | timers.keys():
            if due.get(name) != timers.get(name):
                self.states += 1
                self.note(f"partition {partition}: {name} has another timer")

    def last_words(self, expected: Mapping[str, bytes], found: Mapping[str, bytes]) -> None:
        """The compacted topic of stages."""
        for name in expected.keys() | found.keys():
            if expected.get(name) != found.get(name):
                self.stages += 1
                self.note(f"{name}: the topic of stages says otherwise")

    def letters(
        self, expected: Iterable[tuple[str, int, int]], found: Iterable[tuple[str, int, int]]
    ) -> None:
        """Where the refused records were."""
        must, was = Counter(expected), Counter(found)
        for place, count in [*(must - was).items(), *(was - must).items()]:
            self.dead_letters += count
            self.note(f"dead letter of {place}: {was[place]} in place of {must[place]}")


def _first(values: Sequence[bytes], counts: Counter[bytes]) -> list[bytes]:
    """The first so many of each value, in their order."""
    left = counts.copy()
    found = []
    for value in values:
        if left[value] > 0:
            left[value] -= 1
            found.append(value)
    return found


def _shown(value: bytes) -> str:
    return value.decode(errors="replace")[:160]
