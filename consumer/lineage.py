"""Lineage: whether the store that is brought up is the one that remembered what was committed.

A store draws a name for each partition's state when that begins (store.port.Taken), and every
record of the journal bears the name under which its batch was remembered. A failover, a restart or
a backup keeps the name. So a batch under another name tells of another store: one whose place this
one took, because it was lost, or one that is in use at the same time, because two deployments run
under one name by mistake. The journal is the truth for either, so nothing would be said twice; but
what an operator asks of one store is not in the other, and customers would be copied to where they
do not belong. So:

    this store had been in use, and another one went on     refused, unless accepted
    this store is empty, and whoever owns the other         the other one is lost: this one takes
    partitions has been here                                its place, and that is said
    this store is empty, and they have not been here        they may have lost it too and come at
                                                            once: wait; then refuse
"""

from __future__ import annotations

from typing import Final

from consumer.execute import Rules
from consumer.ports import Ports
from consumer.refusals import other_store, store_in_use_elsewhere
from consumer.settings import Settings
from schemas.outputs import JournalRecord
from store.port import Taken, Unavailable

PATIENCE: Final = 30.0
"""Seconds in which whoever lost the store with us has come back to it: a worker looks at each of
its partitions every second, and may be in the midst of a step that takes a while."""


class Lineage:
    """Looks after one worker's partitions."""

    def __init__(self, settings: Settings, rules: Rules, ports: Ports) -> None:
        self._settings = settings
        self._rules = rules
        self._ports = ports
        self._ours: frozenset[int] = frozenset()
        self._waited_since: dict[int, float] = {}

    def assigned(self, partitions: frozenset[int]) -> None:
        """These are this worker's now; all others are other workers'."""
        self._ours = partitions
        self._waited_since.clear()

    def breaks(self, number: int, taken: Taken, journal: JournalRecord) -> bool:
        """Whether this batch, which the store misses, is another one's, whose place it may take.

        Raises RefusedToStart if it may not, Unavailable while that is not known.
        """
        if journal.store in (None, taken.store):
            return False
        if not self._settings.accept_store:
            if taken.record is not None:
                raise other_store(number, taken.store, journal)
            self._others_are_here(number, taken, journal)
        self._ports.reporter.adopted(number, taken.store, journal)
        return True

    def _others_are_here(self, number: int, taken: Taken, journal: JournalRecord) -> None:
        """Return if every partition of other workers is known to this store, too."""
        absent = [
            other
            for other in range(self._rules.partition_count)
            if other not in self._ours and self._ports.keeper.look(other)[0] is None
        ]
        if not absent:
            self._waited_since.pop(number, None)
            return
        now = self._ports.clock.monotonic()
        if now - self._waited_since.setdefault(number, now) > PATIENCE:
            raise store_in_use_elsewhere(number, taken.store, journal, absent)
        raise Unavailable(
            f"partition {number} was remembered by another store ('{journal.store}'), and this one"
            f" is empty: waiting up to {PATIENCE:.0f} s for whoever has partition"
            f" {', '.join(map(str, absent))} to come to it too"
        )
