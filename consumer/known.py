"""The states that a worker has at hand: what the store holds, as long as it is where we left it.

Every load and write names the batch that this worker wrote last, and is refused if the store is
elsewhere; so a state loaded or written since then is the store's own, and need not be asked for
again. After any doubt the partition is recovered, and nothing is known any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from statemachine.customer import Customer
from store.port import CustomerWrite


class Known:
    """Customers of one partition, at most so many: those longest untouched are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._states: dict[str, Customer] = {}

    def unknown(self, names: Iterable[str]) -> list[str]:
        """Those that must be loaded."""
        return [name for name in names if name not in self._states]

    def completed(
        self, names: Iterable[str], loaded: Mapping[str, Customer]
    ) -> dict[str, Customer]:
        """The states of `names` and of everybody loaded; who is in neither is new to the bank."""
        states = {name: self._states[name] for name in names if name in self._states}
        return states | dict(loaded)

    def written(self, customers: Mapping[str, CustomerWrite]) -> None:
        """The store holds these now."""
        states = self._states
        for name, write in customers.items():
            states.pop(name, None)
            if write.customer is not None:
                states[name] = write.customer
        for name in list(islice(states, max(0, len(states) - self._most))):
            del states[name]
